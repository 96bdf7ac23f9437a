"""Decodes the body of a request: JSON, forms, files, text.

A file is decoded to a string with one character per byte, so that a schema can limit its length.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any
from urllib.parse import unquote_plus

import attrs
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from driftline.media import (
    TRAITS,
    VALUE_KINDS,
    find_body_kind,
    find_item_separator,
    get_essence,
    matches,
)
from driftline.mock.http.messages import MAX_BODY, HttpRequest, Rejection
from driftline.mock.http.styles import UnreadableValue, coerce_text, nest_entries, read_typed
from driftline.openapi import (
    MediaType,
    Operation,
    Spec,
    find_schema_at,
    is_object,
    join,
    list_branches,
    list_types as types_of,
)

UNREAD: Any = object()
"""The body of a media type that cannot be compared with its schema, such as XML."""
_CODINGS = ("gzip", "deflate")
_MULTIPART = "multipart/form-data"
_NAMED = b"Content-Disposition: form-data"
"""The key of parts without a field name, in other multipart types."""


@attrs.frozen
class JsonLinesBody:
    """The values of a JSON lines body."""

    values: list[Any]


@attrs.frozen
class _FormField:
    """A field of a form; `kind` is the media type of a file."""

    name: str
    value: str
    kind: str | None = None


def find_media_type(operation: Operation, request: HttpRequest) -> MediaType:
    """Return the documented media type of the body.

    Raises:
        Rejection: 415 with the documented ones.
    """
    media_type = get_essence(request.get_header("Content-Type") or "")
    content = operation.body.content if operation.body else ()
    # An exact name takes precedence over a pattern.
    for media in sorted(content, key=lambda media: media.name.count("*")):
        if _fits(media_type, media.name):
            return media
    if any(media.name == "*/*" for media in content):
        return next(media for media in content if media.name == "*/*")
    expected = ", ".join(media.name for media in content)
    message = f"the body has {media_type or 'no media type'}; expected {expected}"
    raise Rejection(415, message, (("Accept", expected),))


def _fits(media_type: str, documented_type: str) -> bool:
    """Return whether a media type is a documented one; files often lack the name of a range."""
    is_unnamed = get_essence(media_type) == "application/octet-stream" and "/*" in documented_type
    return matches(media_type, documented_type) or is_unnamed


def parse_body(spec: Spec, media: MediaType, request: HttpRequest) -> Any:
    """Return the decoded body.

    Raises:
        ValueError, RecursionError: the body does not match its media type.
        Rejection: 413 or 415 if it is compressed, and too long or in an unknown coding.
    """
    body, content_type = _decompress(request), request.get_header("Content-Type") or ""
    kind = find_body_kind(content_type) if content_type else media.kind
    if kind in VALUE_KINDS:
        return _parse_json(TRAITS[kind].to_json(body).decode("utf-8"))
    if kind == "form":
        fields = [_FormField(key, value) for key, value in parse_pairs(body.decode("utf-8"))]
        return _build_object(spec, media, fields)
    if kind == "multipart" and (get_essence(content_type) == _MULTIPART or _NAMED in body):
        return _build_object(spec, media, _parse_parts(body, content_type))
    if kind == "json_lines":
        lines = body.decode("utf-8").replace("\x1e", "").split("\n")
        return JsonLinesBody([_parse_json(line) for line in lines if line.strip()])
    types = types_of(spec, media.schema_pointer) if media.schema_pointer else set[str]()
    if kind == "text" and types:
        string = _decode_text(body)
        return coerce_text(string, types) if "string" in types else _read_json_text(string)
    return body.decode("latin-1") if not types or "string" in types else UNREAD


def _decode_text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def parse_pairs(string: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a query or a form."""
    for part in string.split("&"):
        if part:
            key, _, value = part.partition("=")
            yield unquote_plus(key), unquote_plus(value)


def _read_json_text(string: str) -> Any:
    """Return the JSON of a string if its schema is not a string, or `UNREAD`."""
    try:
        return _parse_json(string)
    except (ValueError, RecursionError):
        return UNREAD


def _parse_json(string: str) -> Any:
    """Return the JSON of a string, if it can be written as JSON again."""
    value = json.loads(
        string,
        parse_constant=_reject_constant,
        parse_float=_reject_infinity,
        parse_int=_reject_infinity,
    )
    if "\\u" in string:
        json.dumps(value, ensure_ascii=False).encode()  # raises for a lone surrogate
    return value


def _reject_infinity(literal: str) -> Any:
    if len(literal) > 300 or float(literal) in {float("inf"), float("-inf")}:
        raise ValueError(f"{literal[:20]} is a number that is too large")
    return float(literal) if set(literal) & set(".eE") else int(literal)


def _reject_constant(literal: str) -> Any:
    raise ValueError(f"{literal} is not JSON")


