"""What a request says, taken apart as its operation's parameters and body are described.

What cannot be read as its type is left as text, so that validation says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

from driftline.mock.decoding import UNREAD, essence, is_json, media_type_of, pairs, parsed
from driftline.mock.memo import remember
from driftline.mock.messages import MAX_BODY, Request
from driftline.mock.refusal import Refusal
from driftline.mock.texts import coerced
from driftline.spec import Operation, Spec
from driftline.spec.model import Parameter
from driftline.spec.pointer import MISSING
from driftline.spec.schema import violations
from driftline.spec.walk import schema_at
from driftline.spec.walk import types as types_of

__all__ = ["Arguments", "read_arguments"]

Arguments = Mapping[str, Any]
MAX_PROBLEMS = 10
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
    query = list(pairs(request.query)) if request.query else []
    readers = _readers(spec)
    for parameter in operation.parameters:
        given = _given(parameter, request, path, query)
        if not given:
            if parameter.required:
                problems.append(f"{_label(parameter)} is missing")
            continue
        reader = readers.get(parameter.pointer)
        if reader is None:
            reader = readers[parameter.pointer] = _Reader(spec, parameter)
        value, wrong = reader.read(tuple(given))
        problems += wrong
        if value is not MISSING:
            arguments[parameter.name] = value
    body = _body(spec, operation, request, problems)
    if problems:
        raise Refusal(400, "; ".join(problems[:MAX_PROBLEMS]))
    return arguments, body


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
        self._types = types_of(spec, parameter.schema_pointer)
        place = schema_at(spec, parameter.schema_pointer, "/0") if "array" in self._types else None
        self._inner = types_of(spec, place) if place else set[str]()
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
        value, problem = self._value(given)
        label = _label(self._parameter)
        if problem:
            return MISSING, [f"{label} {problem}"]
        return value, _problems(self._spec, self._parameter.schema_pointer, value, label)

    def _value(self, given: Sequence[str]) -> tuple[Any, str]:
        """The value of a parameter, and what is wrong with how it was given ("": nothing)."""
        parameter = self._parameter
        if parameter.style == "deepObject":
            fields = (entry.partition("=") for entry in given)
            return {k[len(parameter.name) + 1 :].rstrip("]"): v for k, _, v in fields}, ""
        if "array" in self._types:
            items = list(given)
            if not (parameter.explode and parameter.style == "form"):
                if len(items) > 1:
                    return None, f"is given {len(items)} times; join the values in one"
                items = items[0].split(parameter.separator) if items[0] else []
            return [coerced(item, self._inner) for item in items], ""
        if len(given) > 1:
            return None, f"is given {len(given)} times"
        return coerced(given[0], self._types), ""


def _given(
    parameter: Parameter,
    request: Request,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
) -> Sequence[str]:
    if parameter.place == "path":
        return [unquote(path[parameter.name])]
    if parameter.place == "header":
        value = request.header(parameter.name)
        return [] if value is None else [value]
    if parameter.place == "cookie":
        return list(_cookies(request, parameter.name))
    if parameter.style == "deepObject":
        prefix = parameter.name + "["
        return [f"{k}={v}" for k, v in query if k.startswith(prefix)]
    return [value for key, value in query if key == parameter.name] if query else ()


def _cookies(request: Request, name: str) -> Iterator[str]:
    try:
        cookies: SimpleCookie = SimpleCookie(request.header("Cookie") or "")
    except CookieError:
        return
    if name in cookies:
        yield unquote(cookies[name].value)


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
    return body


def _may_be_empty(request: Request) -> bool:
    """Whether no bytes are a body of the media type that is sent, and not none."""
    sent = essence(request.header("Content-Type") or "")
    return bool(sent) and not is_json(sent) and not sent.startswith("multipart/")


def _problems(spec: Spec, pointer: str, value: Any, label: str) -> list[str]:
    try:
        found = violations(spec, pointer, value)
    except (ValueError, TypeError, OverflowError) as error:
        return [f"{label} cannot be read: {error}"]
    return [f"{label}{violation.path}: {violation.message}" for violation in found]
