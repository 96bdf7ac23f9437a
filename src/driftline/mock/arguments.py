"""What a request says, taken apart as its operation's parameters and body are described.

What cannot be read as its type is left as text, so that validation says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import unquote

from driftline.mock.decoding import UNREAD, essence, is_json, media_type_of, pairs, parsed
from driftline.mock.messages import MAX_BODY, Request
from driftline.mock.refusal import Refusal
from driftline.mock.texts import coerced
from driftline.spec import Operation, Spec
from driftline.spec.model import Parameter
from driftline.spec.schema import violations
from driftline.spec.walk import schema_at
from driftline.spec.walk import types as types_of

__all__ = ["Arguments", "read_arguments"]

Arguments = Mapping[str, Any]
MAX_PROBLEMS = 10


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
    for parameter in operation.parameters:
        given = _given(parameter, request, path)
        label = f"{parameter.place} parameter {parameter.name!r}"
        if not given:
            if parameter.required:
                problems.append(f"{label} is missing")
            continue
        value, problem = _value(spec, parameter, given)
        if problem:
            problems.append(f"{label} {problem}")
            continue
        arguments[parameter.name] = value
        problems += _problems(spec, parameter.schema_pointer, value, label)
    body = _body(spec, operation, request, problems)
    if problems:
        raise Refusal(400, "; ".join(problems[:MAX_PROBLEMS]))
    return arguments, body


def _given(parameter: Parameter, request: Request, path: Mapping[str, str]) -> Sequence[str]:
    if parameter.place == "path":
        return [unquote(path[parameter.name])]
    if parameter.place == "header":
        value = request.header(parameter.name)
        return [] if value is None else [value]
    if parameter.place == "cookie":
        return list(_cookies(request, parameter.name))
    if parameter.style == "deepObject":
        prefix = parameter.name + "["
        return [f"{k}={v}" for k, v in pairs(request.query) if k.startswith(prefix)]
    return [value for key, value in pairs(request.query) if key == parameter.name]


def _cookies(request: Request, name: str) -> Iterator[str]:
    try:
        cookies: SimpleCookie = SimpleCookie(request.header("Cookie") or "")
    except CookieError:
        return
    if name in cookies:
        yield unquote(cookies[name].value)


def _value(spec: Spec, parameter: Parameter, given: Sequence[str]) -> tuple[Any, str]:
    """The value of a parameter, and what is wrong with how it was given ("": nothing)."""
    types = types_of(spec, parameter.schema_pointer)
    if parameter.style == "deepObject":
        fields = (entry.partition("=") for entry in given)
        return {k[len(parameter.name) + 1 :].rstrip("]"): v for k, _, v in fields}, ""
    if "array" in types:
        items = list(given)
        if not (parameter.explode and parameter.style == "form"):
            if len(items) > 1:
                return None, f"is given {len(items)} times; join the values in one"
            items = items[0].split(parameter.separator) if items[0] else []
        place = schema_at(spec, parameter.schema_pointer, "/0")
        inner = types_of(spec, place) if place else set[str]()
        return [coerced(item, inner) for item in items], ""
    if len(given) > 1:
        return None, f"is given {len(given)} times"
    return coerced(given[0], types), ""


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
