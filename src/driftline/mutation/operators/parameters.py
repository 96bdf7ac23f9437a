"""Mutants of parameters: accept invalid values, or reject valid ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import attrs

from driftline.mock import Data, HttpRequest, HttpResponse
from driftline.mutation.isolation import LooseRule, is_only_wrong_by
from driftline.mutation.mutants import Breaks, BrokenMock, Clause, Mutant, operator
from driftline.mutation.operators.query import encode_texts, remove_parameter, replace_parameter
from driftline.mutation.operators.rejections import build_rejection
from driftline.mutation.operators.values import make_edge_value
from driftline.openapi import (
    BOUNDS,
    EACH,
    Operation,
    Parameter,
    Spec,
    ValuePath,
    find_stream_flag,
    follow,
    is_object,
    is_valid,
    list_references,
    list_value_paths,
)

ACCEPTED = "request.invalid.accepted"
REJECTED = "request.valid.rejected"


@operator
def generate_parameter_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of the operation's parameters."""
    for parameter in operation.parameters:
        about = _ParameterContext(spec, operation, parameter)
        yield from _mutate_required(about)
        for value_path in list_value_paths(spec, parameter.schema_pointer):
            yield from _mutate_acceptance(about, value_path)
            yield from _mutate_rejection(about, value_path)
        for keyword in ("style", "explode"):
            if keyword in spec.get_node(parameter.pointer):
                several = partial(_reject_lists, parameter)
                yield about.build_mutant(
                    keyword, f"{parameter.pointer}/{keyword}", several, REJECTED
                )
        yield about.build_mutant(
            "rejected",
            parameter.pointer,
            partial(_reject_text, parameter, None),
            REJECTED,
            whole=parameter.required,
        )


@attrs.frozen
class _ParameterContext:
    """A parameter."""

    spec: Spec
    operation: Operation
    parameter: Parameter

    def build_mutant(
        self, kind: str, pointer: str, breaks: Breaks | None, expected: str, **more: Any
    ) -> Mutant:
        name = self.parameter.name
        location = name + (EACH if more.pop("items", False) else "")
        clause = Clause(self.operation, f"parameter.{kind}", pointer, location)
        pointers = {self.parameter.pointer, self.parameter.schema_pointer}
        locations = {name}
        if more.pop("whole", False):
            # If every request is rejected, the reason cannot be found.
            pointers.add(self.operation.pointer)
            locations.add("")
        return Mutant.build(
            self.spec,
            clause,
            breaks,
            expected,
            pointers=frozenset(pointers),
            locations=frozenset(locations),
            **more,
        )

    def build_lax_mutant(
        self, rule: LooseRule, *, items: bool = False, equivalent: str = ""
    ) -> Mutant:
        """Return the mutant that accepts a value with only this violation."""
        valid = _list_valid_texts(self.spec, self.parameter)
        breaks = _Takes(self.parameter, rule, valid)
        kind = f"{rule.keyword}.accepted"
        return self.build_mutant(
            kind, rule.pointer, breaks, ACCEPTED, items=items, equivalent=equivalent
        )


def _list_valid_texts(spec: Spec, parameter: Parameter) -> list[str]:
    """Yield valid values of the parameter; none if it is optional."""
    if not parameter.required:
        return []
    for value in (*parameter.examples, Data(spec, 0).make_value(parameter.schema_pointer, 0)):
        if is_valid(spec, parameter.schema_pointer, value):
            return encode_texts(value)
    return []


@attrs.frozen
class _Takes:
    """Replaces a value with only this violation by `valid`."""

    parameter: Parameter
    rule: LooseRule
    valid: list[str]

    def __call__(
        self, server: BrokenMock, operation: Operation, request: HttpRequest
    ) -> HttpResponse:
        response = server.mock.handle(request)
        if response.status != 400:
            return response
        if not is_only_wrong_by(server.spec, operation, self.parameter, self.rule, request):
            return response
        values = _list_existing_texts(server, self.parameter) or self.valid
        return server.mock.handle(replace_parameter(operation, self.parameter, request, values))


def _list_existing_texts(server: BrokenMock, parameter: Parameter) -> list[str]:
    """Return the id of a row if the parameter refers to one; a mock rejects others."""
    for reference in list_references(server.spec, parameter.schema_pointer)[:1]:
        listing = server.spec.find_operation(reference.of)
        rows = server.mock.list_rows(reference.of)
        if listing and listing.listing and rows and not reference.path:
            return encode_texts(follow(rows[0], listing.listing.id))
    return []


