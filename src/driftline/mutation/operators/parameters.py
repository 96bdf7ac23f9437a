"""Mutants of what a server takes: wrong requests are accepted, or right ones are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import attrs

from driftline.mock import Request, Response
from driftline.mock.fake.data import Data
from driftline.mutation.isolation import Rule, is_only_wrong_by
from driftline.mutation.mutants import Breaks, Broken, Clause, Mutant
from driftline.mutation.operators.query import texts_of, with_parameter, without_parameter
from driftline.mutation.operators.rejections import refused
from driftline.mutation.operators.values import edge
from driftline.openapi.model import Operation, Parameter, Spec
from driftline.openapi.schema.validation import BOUNDS, violations
from driftline.openapi.value_paths import EACH, Place, places

__all__ = ["parameters"]

ACCEPTED = "request.invalid.accepted"
REFUSED = "request.valid.refused"


def parameters(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Every mutant of the operation's parameters."""
    for parameter in operation.parameters:
        about = _About(spec, operation, parameter)
        yield from _required(about)
        for place in places(spec, parameter.schema_pointer):
            yield from _accepted(about, place)
            yield from _refused(about, place)
        for word in ("style", "explode"):
            if word in spec.node(parameter.pointer):
                several = partial(_refuses_several, parameter)
                yield about.mutant(word, f"{parameter.pointer}/{word}", several, REFUSED)
        yield about.mutant(
            "refused",
            parameter.pointer,
            partial(_refuses, parameter, None),
            REFUSED,
            whole=parameter.required,
        )


@attrs.frozen
class _About:
    """A parameter."""

    spec: Spec
    operation: Operation
    parameter: Parameter

    def mutant(
        self, kind: str, pointer: str, breaks: Breaks | None, expected: str, **more: Any
    ) -> Mutant:
        name = self.parameter.name
        place = name + (EACH if more.pop("items", False) else "")
        clause = Clause(self.operation, f"parameter.{kind}", pointer, place)
        own = {self.parameter.pointer, self.parameter.schema_pointer}
        wheres = {name}
        if more.pop("whole", False):
            # Where every request is refused, nobody can say for what.
            own.add(self.operation.pointer)
            wheres.add("")
        return Mutant.of(
            self.spec,
            clause,
            breaks,
            expected,
            pointers=frozenset(own),
            wheres=frozenset(wheres),
            **more,
        )

    def accepted(self, rule: Rule, *, items: bool = False, equivalent: str = "") -> Mutant:
        """The mutant that takes a value although it breaks the rule."""
        valid = _valid(self.spec, self.parameter)
        breaks = _Takes(self.parameter, rule, valid)
        kind = f"{rule.word}.accepted"
        return self.mutant(kind, rule.pointer, breaks, ACCEPTED, items=items, equivalent=equivalent)


def _valid(spec: Spec, parameter: Parameter) -> list[str]:
    """Texts that the parameter may well have; none where it may be left out."""
    if not parameter.required:
        return []
    for value in (*parameter.examples, Data(spec, 0).value(parameter.schema_pointer, 0)):
        if not violations(spec, parameter.schema_pointer, value):
            return texts_of(value)
    return []


@attrs.frozen
class _Takes:
    """Puts `valid` in the place of a value that only breaks the rule."""

    parameter: Parameter
    rule: Rule
    valid: list[str]

    def __call__(self, server: Broken, operation: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if response.status != 400:
            return response
        if not is_only_wrong_by(server.spec, operation, self.parameter, self.rule, request):
            return response
        return server.mock.handle(with_parameter(operation, self.parameter, request, self.valid))


def _refuses(
    parameter: Parameter,
    text: str | None,
    server: Broken,
    operation: Operation,
    request: Request,
) -> Response:
    """Refuses what has this text (None: any) as the parameter."""
    response = server.mock.handle(request)
    found = without_parameter(operation, parameter, request)[1]
    if response.status < 400 and found and (text is None or text in found):
        return refused(server.spec, operation, 400)
    return response


def _refuses_several(
    parameter: Parameter, server: Broken, operation: Operation, request: Request
) -> Response:
    """Cannot read a list of several values, as if it were written in another way."""
    response = server.mock.handle(request)
    found = without_parameter(operation, parameter, request)[1]
    if response.status < 400 and len(found) > 1:
        return refused(server.spec, operation, 400)
    return response


def _required(about: _About) -> Iterator[Mutant]:
    parameter = about.parameter
    if parameter.required:
        rule = Rule("required", parameter.pointer + "/required", parameter.pointer)
        reason = "without it, it is another path" if parameter.place == "path" else ""
        yield about.accepted(rule, equivalent=reason)


def _accepted(about: _About, place: Place) -> Iterator[Mutant]:
    items = place.path == (EACH,)
    if place.path and not items:
        return
    for pointer, schema in place.schemas:
        if "type" in schema and schema["type"] != "null":
            reason = _type_reason(place)
            rule = Rule("type", f"{pointer}/type", pointer)
            yield about.accepted(rule, items=items, equivalent=reason)
        for word in ("enum", "const", "format", *BOUNDS):
            if word in schema:
                rule = Rule(word, f"{pointer}/{word}", pointer)
                reason = _row_reason(about) or _list_reason(word, schema)
                yield about.accepted(rule, items=items, equivalent=reason)


def _row_reason(about: _About) -> str:
    effect = about.operation.effect
    names_row = about.parameter.place == "path" and effect and effect.id == about.parameter.name
    return "what names no row is refused all the same" if names_row else ""


def _list_reason(word: str, schema: Mapping[str, Any]) -> str:
    is_one = word == "minItems" and schema[word] == 1
    return "in a URL an empty list is not there, or one empty text" if is_one else ""


def _type_reason(place: Place) -> str:
    if "string" in place.types:
        return "in a URL everything is a text"
    return "in a URL one item and a list look the same" if "array" in place.types else ""


def _refused(about: _About, place: Place) -> Iterator[Mutant]:
    """Each documented value, and each bound itself."""
    items = place.path == (EACH,)
    if place.path and not items:
        return
    for pointer, schema in place.schemas:
        named = [(value, "enum") for value in schema.get("enum", ()) if value is not None]
        for word in ("minimum", "maximum"):
            value = edge(word, schema) if word in schema else None
            named += [(value, word)] if value is not None else []
        for value, word in named:
            text = texts_of(value)[0]
            yield about.mutant(
                f"{word}.refused",
                f"{pointer}/{word}",
                partial(_refuses, about.parameter, text),
                REFUSED,
                items=items,
                how=quote(text, safe=""),
            )
