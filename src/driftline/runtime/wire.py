"""Arguments to an HTTP request: path, query, headers, cookies and body, as a document says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_array, is_object
from driftline.runtime.operation import Operation, Parameter
from driftline.runtime.values import ABSENT, encode

__all__ = ["Fields", "build_request", "overlaid"]

_DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def overlaid(*layers: Mapping[str, str]) -> dict[str, str]:
    """Headers in one; of two that differ in case only, the later."""
    found = {name.lower(): (name, value) for layer in layers for name, value in layer.items()}
    return dict(found.values())


def build_request(
    base_url: str,
    operation: Operation,
    arguments: Mapping[str, Any],
    body: Any,
    headers: Mapping[str, str],
    *,
    extra_query: Mapping[str, Any] | None = None,
    extra_body: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """The request for `operation`. `arguments` are by wire name; `base_url` is without a query.

    An argument or body that is ABSENT or None is left out.

    Raises:
        ArgumentError: a required argument is missing, or a value cannot be written.
    """
    what = "this text cannot be sent"
    try:
        url, all_headers, written = _parts(
            base_url,
            operation,
            arguments,
            body=body,
            headers=headers,
            extra_query=extra_query or {},
            extra_body=extra_body,
        )
        what = "a header cannot carry this text"
        return httpx.Request(operation.method, url, headers=all_headers, content=written)
    except UnicodeEncodeError as error:
        what = f"{operation.id}: {what}: {error.reason}"
    except TypeError as error:
        what = f"{operation.id}: a header is no text: {error}"
    except httpx.InvalidURL as error:
        what = f"{operation.id}: no URL comes of this: {error}"
    raise ArgumentError(what)  # not from that error, which has the text: it may be secret


def _parts(
    base_url: str,
    operation: Operation,
    arguments: Mapping[str, Any],
    *,
    body: Any,
    headers: Mapping[str, str],
    extra_query: Mapping[str, Any],
    extra_body: Mapping[str, Any] | None,
) -> tuple[str, Mapping[str, str], bytes | None]:
    """The URL, headers and body of a request."""
    path, query, all_headers = operation.path, list[tuple[str, str]](), headers
    cookies: list[str] = []
    for parameter, value in _given(operation, arguments):
        name = parameter.name
        if parameter.place == "path":
            path = path.replace("{" + name + "}", _path_text(operation, parameter, value))
        elif parameter.place == "query":
            query.extend(_query_pairs(parameter, value))
        elif parameter.place == "header":
            all_headers = overlaid(all_headers, {name: _joined(parameter, value)})
        else:
            cookies.append(f"{name}={quote(_joined(parameter, value), safe='')}")
    if cookies:
        all_headers = overlaid(all_headers, {"Cookie": "; ".join(cookies)})
    for name, value in extra_query.items():
        query.extend(_query_pairs(Parameter(name, "query"), value))
    content = _content(operation, body, extra_body)
    if content is not None:
        media_type = operation.media_type or "application/json"
        all_headers = overlaid({"Content-Type": media_type}, all_headers)
    return base_url.rstrip("/") + _path_and_query(path, query), all_headers, content


def _given(operation: Operation, arguments: Mapping[str, Any]) -> Iterator[tuple[Parameter, Any]]:
    known = {parameter.name for parameter in operation.parameters}
    unknown = set(arguments) - known
    if unknown:
        raise ArgumentError(f"{operation.id}: no such argument: {', '.join(sorted(unknown))}")
    for parameter in operation.parameters:
        value = arguments.get(parameter.name, ABSENT)
        if value is not ABSENT and value is not None:
            yield parameter, value
        elif parameter.required:
            raise ArgumentError(f"{operation.id}: the argument {parameter.name!r} is required")


def _content(operation: Operation, body: Any, extra: Mapping[str, Any] | None) -> bytes | None:
    given = body is not ABSENT and body is not None
    if not given and not extra:
        return None
    try:
        written: Any = _written(operation, body) if given else {}
        if extra:
            if not is_object(written):
                raise ArgumentError(f"{operation.id}: extra_body needs a body that is an object")
            written = {**written, **encode(extra)}
        return json.dumps(written, allow_nan=False, ensure_ascii=False).encode()
    except ArgumentError:
        raise
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"{operation.id}: the body is no JSON: {error}") from None


def _written(operation: Operation, body: Any) -> Any:
    """A body given field by field loses what was not given; any other is written as it is."""
    if not isinstance(body, Fields):
        return encode(body)
    missing = [name for name in operation.required_fields if body[name] is ABSENT]
    if missing:
        raise ArgumentError(f"{operation.id}: the body needs {', '.join(missing)}")
    return {
        name: encode(value)
        for name, value in body.items()
        if value is not ABSENT and (value is not None or name in operation.nullable)
    }


class Fields(dict[str, Any]):
    """A body given as keyword arguments, by wire name; for generated code."""

    def unless(self, body: Any) -> Any:
        """The body that was given as a whole, or these fields if none was.

        Raises:
            ArgumentError: it was given both ways.
        """
        if body is ABSENT or body is None:
            return self
        twice = [name for name, value in self.items() if value is not ABSENT]
        if twice:
            raise ArgumentError(f"give either body= or its fields, not both ({', '.join(twice)})")
        return body


def _path_and_query(path: str, query: list[tuple[str, str]]) -> str:
    escaped = quote(path, safe="/%:@!$&'()*+,;=~-._")
    if not query:
        return escaped
    return escaped + "?" + "&".join(f"{_escaped(k)}={_escaped(v)}" for k, v in query)


def _escaped(text: str) -> str:
    return quote(text, safe="-._~")


def _text(value: Any) -> str:
    value = encode(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None else str(value)


def _items(value: Any) -> list[str] | None:
    encoded = encode(value)
    return [_text(item) for item in encoded] if is_array(encoded) else None


def _joined(parameter: Parameter, value: Any) -> str:
    items = _items(value)
    if items is None:
        return _text(value)
    return _DELIMITERS.get(parameter.style, ",").join(items)


def _path_text(operation: Operation, parameter: Parameter, value: Any) -> str:
    text = _joined(parameter, value)
    if text in {"", ".", ".."}:
        what = f"{operation.id}: {text!r} cannot be part of a path ({parameter.name})"
        raise ArgumentError(what)
    return _escaped(text)


def _query_pairs(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    encoded = encode(value)
    if is_object(encoded):
        for key, item in encoded.items():
            deep = parameter.style == "deepObject"
            yield f"{parameter.name}[{key}]" if deep else key, _text(item)
        return
    items = _items(encoded)
    if items is None:
        yield parameter.name, _text(encoded)
    elif parameter.explode and parameter.style == "form":
        yield from ((parameter.name, item) for item in items)
    else:
        yield parameter.name, _DELIMITERS.get(parameter.style, ",").join(items)
