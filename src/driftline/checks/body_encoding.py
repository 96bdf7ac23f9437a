"""Encodes request bodies of every kind as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from driftline.media import FIELD_KINDS, find_item_separator
from driftline.openapi import Body, MediaType, Spec, is_array, is_file_field, is_object

BOUNDARY: Final = "driftline-boundary"
_CONCRETE: Final = {
    "audio/*": "audio/wav",
    "image/*": "image/png",
    "text/*": "text/plain",
    "video/*": "video/mp4",
}
"""What is sent where a document has a range of a type."""


def best_media(body: Body | None) -> MediaType | None:
    """Return the media type of a generated request body: JSON if there is a choice."""
    if body is None:
        return None
    return body.json or next(iter(body.content), None)


def fit_body(media: MediaType, value: Any) -> Any:
    """Return the argument for a body with this value: itself, a list of lines, or a string."""
    if media.kind in FIELD_KINDS:
        return value
    if media.kind == "json_lines":
        return "".join(json.dumps(each) + "\n" for each in (value if is_array(value) else [value]))
    if isinstance(value, str):
        return value
    return json.dumps(value) if media.kind == "text" else "text"


def encode_body(spec: Spec, media: MediaType | None, value: Any) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a value."""
    name = "application/json" if media is None else media.name
    if media is None or media.kind == "json":
        if "*" in name:
            name = "application/json"
        return name, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    if media.kind == "form":
        encodings = spec.get_node(media.pointer + "/encoding")
        pairs = _list_form_pairs(value, encodings if is_object(encodings) else {})
        return media.essence, urlencode(list(pairs)).encode()
    if media.kind == "multipart":
        content = b"".join(_parts(spec, media, value)) + f"--{BOUNDARY}--\r\n".encode()
        return f"{media.essence}; boundary={BOUNDARY}", content
    if media.kind == "json_lines" and is_array(value):
        content = b"".join(json.dumps(each).encode() + b"\n" for each in value)
    elif isinstance(value, bytes):
        content = value
    else:
        content = (value if isinstance(value, str) else json.dumps(value)).encode()
    return _CONCRETE.get(name, "application/octet-stream") if "*" in name else name, content


def _list_form_pairs(value: Any, encodings: Mapping[str, Any]) -> Iterator[tuple[str, str | bytes]]:
    """Yield the fields of a form, by the style that the document names for them."""
    for name, field in value.items() if is_object(value) else ():
        encoding = encodings.get(name)
        how: Mapping[str, Any] = encoding if is_object(encoding) else {}
        separator = find_item_separator(how)
        if (
            is_array(field)
            and separator
            and not any(isinstance(each, dict | list) for each in field)
        ):
            yield name, separator.join(str(text) for _, text in _pairs({name: field}))
        elif is_object(field) and how.get("style") == "deepObject":
            yield from _pairs({f"{name}[{key}]": each for key, each in field.items()})
        else:
            yield from _pairs({name: field})


def _pairs(value: Any) -> Iterator[tuple[str, str | bytes]]:
    """Yield the fields of a form: a list repeats its name, an object is JSON."""
    for name, field in value.items() if is_object(value) else ():
        for each in field if is_array(field) else [field]:
            yield name, each if isinstance(each, (str, bytes)) else json.dumps(each)


def _parts(spec: Spec, media: MediaType, value: Any) -> Iterator[bytes]:
    for name, text in _pairs(value):
        file = '; filename="file"\r\nContent-Type: application/octet-stream'
        kind = file if is_file_field(spec, media.schema_pointer, name) else ""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{kind}\r\n\r\n'
        content = text if isinstance(text, bytes) else text.encode()
        yield head.encode() + content + b"\r\n"