def _decompress(request: HttpRequest) -> bytes:
    """Return the decompressed body."""
    body = request.body
    codings = (request.get_header("Content-Encoding") or "").lower().split(",")
    for coding in reversed([coding.strip().removeprefix("x-") for coding in codings]):
        if coding in {"", "identity"}:
            continue
        if coding not in _CODINGS:
            accept = ("Accept-Encoding", ", ".join(_CODINGS))
            raise Rejection(415, f"the body cannot be read as {coding!r}", (accept,))
        try:
            decompressor = zlib.decompressobj(wbits=47)  # the header says which of the two
            body = decompressor.decompress(body, MAX_BODY + 1)
        except zlib.error:
            raise ValueError(f"it is not valid {coding}") from None
        if len(body) > MAX_BODY:
            raise Rejection(413, f"the body is more than {MAX_BODY} bytes after decompression")
        if not decompressor.eof:
            raise ValueError(f"the {coding} stream is truncated")
    return body


def _parse_parts(body: bytes, content_type: str) -> list[_FormField]:
    """Return the fields of a multipart body; werkzeug does the parsing."""
    _, options = parse_options_header(content_type)
    if not options.get("boundary", "").isascii() or not options.get("boundary"):
        raise ValueError("its Content-Type has no boundary")
    parser = FormDataParser(
        _open_in_memory, max_form_memory_size=MAX_BODY, max_form_parts=1000, silent=False
    )
    try:
        _, form, files = parser.parse(BytesIO(body), _MULTIPART, len(body), options)
    except RequestEntityTooLarge:
        raise Rejection(413, "the body has more than 1000 parts") from None
    fields = [_FormField(key, value) for key, value in form.items(multi=True)]
    for key, file in files.items(multi=True):
        with file.stream as stream:
            content = stream.read().decode("latin-1")
            fields.append(
                _FormField(key, content, get_essence(file.content_type or "") or "text/plain")
            )
    return fields


def _open_in_memory(*_: object, **__: object) -> BytesIO:
    """Return a file in memory: an aborted body leaves no open file behind."""
    return BytesIO()


def _build_object(spec: Spec, media: MediaType, fields: Sequence[_FormField]) -> dict[str, Any]:
    """Return the fields by name, each decoded by the schema of its property."""
    encoding = spec.get_node(media.pointer + "/encoding")
    encodings: Mapping[str, Any] = encoding if is_object(encoding) else {}
    fields_by_name: dict[str, list[_FormField]] = {}
    for field in fields:
        fields_by_name.setdefault(field.name, []).append(field)
    body: dict[str, Any] = {}
    nested: dict[str, list[tuple[str, str]]] = {}
    for name, values in fields_by_name.items():
        field_encoding = encodings.get(name)
        field_encoding = field_encoding if is_object(field_encoding) else {}
        schema_pointer = (
            find_schema_at(spec, media.schema_pointer, join(name)) if media.schema_pointer else None
        )
        _require_content_type(field_encoding, values)
        owner, bracket, key = name.partition("[")
        if owner and bracket and key.endswith("]") and not _is_described(spec, media, name):
            entries = nested.setdefault(owner, [])
            entries += [(f"[{key}", value.value) for value in values]
            continue
        body[name] = _read_property(spec, schema_pointer, field_encoding, values)
    for owner, entries in nested.items():
        if owner in body:
            raise ValueError(f"{owner!r} is a value and an object")
        body[owner] = _nest_fields(spec, media, owner, entries)
    return body


def _is_described(spec: Spec, media: MediaType, name: str) -> bool:
    """Return whether a form has a field of exactly this name, including brackets."""
    return any(
        name in schema.get("properties", ())
        for _, schema in (list_branches(spec, media.schema_pointer) if media.schema_pointer else ())
    )


def _nest_fields(spec: Spec, media: MediaType, owner: str, entries: list[tuple[str, str]]) -> Any:
    """Return the value of fields such as `owner[key]`, `owner[0][key]` and `owner[]`."""
    pointer = media.schema_pointer
    schema_pointer = find_schema_at(spec, pointer, join(owner)) if pointer else None
    keys = {key for key, _ in entries}
    if keys <= {"[]"} or (
        schema_pointer and len(keys) == 1 and "array" in types_of(spec, schema_pointer)
    ):
        key = next(iter(keys)).strip("[]")
        if not key or key.isdecimal():
            return read_typed(spec, schema_pointer, [value for _, value in entries])
    try:
        nested_value = nest_entries(spec, schema_pointer, entries)
    except UnreadableValue as problem:
        raise ValueError(f"{owner!r} {problem}") from None
    return nested_value


def _require_content_type(field_encoding: Mapping[str, Any], values: Sequence[_FormField]) -> None:
    """Raise ValueError if a file's media type is not among those of its encoding."""
    expected = field_encoding.get("contentType")
    if not isinstance(expected, str):
        return
    for field in values:
        if field.kind and not any(_fits(field.kind, kind) for kind in expected.split(",")):
            raise ValueError(f"{field.name!r} is {field.kind}; expected {expected}")


def _read_property(
    spec: Spec,
    schema_pointer: str | None,
    field_encoding: Mapping[str, Any],
    values: Sequence[_FormField],
) -> Any:
    strings = [field.value for field in values]
    types = types_of(spec, schema_pointer) if schema_pointer else set[str]()
    separator = find_item_separator(field_encoding)
    if "array" in types and separator and len(strings) == 1:
        strings = strings[0].split(separator) if strings[0] else []
    is_file = any(
        field.kind is not None and find_body_kind(field.kind) != "json" for field in values
    )
    if is_file and "array" not in types:
        return strings if len(strings) > 1 else strings[0]
    return read_typed(spec, schema_pointer, strings) if strings else []
