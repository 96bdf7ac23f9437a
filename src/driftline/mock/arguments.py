"""What a request says, taken apart as its operation's parameters and body are described.

What cannot be read as its type is left as text, so that validation says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote_plus

from driftline.mock.decoding import UNREAD, media_type_of, parsed
from driftline.mock.hidden import without_hidden
from driftline.mock.memo import remember
from driftline.mock.messages import MAX_BODY, Request
from driftline.mock.refusal import Refusal
from driftline.mock.styles import Style, UnreadableValue
from driftline.spec import Operation, Spec
from driftline.spec.media import body_kind, essence
from driftline.spec.model import Parameter
from driftline.spec.pointer import MISSING
from driftline.spec.schema import violations

__all__ = ["Arguments", "read_arguments"]

Arguments = Mapping[str, Any]
MAX_PROBLEMS = 10
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Headers that OpenAPI says elsewhere; a parameter of such a name is to be ignored."""
_REMEMBERED = 1024
_LONGEST = 200


def read_arguments(
    spec: Spec, operation: Operation, request: Request, path: Mapping[str, str]
) -> tuple[Arguments, Any]:
    """The parameters by name, and the body, both valid.

    Raises:
        Refusal: 400 with all that is wrong, 413 for a body that is too long, or 415 for one of
            another media type.
    """
    if request.length > MAX_BODY:
        raise Refusal(413, f"the body is more than {MAX_BODY} bytes")
    arguments: dict[str, Any] = {}
    problems: list[str] = []
    query = _query_pairs(request.query)
    readers = _readers(spec)
    for parameter in operation.parameters:
        if _is_elsewhere(spec, operation, parameter):
            continue
        reader = readers.get(parameter.pointer)
        if reader is None:
            reader = readers[parameter.pointer] = _Reader(spec, parameter)
        given = _given(parameter, reader, request, path, query)
        if not given:
            if parameter.required:
                problems.append(f"{_label(parameter)} is missing")
            continue
        value, wrong = reader.read(tuple(given))
        problems += wrong
        if value is not MISSING:
            arguments[parameter.name] = value
    body = _body(spec, operation, request, problems)
    if problems:
        raise Refusal(400, "; ".join(problems[:MAX_PROBLEMS]))
    return arguments, body


def _is_elsewhere(spec: Spec, operation: Operation, parameter: Parameter) -> bool:
    """Whether what a parameter says is said by OpenAPI in another place: it is to be ignored."""
    if parameter.place == "header" and parameter.name.lower() in _NOT_PARAMETERS:
        return True
    names = {name for alternative in operation.security for name in alternative}
    schemes = (spec.security_schemes[name] for name in names)
    return any(s.kind == parameter.place and s.wire_name == parameter.name for s in schemes)


def _query_pairs(query: str) -> list[tuple[str, str]]:
    """The names of a query, and their values as they were sent."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(unquote_plus(name), value) for name, _, value in parts]


@lru_cache(maxsize=64)
def _readers(spec: Spec) -> dict[str, _Reader]:
    """By pointer, what reads a parameter."""
    return {}


def _label(parameter: Parameter) -> str:
    return f"{parameter.place} parameter {parameter.name!r}"


class _Reader:
    """Reads one parameter; what was read is remembered, since the same is asked over and over."""

    def __init__(self, spec: Spec, parameter: Parameter) -> None:
        self._parameter = parameter
        self._spec = spec
        self.style = Style(spec, parameter)
        self._known: dict[tuple[str, ...], tuple[Any, list[str]]] = {}

    def read(self, given: tuple[str, ...]) -> tuple[Any, list[str]]:
        """The value (MISSING: it cannot be read), and all that is wrong with it."""
        found = self._known.get(given)
        if found is None:
            found = self._read(given)
            if sum(map(len, given)) <= _LONGEST:
                remember(self._known, given, found, _REMEMBERED)
        return found

    def _read(self, given: tuple[str, ...]) -> tuple[Any, list[str]]:
        label = _label(self._parameter)
        if given == ("",) and self.style.may_be_empty:
            return MISSING, []
        try:
            value = self.style.read(given)
        except UnreadableValue as problem:
            return MISSING, [f"{label} {problem}"]
        return value, _problems(self._spec, self.style.schema_pointer, value, label)


def _given(
    parameter: Parameter,
    reader: _Reader,
    request: Request,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
) -> Sequence[str]:
    """What a request has for a parameter, as it was sent."""
    if parameter.place == "path":
        return [path[parameter.name]] if parameter.name in path else []
    if parameter.place == "header":
        value = request.header(parameter.name)
        return [] if value is None else [value]
    if parameter.place == "cookie":
        return list(_cookies(request, parameter.name))
    return reader.style.in_query(query) if query else ()


def _cookies(request: Request, name: str) -> Iterator[str]:
    try:
        cookies: SimpleCookie = SimpleCookie(request.header("Cookie") or "")
    except CookieError:
        return
    if name in cookies:
        yield cookies[name].value


def _body(spec: Spec, operation: Operation, request: Request, problems: list[str]) -> Any:
    if operation.body is None:
        return None
    if not request.body and not (operation.body.required and _may_be_empty(request)):
        if operation.body.required:
            problems.append("the body is missing")
        return None
    media = media_type_of(operation, request)
    try:
        body = parsed(spec, media, request)
    except (ValueError, RecursionError) as error:
        problems.append(f"the body cannot be read: {error}")
        return None
    if body is UNREAD:
        return None
    if media.schema_pointer:
        problems += _problems(spec, media.schema_pointer, body, "body")
        body = without_hidden(spec, media.schema_pointer, body, "request")
    return body


def _may_be_empty(request: Request) -> bool:
    """Whether no bytes are a body of the media type that is sent, and not none."""
    sent = essence(request.header("Content-Type") or "")
    return bool(sent) and body_kind(sent) not in {"json", "multipart"}


def _problems(spec: Spec, pointer: str, value: Any, label: str) -> list[str]:
    try:
        found = violations(spec, pointer, value, "request")
    except (ValueError, TypeError, OverflowError) as error:
        return [f"{label} cannot be read: {error}"]
    return [f"{label}{violation.path}: {violation.message}" for violation in found]
