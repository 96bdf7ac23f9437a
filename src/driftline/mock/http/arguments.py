"""Decodes a request into the documented parameters and body.

A value that cannot be converted to its type stays a string, so that validation reports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from driftline.cookies import parse_cookies
from driftline.media import TRAITS, find_body_kind, get_essence
from driftline.mock.fake.hidden import remove_hidden
from driftline.mock.http.body_decoding import UNREAD, JsonLinesBody, find_media_type, parse_body
from driftline.mock.http.messages import MAX_BODY, HttpRequest, Rejection
from driftline.mock.http.styles import Style, UnreadableValue
from driftline.mock.memo import remember
from driftline.openapi import (
    MISSING,
    Operation,
    Parameter,
    Spec,
    describe_stream,
    list_violations,
)

Arguments = Mapping[str, Any]
MAX_PROBLEMS = 10
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Headers that OpenAPI describes elsewhere; parameters with these names are ignored."""
_OF_LIBRARIES = frozenset({"accept-encoding", "user-agent"})
"""Headers that every HTTP library sends by itself: any value or none is accepted."""
_REMEMBERED = 1024
_LONGEST = 200


def read_arguments(
    spec: Spec, operation: Operation, request: HttpRequest, path: Mapping[str, str]
) -> tuple[Arguments, Any]:
    """Return the parameters by name, and the body, after validation.

    Raises:
        Rejection: 400 with all violations, 413 for a body that is too long, or 415 for another
            media type.
    """
    if request.length > MAX_BODY:
        raise Rejection(413, f"the body is more than {MAX_BODY} bytes")
    arguments: dict[str, Any] = {}
    problems: list[str] = []
    query = _list_query_pairs(request.query) if request.query else []
    values_by_name: dict[str, list[str]] = {}
    for name, raw_value in query:
        values_by_name.setdefault(name, []).append(raw_value)
    for reader in _build_readers(spec, operation):
        parameter = reader.parameter
        raw_values = _read_raw_values(reader, request, path, query, values_by_name)
        if not raw_values:
            if parameter.required and not _is_of_libraries(parameter):
                problems.append(f"{_describe(parameter)} is missing")
            continue
        value, violations = reader.read(tuple(raw_values))
        problems += violations
        if value is not MISSING:
            arguments[parameter.name] = value
    body = _read_body(spec, operation, request, problems)
    if problems:
        raise Rejection(400, "; ".join(problems[:MAX_PROBLEMS]))
    return arguments, body


def read_argument(
    spec: Spec,
    operation: Operation,
    parameter: Parameter,
    request: HttpRequest,
    path: Mapping[str, str],
) -> Any:
    """Return the value of one parameter; MISSING if it is absent or unreadable.

    Raises:
        LookupError: the parameter is ignored, since OpenAPI describes it elsewhere.
    """
    reader = next((r for r in _build_readers(spec, operation) if r.parameter is parameter), None)
    if reader is None:
        raise LookupError(parameter.name)
    query = _list_query_pairs(request.query)
    values_by_name: dict[str, list[str]] = {}
    for name, raw_value in query:
        values_by_name.setdefault(name, []).append(raw_value)
    raw_values = _read_raw_values(reader, request, path, query, values_by_name)
    value, violations = reader.read(tuple(raw_values)) if raw_values else (MISSING, [])
    return MISSING if violations else value


def _is_elsewhere(spec: Spec, operation: Operation, parameter: Parameter) -> bool:
    """Return whether OpenAPI describes a parameter elsewhere.

    Such a parameter is ignored.
    """
    if parameter.location == "header" and parameter.name.lower() in _NOT_PARAMETERS:
        return True
    names = {name for alternative in operation.security for name in alternative}
    schemes = (spec.security_schemes[name] for name in names)
    return any(s.kind == parameter.location and s.wire_name == parameter.name for s in schemes)


def _list_query_pairs(query: str) -> list[tuple[str, str]]:
    """Return the names of a query with their undecoded values."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), value) for name, _, value in parts]


def _build_readers(spec: Spec, operation: Operation) -> Sequence[_Reader]:
    """Return the readers of an operation's parameters, without the ignored ones."""
    cache = _remember_readers(spec)
    entry = cache.get(id(operation))
    if entry is None:
        names = {
            parameter.name for parameter in operation.parameters if parameter.location == "query"
        }
        schemes = (
            spec.security_schemes[n] for requirement in operation.security for n in requirement
        )
        names |= {scheme.wire_name for scheme in schemes if scheme.kind == "query"}
        shared = frozenset(names)
        readers = [
            _Reader(spec, parameter, shared)
            for parameter in operation.parameters
            if not _is_elsewhere(spec, operation, parameter)
        ]
        # The operation is kept alive, so that no other one can get its identity.
        entry = cache[id(operation)] = operation, readers
    return entry[1]


