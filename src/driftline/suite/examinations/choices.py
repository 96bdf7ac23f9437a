"""Documented values in another letter case, which a server should reject."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from driftline.checks import Exchange, format_response
from driftline.openapi import (
    EACH,
    KEYS,
    Operation,
    Parameter,
    Spec,
    change_value,
    is_object,
    is_valid,
    list_types,
    list_value_paths,
    list_violations,
    resolve_value_schema,
)
from driftline.suite.fuzzing.covering import cover
from driftline.suite.fuzzing.failures import is_right
from driftline.suite.fuzzing.leniency import read_leniently
from driftline.suite.probe import Probe
from driftline.suite.samples import Sample, make_sample

_MALFORMED = "driftline: none"
"""A value that is invalid in every format."""
_BODIES = 6
"""How many valid bodies are searched for one with the field."""


def swap_case(documented_values: list[Any]) -> str | None:
    """Return the string with its letter case swapped; None if that string is documented too."""
    swapped = (value.swapcase() for value in documented_values if isinstance(value, str))
    return next((value for value in swapped if value not in documented_values), None)


def check_choices(probe: Probe) -> None:
    """Send each enum a value in another letter case, and each format an invalid value."""
    request = make_sample(probe.session, probe.operation)
    _check_case(probe, request)
    _check_formats(probe, request)
    _check_fields(probe, request)


def _check_case(probe: Probe, request: Sample) -> None:
    for name, pointer, value in _list_parameters(probe.spec, probe.operation):
        exchange = probe.try_send({**request.arguments, name: value}, body=request.body)
        if exchange is None or not exchange.ok:
            continue
        # Another alternative, or another operation at the path, may allow the value.
        if not is_right(probe.spec, read_leniently(probe.spec, probe.operation, exchange.request)):
            _report(probe, pointer, name, exchange)


def _check_formats(probe: Probe, request: Sample) -> None:
    for parameter in probe.operation.parameters:
        pointer, schema = resolve_value_schema(probe.spec, parameter.schema_pointer)
        is_string = list_types(probe.spec, pointer) <= {"string", "null"}
        is_formed = parameter.location != "path" and "format" in schema and is_string
        # Servers may ignore a cookie with a space.
        is_cookie = parameter.location == "cookie"
        malformed = _MALFORMED.replace(" ", "") if is_cookie else _MALFORMED
        if is_formed and not is_valid(probe.spec, pointer, malformed):
            arguments = {**request.arguments, parameter.name: malformed}
            exchange = probe.try_send(arguments, body=request.body)
            if exchange is not None and exchange.ok:
                _report_format(probe, parameter, exchange)


def _check_fields(probe: Probe, request: Sample) -> None:
    media = probe.operation.body.json if probe.operation.body else None
    if media is None:
        return
    fields = list(_list_fields(probe.spec, probe.operation))
    covering = cover(probe.spec, media.schema_pointer, _BODIES, "request") if fields else ()
    bodies = [request.body, *covering]
    for path, value in fields:
        body = next((body for body in bodies if _has_field(body, path)), request.body)
        body = change_value(body, path, partial(_replace, value))
        violations = list_violations(probe.spec, media.schema_pointer, body, "request")
        if violations:
            exchange = probe.send(request.arguments, body=body)
            if exchange.ok and not is_right(probe.spec, exchange.request):
                _report(probe, violations[0].clause, ".".join(path), exchange)


def _report_format(probe: Probe, parameter: Parameter, exchange: Exchange) -> None:
    probe.report(
        "request.invalid.accepted",
        parameter.pointer,
        message=f"the server accepted a value of {parameter.name} that violates its format",
        expected="a rejection (4xx)",
        got=format_response(exchange),
        where=parameter.name,
        exchange=exchange,
    )


def _replace(value: Any, _: Any) -> Any:
    return value


def _report(probe: Probe, pointer: str, name: str, exchange: Exchange) -> None:
    probe.report(
        "request.invalid.accepted",
        pointer,
        message=f"the server accepted a value of {name} that is documented in another case",
        expected="a rejection (4xx)",
        got=format_response(exchange),
        where=name,
        exchange=exchange,
    )


def _list_parameters(spec: Spec, operation: Operation) -> Iterator[tuple[str, str, Any]]:
    """Yield name, clause and wrong value of each parameter with an enum of strings or a format."""
    for parameter in operation.parameters:
        if parameter.location == "path":
            continue  # another path names another row
        pointer, schema = resolve_value_schema(spec, parameter.schema_pointer)
        is_list = schema.get("type") == "array"
        if is_list:
            pointer, schema = resolve_value_schema(spec, pointer + "/items")
        value = swap_case(list(schema.get("enum", ())))
        if value is not None and not is_valid(spec, pointer, value):
            yield parameter.name, parameter.pointer, [value] if is_list else value


def _list_fields(spec: Spec, operation: Operation) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield path and wrong value of each body field with an enum of strings or a format."""
    media = operation.body.json if operation.body else None
    if media is None or (operation.effect and operation.effect.kind == "update"):
        return  # the check of updates sends these
    for value_path in list_value_paths(spec, media.schema_pointer):
        documented_values = [
            value for _, schema in value_path.schemas for value in schema.get("enum", ())
        ]
        value = swap_case(documented_values)
        is_named = value_path.path and not {EACH, KEYS} & set(value_path.path)
        if is_named and value is not None and not value_path.is_read_only:
            yield value_path.path, value


def _has_field(body: Any, path: tuple[str, ...]) -> bool:
    for step in path:
        if not is_object(body) or step not in body:
            return False
        body = body[step]
    return True
