"""Encodes request bodies of every kind as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from driftline.media import FIELD_KINDS, TRAITS, VALUE_KINDS, find_item_separator
from driftline.openapi import (
    Body,
    MediaType,
    Spec,
    is_array,
    is_file_field,
    is_object,
    pointer,
)

BOUNDARY: Final = "driftline-boundary"
_BYTES: Final = "application/octet-stream"
_CONCRETE: Final = {
    "audio/*": "audio/wav",
    "image/*": "image/png",
    "text/*": "text/plain",
    "video/*": "video/mp4",
}
"""The types that are sent for documented ranges."""


def choose_media_type(body: Body | None) -> MediaType | None:
    """Return the media type of a generated request body, which is that of a client."""
    return next(iter(body.choices), None) if body else None


def fit_body(media: MediaType, value: Any) -> Any:
    """Return the argument for a body with this value: itself, a list of lines, or a string."""
    if media.kind in FIELD_KINDS:
        return value
    if media.kind == "json_lines":
        return "".join(json.dumps(item) + "\n" for item in (value if is_array(value) else [value]))
    if isinstance(value, str):
        return value
    return json.dumps(value) if media.kind == "text" else "text"


def encode_body(spec: Spec, media: MediaType | None, value: Any) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a value."""
    name = "application/json" if media is None else media.name
    kind = "json" if media is None else media.kind
    if media is None or kind in VALUE_KINDS:
        if "*" in name:
            name = "application/json"
        encoded = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return name, TRAITS[kind].from_json(encoded)
    if media.kind == "form":
        pairs = (
            (name, _format_field(field_value))
            for _, name, field_value in _list_fields(spec, media, value)
        )
        return media.essence, urlencode(list(pairs)).encode()
    if media.kind == "multipart":
        content = b"".join(_write_parts(spec, media, value)) + f"--{BOUNDARY}--\r\n".encode()
        return f"{media.essence}; boundary={BOUNDARY}", content
    if media.kind == "json_lines" and is_array(value):
        content = b"".join(json.dumps(item).encode() + b"\n" for item in value)
    elif isinstance(value, bytes):
        content = value
    else:
        content = (value if isinstance(value, str) else json.dumps(value)).encode()
    return _CONCRETE.get(name, _BYTES) if "*" in name else name, content


def _get_encoding(spec: Spec, media: MediaType, name: str) -> Mapping[str, Any]:
    """Return what a document says about how a field of a form is written."""
    encoding = spec.get_node(media.pointer + pointer.join("encoding", name))
    return encoding if is_object(encoding) else {}


def _list_fields(spec: Spec, media: MediaType, value: Any) -> Iterator[tuple[str, str, Any]]:
    """Yield the fields of a form: the property, the name on the wire, and the value.

    A list repeats its name, and an object is JSON, unless the document says otherwise.
    """
    for name, field in value.items() if is_object(value) else ():
        encoding = _get_encoding(spec, media, name)
        if encoding.get("style") == "deepObject" and isinstance(field, (dict, list)):
            yield from ((name, inner, nested_value) for inner, nested_value in _nest(name, field))
        elif is_array(field) and (separator := find_item_separator(encoding)):
            yield name, name, separator.join(map(_format_field, field))
        else:
            yield from ((name, name, item) for item in (field if is_array(field) else [field]))


def _nest(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield `name[key][0]` for every value within."""
    entries: Iterable[tuple[Any, Any]] = ()
    if is_object(value):
        entries = value.items()
    elif is_array(value):
        entries = enumerate(value)
    else:
        yield name, value
    for key, member in entries:
        yield from _nest(f"{name}[{key}]", member)


def _format_field(value: Any) -> Any:
    return value if isinstance(value, (str, bytes)) else json.dumps(value)


def _write_parts(spec: Spec, media: MediaType, value: Any) -> Iterator[bytes]:
    for field, name, field_value in _list_fields(spec, media, value):
        is_file = is_file_field(spec, media.schema_pointer, field)
        kind = _choose_part_type(_get_encoding(spec, media, field), field_value, is_file=is_file)
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
        head += '; filename="file"' if is_file else ""
        head += f"\r\nContent-Type: {kind}" if kind else ""
        formatted = _format_field(field_value)
        content = formatted if isinstance(formatted, bytes) else formatted.encode()
        yield f"{head}\r\n\r\n".encode() + content + b"\r\n"


def _choose_part_type(encoding: Mapping[str, Any], value: Any, *, is_file: bool) -> str:
    """Return the media type of a part: the first that is documented, or what OpenAPI says."""
    content_type = str(encoding.get("contentType", "")).split(",")[0].strip()
    if content_type:
        return _CONCRETE.get(content_type, _BYTES) if "*" in content_type else content_type
    return _BYTES if is_file else "application/json" if is_object(value) else ""
