"""Arguments to an HTTP request: path, query, headers, cookies and body, as documented."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import httpx

from driftline.runtime.encode.bodies import EncodedBody, encode_body
from driftline.runtime.encode.parameters import (
    encode_cookie_pairs,
    encode_path_value,
    encode_query_pairs,
    format_header_value,
)
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Endpoint, WireParameter
from driftline.runtime.errors import ArgumentError

if TYPE_CHECKING:
    from driftline.runtime.encode.streams import BodyStream


def merge_headers(*layers: Mapping[str, str]) -> dict[str, str]:
    """Merge headers; of two names that differ only in case, the later wins."""
    merged = {name.lower(): (name, value) for layer in layers for name, value in layer.items()}
    return dict(merged.values())


def build_request(
    base_url: str,
    operation: Endpoint,
    arguments: Mapping[str, Any],
    body: Any,
    headers: Mapping[str, str],
    *,
    extra_query: Mapping[str, Any] | None = None,
    extra_body: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """Return the request for `operation`; `arguments` are by wire name.

    `base_url` has no query. Arguments and bodies that are ABSENT or None are left out.

    Raises:
        ArgumentError: a required argument is missing, or a value cannot be encoded.
    """
    encoded_body = encode_body(operation, body, extra_body)
    return assemble_request(
        base_url, operation, arguments, encoded_body, headers=headers, extra_query=extra_query or {}
    )


def assemble_request(
    base_url: str,
    operation: Endpoint,
    arguments: Mapping[str, Any],
    body: EncodedBody | None,
    *,
    headers: Mapping[str, str],
    extra_query: Mapping[str, Any],
) -> httpx.Request:
    """Return a request with an already encoded body; called again for each attempt."""
    message = "this string cannot be sent"
    try:
        target, parameter_headers = _place_arguments(operation, arguments, extra_query)
        message = "a header cannot contain this string"
        url = base_url.rstrip("/") + target
        all_headers = merge_headers(headers, parameter_headers) if parameter_headers else headers
        request = _create_request(operation.method, url, all_headers, body)
        _require_valid_headers(operation, request.headers)
        return request
    except UnicodeEncodeError as error:
        message = f"{operation.id}: {message}: {error.reason}"
    except TypeError as error:
        message = f"{operation.id}: a header is not a string: {error}"
    except httpx.InvalidURL as error:
        message = f"{operation.id}: invalid URL: {error}"
    # Not chained to that error, which holds the text: it may be secret.
    raise ArgumentError(message)


def _create_request(
    method: str, url: str, headers: Mapping[str, str], body: EncodedBody | None
) -> httpx.Request:
    if body is None:
        return httpx.Request(method, url, headers=headers)
    headers = merge_headers({"Content-Type": body.media_type}, headers)
    if isinstance(body.content, bytes):
        return httpx.Request(method, url, headers=headers, content=body.content)
    return _stream_request(method, url, headers, body.content)


# What the HTTP libraries send (RFC 9110, 5.1 and 5.5).
_HEADER_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(rb"(?:[^\0\s]+(?:[ \t]+[^\0\s]+)*)?")


def _require_valid_headers(operation: Endpoint, headers: httpx.Headers) -> None:
    """Raise `ArgumentError` for a header that cannot be sent; its value may be secret."""
    for name, value in headers.raw:
        if not _HEADER_NAME.fullmatch(name):
            raise ArgumentError(f"{operation.id}: {name!r} is not a valid name of a header")
        if not _HEADER_VALUE.fullmatch(value):
            message = "has a line break, a NUL, or white space at its start or end"
            raise ArgumentError(f"{operation.id}: the header {name.decode()} {message}")


def _stream_request(
    method: str, url: str, headers: Mapping[str, str], stream: BodyStream
) -> httpx.Request:
    length = stream.length
    framing = (
        {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    )
    request = httpx.Request(method, url, headers=merge_headers(headers, framing), stream=stream)
    # With a stream, httpx leaves the framing headers to its caller.
    request.headers["Host"] = request.url.netloc.decode("ascii")
    return request


def _place_arguments(
    operation: Endpoint, arguments: Mapping[str, Any], extra_query: Mapping[str, Any]
) -> tuple[str, dict[str, str]]:
    """Return the path with its query, and the headers for arguments."""
    path, query, headers, cookies = operation.path, list[str](), dict[str, str](), list[str]()
    for parameter, value in _select_arguments(operation, arguments):
        location = parameter.location
        if location == "query":
            query += encode_query_pairs(parameter, value)
        elif location == "path":
            path = path.replace(
                "{" + parameter.name + "}", _encode_path(operation, parameter, value)
            )
        elif location == "header":
            headers[parameter.name] = format_header_value(parameter, value)
        else:
            cookies += encode_cookie_pairs(parameter, value)
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    for name, value in extra_query.items():
        query += encode_query_pairs(WireParameter(name, "query"), value)
    path, mark, own_query = path.partition("#")[0].partition("?")
    if mark:
        query.insert(0, quote(own_query, safe=_QUERY_SAFE))
    escaped = quote(path, safe=_PATH_SAFE)
    _check_segments(operation, escaped)
    return f"{escaped}?{'&'.join(query)}" if query else escaped, headers


_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?"


def _select_arguments(
    operation: Endpoint, arguments: Mapping[str, Any]
) -> Iterator[tuple[WireParameter, Any]]:
    if not arguments.keys() <= operation.arguments:
        unknown = ", ".join(sorted(arguments.keys() - operation.arguments))
        raise ArgumentError(f"{operation.id}: no such argument: {unknown}")
    for parameter in operation.parameters:
        value = arguments.get(parameter.argument, ABSENT)
        if value is not ABSENT and value is not None:
            yield parameter, value
        elif parameter.required:
            message = f"{operation.id}: the argument {parameter.argument!r} is required"
            raise ArgumentError(message)


def _encode_path(operation: Endpoint, parameter: WireParameter, value: Any) -> str:
    encoded_value = encode_path_value(parameter, value)
    if encoded_value in {"", ".", ".."}:
        message = f"{operation.id}: {encoded_value!r} cannot be part of a path ({parameter.name})"
        raise ArgumentError(message)
    return encoded_value


def _check_segments(operation: Endpoint, path: str) -> None:
    """Reject path segments `.` and `..` that several arguments form, as in `{name}.{format}`."""
    if "/." in path and not {".", ".."}.isdisjoint(path.split("/")):
        raise ArgumentError(f"{operation.id}: the arguments would change the path")
