"""Bodies of forms: `multipart/form-data`, whose parts httpx writes, and URL-encoded ones."""

from __future__ import annotations

import io
import json
import mimetypes
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast
from urllib.parse import quote_plus

import httpx

from driftline.media import get_essence, matches
from driftline.runtime.encode.parameters import encode_style_pairs, format_scalar
from driftline.runtime.encode.streams import BodyStream, PathReader
from driftline.runtime.encode.values import encode_request
from driftline.runtime.endpoint import Encoding
from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_array, is_bytes, is_object, is_path, is_tuple

_Part: TypeAlias = tuple[str, tuple[str | None, Any, str | None]]
_NO_ENCODING = Encoding()


class _ReadOnce:
    """A file that cannot be rewound, without the methods by which httpx would ask for its size."""

    def __init__(self, file: Any) -> None:
        self.read = file.read


def write_multipart(
    fields: Mapping[str, Any], encodings: Mapping[str, Encoding], media_type: str
) -> tuple[BodyStream, str]:
    """Return the body and its Content-Type, which names the boundary.

    Raises:
        ArgumentError, ValueError, RecursionError: a value cannot be encoded.
    """
    parts = [
        part
        for name, value in fields.items()
        for part in _write_field(name, value, encodings.get(name, _NO_ENCODING))
    ]
    try:
        request = httpx.Request("POST", "http://multipart", files=parts or _NO_PARTS)
    except TypeError as error:  # a file opened in text mode
        raise ArgumentError(str(error)) from None
    length, stream = request.headers.get("Content-Length"), cast("Any", request.stream)
    once = any(isinstance(content, _ReadOnce) for _, (_, content, _) in parts)
    body = BodyStream(
        lambda: stream,
        length=int(length) if length else None,
        is_repeatable=not once,
    )
    _, _, parameters = request.headers["Content-Type"].partition(";")
    return body, f"{get_essence(media_type)};{parameters}"


# Without a part httpx writes no body, but a multipart body needs at least its last line.
_NO_PARTS: list[_Part] = [("", (None, b"", None))]


def _write_field(name: str, value: Any, encoding: Encoding) -> Iterator[_Part]:
    if is_file(value):
        yield name, _write_file(name, value, encoding)
        return
    if (is_array(value) or is_tuple(value)) and any(map(is_file, value)):
        for item in value:
            yield from _write_field(name, item, encoding)
        return
    value = encode_request(value)
    if encoding.style is not None and isinstance(value, (dict, list)):
        for pair in encode_style_pairs(name, value, encoding.style, encoding.explode, str):
            key, _, encoded_value = pair.partition("=")
            yield key.replace("%5B", "[").replace("%5D", "]"), (None, encoded_value.encode(), None)
        return
    for item in value if is_array(value) else [value]:
        yield name, (None, *_write_value(item, encoding))


def _write_value(value: Any, encoding: Encoding) -> tuple[bytes, str | None]:
    """Return the content of a part that is not a file, and its media type if it needs one."""
    media_type = _pick_media_type(encoding)
    if is_object(value) or is_array(value):
        content = json.dumps(value, allow_nan=False, ensure_ascii=False)
        return content.encode(), media_type or "application/json"
    return next(format_field_values(value)).encode(), media_type


def is_file(value: Any) -> bool:
    """Return whether a value is the content of a file, or a tuple with such content."""
    if not is_tuple(value):
        return _is_content(value)
    is_named = len(value) in {2, 3} and (value[0] is None or isinstance(value[0], str))
    return is_named and _is_content(value[1])


def _is_content(value: Any) -> bool:
    return is_bytes(value) or is_path(value) or hasattr(value, "read")


def _write_file(name: str, value: Any, encoding: Encoding) -> tuple[str | None, Any, str | None]:
    """Return the filename, content and media type of a file."""
    filename: str | None = None
    content, media_types = value, list[str | None]()
    if is_tuple(value):
        filename, content, *media_types = value
    else:
        path: Any = value if is_path(value) else getattr(value, "name", None)
        filename = Path(path).name if isinstance(path, str) or is_path(path) else None
    media_type = media_types[0] if media_types else _pick_media_type(encoding, filename)
    if is_tuple(value) and filename is None:
        return None, _open_content(name, content), media_type
    # Servers read a part without a filename as a plain field.
    return filename or "upload", _open_content(name, content), media_type


def _open_content(name: str, content: Any) -> Any:
    """Return the content in a form that httpx can read."""
    if is_path(content):
        try:
            return PathReader(content)
        except OSError as error:
            raise ArgumentError(f"{name}: the file cannot be read: {error.strerror}") from None
    if hasattr(content, "read"):
        return content if _is_seekable(content) else _ReadOnce(content)
    return bytes(content)


def _is_seekable(file: Any) -> bool:
    seekable = getattr(file, "seekable", None)
    return isinstance(file, io.BytesIO) or bool(seekable and seekable())


def _pick_media_type(encoding: Encoding, filename: str | None = None) -> str | None:
    """Return the media type of a part: the documented one that matches its file, or the first."""
    names = [name.strip() for name in (encoding.media_type or "").split(",")]
    guessed_type = mimetypes.guess_type(filename)[0] if filename else None
    if guessed_type and any(matches(guessed_type, name) for name in names):
        return guessed_type
    return next((name for name in names if name and "*" not in name), None)


def write_form(fields: Mapping[str, Any], encodings: Mapping[str, Encoding]) -> bytes:
    """Return the fields as a form.

    Raises:
        ArgumentError, ValueError, RecursionError: a value cannot be encoded.
    """
    pairs: list[str] = []
    for name, value in fields.items():
        encoding = encodings.get(name, _NO_ENCODING)
        escaped, encoded_value = quote_plus(name), encode_request(value)
        if encoding.style is not None and isinstance(encoded_value, (dict, list)):
            pairs += encode_style_pairs(
                escaped, encoded_value, encoding.style, encoding.explode, quote_plus
            )
        else:
            pairs += [
                f"{escaped}={quote_plus(string)}" for string in format_field_values(encoded_value)
            ]
    return "&".join(pairs).encode("ascii")


def format_field_values(value: Any) -> Iterator[str]:
    """Yield the strings of a field without a style: one for each array item, JSON for objects.

    Null is an empty string, since forms have no null.
    """
    for item in value if is_array(value) else [value]:
        if is_object(item) or is_array(item):
            yield json.dumps(item, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        else:
            yield "" if item is None else format_scalar(item)