@lru_cache(maxsize=64)
def _remember_readers(spec: Spec) -> dict[int, tuple[Operation, Sequence[_Reader]]]:
    """Cache readers by the identity of an operation."""
    return {}


def _is_of_libraries(parameter: Parameter) -> bool:
    return parameter.location == "header" and parameter.name.lower() in _OF_LIBRARIES


def _describe(parameter: Parameter) -> str:
    return f"{parameter.location} parameter {parameter.name!r}"


class _Reader:
    """Reads one parameter; results are cached, since requests repeat."""

    def __init__(self, spec: Spec, parameter: Parameter, names: frozenset[str]) -> None:
        self.parameter = parameter
        self._spec = spec
        self.style = Style(spec, parameter, names)
        self._results: dict[tuple[str, ...], tuple[Any, list[str]]] = {}

    def read(self, raw_values: tuple[str, ...]) -> tuple[Any, list[str]]:
        """Return the value (MISSING: unreadable), and its violations."""
        result = self._results.get(raw_values)
        if result is None:
            result = self._read(raw_values)
            if sum(map(len, raw_values)) <= _LONGEST:
                remember(self._results, raw_values, result, _REMEMBERED)
        return result

    def _read(self, raw_values: tuple[str, ...]) -> tuple[Any, list[str]]:
        label = _describe(self.parameter)
        if raw_values == ("",) and self.style.may_be_empty:
            return MISSING, []
        try:
            value = self.style.read(raw_values)
        except UnreadableValue as problem:
            return MISSING, [f"{label} {problem}"]
        problems = _describe_problems(self._spec, self.style.schema_pointer, value, label)
        if problems and _is_of_libraries(self.parameter):
            return MISSING, []
        return value, problems


def _read_raw_values(
    reader: _Reader,
    request: HttpRequest,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    values_by_name: Mapping[str, list[str]],
) -> Sequence[str]:
    """Return the undecoded values of a parameter."""
    parameter = reader.parameter
    if parameter.location == "query":
        if reader.style.is_plain:
            return values_by_name.get(parameter.name, ())
        return reader.style.select_pairs(query)
    if parameter.location == "path":
        return [path[parameter.name]] if parameter.name in path else []
    if parameter.location == "header":
        value = request.get_header(parameter.name)
        return [] if value is None else [value]
    cookies = dict(parse_cookies(request.get_header("Cookie")))
    return [cookies[parameter.name]] if parameter.name in cookies else []


def _read_body(spec: Spec, operation: Operation, request: HttpRequest, problems: list[str]) -> Any:
    if operation.body is None:
        return None
    if not request.body and not (operation.body.required and _can_be_empty(request)):
        if operation.body.required:
            problems.append("the body is missing")
        return None
    media = find_media_type(operation, request)
    try:
        body = parse_body(spec, media, request)
    except (ValueError, RecursionError) as error:
        problems.append(f"the body cannot be read: {error}")
        return None
    if body is UNREAD:
        return None
    if isinstance(body, JsonLinesBody):
        item = describe_stream(spec, media).data.pointer
        for number, line in enumerate(body.values if item else ()):
            problems += _describe_problems(spec, item, line, f"line {number + 1}")
        return body.values
    if media.schema_pointer:
        problems += _describe_problems(spec, media.schema_pointer, body, "body")
        body = remove_hidden(spec, media.schema_pointer, body, "request")
    return body


def _can_be_empty(request: HttpRequest) -> bool:
    """Return whether zero bytes are a body of the media type."""
    media_type = get_essence(request.get_header("Content-Type") or "")
    return bool(media_type) and TRAITS[find_body_kind(media_type)].can_be_empty


def _describe_problems(spec: Spec, pointer: str, value: Any, label: str) -> list[str]:
    try:
        violations = list_violations(spec, pointer, value, "request")
    except (ValueError, TypeError, OverflowError) as error:
        return [f"{label} cannot be read: {error}"]
    return [f"{label}{violation.path}: {violation.message}" for violation in violations]