def _reject_text(
    parameter: Parameter,
    value: str | None,
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Reject this value (None: any) of the parameter."""
    response = server.mock.handle(request)
    values = remove_parameter(operation, parameter, request)[1]
    if response.status < 400 and values and (value is None or value in values):
        return build_rejection(server.spec, operation, 400)
    return response


def _reject_lists(
    parameter: Parameter, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    """Reject a list of several values, as if it had another style."""
    response = server.mock.handle(request)
    values = remove_parameter(operation, parameter, request)[1]
    if response.status < 400 and len(values) > 1:
        return build_rejection(server.spec, operation, 400)
    return response


def _mutate_required(about: _ParameterContext) -> Iterator[Mutant]:
    parameter = about.parameter
    if parameter.required:
        rule = LooseRule("required", parameter.pointer + "/required", parameter.pointer)
        reason = "without it, it is another path" if parameter.location == "path" else ""
        yield about.build_lax_mutant(rule, equivalent=reason)


def _mutate_acceptance(about: _ParameterContext, value_path: ValuePath) -> Iterator[Mutant]:
    items = value_path.path == (EACH,)
    if value_path.path and not items:
        return
    for pointer, schema in value_path.schemas:
        if "type" in schema and schema["type"] != "null":
            reason = _explain_type(value_path) or _explain_row(about)
            rule = LooseRule("type", f"{pointer}/type", pointer)
            yield about.build_lax_mutant(rule, items=items, equivalent=reason)
        for keyword in ("enum", "const", "format", *BOUNDS):
            if keyword in schema:
                rule = LooseRule(keyword, f"{pointer}/{keyword}", pointer)
                reason = _explain_row(about) or _list_reason(keyword, schema)
                yield about.build_lax_mutant(rule, items=items, equivalent=reason)


def _explain_row(about: _ParameterContext) -> str:
    effect = about.operation.effect
    names_row = about.parameter.location == "path" and effect and effect.id == about.parameter.name
    return "an ID without a row is rejected either way" if names_row else ""


def _list_reason(keyword: str, schema: Mapping[str, Any]) -> str:
    is_one = keyword == "minItems" and schema[keyword] == 1
    return "in a URL an empty list is absent, or one empty string" if is_one else ""


def _explain_type(value_path: ValuePath) -> str:
    if "string" in value_path.types:
        return "in a URL every value is a string"
    return "in a URL one item and a list look the same" if "array" in value_path.types else ""


def _mutate_rejection(about: _ParameterContext, value_path: ValuePath) -> Iterator[Mutant]:
    """Yield mutants that reject a documented value or the exact bound."""
    items = value_path.path == (EACH,)
    if value_path.path and not items:
        return
    for pointer, schema in value_path.schemas:
        documented_values = [
            (value, "enum") for value in schema.get("enum", ()) if value is not None
        ]
        for keyword in ("minimum", "maximum"):
            value = make_edge_value(keyword, schema) if keyword in schema else None
            documented_values += [(value, keyword)] if value is not None else []
        for value, keyword in documented_values:
            encoded = encode_texts(value)[0]
            reason = _explain_page(about) if keyword == "maximum" else ""
            yield about.build_mutant(
                f"{keyword}.rejected",
                f"{pointer}/{keyword}",
                partial(_reject_text, about.parameter, encoded),
                REJECTED,
                items=items,
                how=quote(encoded, safe=""),
                equivalent=reason,
            )


def _explain_page(about: _ParameterContext) -> str:
    listing = about.operation.listing
    is_page = listing is not None and about.parameter.name in listing.page.parameters
    return "a page past the end may be rejected" if is_page else ""


@operator
def generate_default_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield mutants with another default of an optional parameter."""
    rules = operation.listing.parameters if operation.listing else frozenset[str]()
    flag = find_stream_flag(spec, operation)
    for parameter in operation.parameters:
        pointer, schema = spec.resolve(parameter.schema_pointer)
        if parameter.required or not is_object(schema) or "default" not in schema:
            continue
        default = schema["default"]
        other_values = [value for value in schema.get("enum", ()) if value != default]
        if isinstance(default, bool):
            other_values = [not default]
        elif isinstance(default, (int, float)) and not other_values:
            other_values = [default + 1, default - 1]
        encoded = encode_texts(other_values[0]) if other_values else []
        reason = "" if operation.is_read else "a write is not sent twice to compare"
        if parameter.name not in {*rules, flag}:
            reason = reason or "no clause says what the parameter changes"
        if not encoded:
            reason = reason or "no other value is known"
        clause = Clause(operation, "parameter.default", f"{pointer}/default", parameter.name)
        yield Mutant.build(
            spec,
            clause,
            partial(_change_default, parameter, encoded),
            "parameter.default.wrong",
            pointers=frozenset({parameter.schema_pointer + "/default"}),
            equivalent=reason,
        )


def _change_default(
    parameter: Parameter,
    values: list[str],
    server: BrokenMock,
    operation: Operation,
    request: HttpRequest,
) -> HttpResponse:
    if remove_parameter(operation, parameter, request)[1]:
        return server.mock.handle(request)
    return server.mock.handle(replace_parameter(operation, parameter, request, values))
