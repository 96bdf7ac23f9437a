"""The body of a request: the one place that chooses an encoder by kind."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from driftline.media import (
    FORM_KINDS,
    TRAITS,
    VALUE_KINDS,
    BodyKind,
    find_body_kind,
    get_essence,
    matches,
)
from driftline.runtime.encode.fields import Content, Fields, select_fields
from driftline.runtime.encode.values import ABSENT, encode_request
from driftline.runtime.endpoint import Endpoint
from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_bytes, is_mapping, is_object, is_path

# The other kinds are imported at first use, since most clients only send JSON.
if TYPE_CHECKING:
    from driftline.runtime.encode.streams import BodyStream

_JSON = "application/json"


class EncodedBody:
    """An encoded body, as bytes or as a stream, with its Content-Type."""

    __slots__ = ("content", "media_type")

    media_type: str
    content: bytes | BodyStream

    def __init__(self, media_type: str, content: bytes | BodyStream) -> None:
        self.media_type, self.content = media_type, content

    @property
    def can_resend(self) -> bool:
        """Whether it can be sent again: not if its source was started and cannot be rewound."""
        return isinstance(self.content, bytes) or self.content.can_resend


def encode_body(
    operation: Endpoint, body: Any, extra: Mapping[str, Any] | None = None
) -> EncodedBody | None:
    """Return the body to send, or None without one. `extra` holds additional fields.

    Raises:
        ArgumentError: the body cannot be encoded.
    """
    has_body = body is not ABSENT and (body is not None or operation.null_body)
    if not has_body and not extra:
        return None
    kind, media_type = operation.body_kind, operation.media_type or _JSON
    if isinstance(body, Content):
        is_structured = not _is_raw(body.value)
        kind = find_body_kind(body.media_type, of_range="json" if is_structured else "binary")
        body, media_type = body.value, body.media_type
        if kind in VALUE_KINDS and not is_structured:  # it is written already
            kind = "text"
    elif "*" in media_type and _is_raw(body):
        kind = "binary"
    try:
        return _write(operation, body if has_body else {}, kind, media_type, extra)
    except ArgumentError:
        raise
    except UnicodeEncodeError as error:
        message = f"{operation.id}: this string cannot be sent: {error.reason}"
    except (ValueError, RecursionError) as error:
        message = f"{operation.id}: the body cannot be serialized: {error}"
    # Not chained to that error, which holds the text: it may be secret.
    raise ArgumentError(message)


def _write(
    operation: Endpoint,
    body: Any,
    kind: BodyKind,
    media_type: str,
    extra: Mapping[str, Any] | None,
) -> EncodedBody:
    if kind in VALUE_KINDS:
        content_type = _JSON if "*" in media_type else media_type
        content = TRAITS[kind].from_json(_write_json(operation, body, extra))
        return EncodedBody(content_type, content)
    if kind in FORM_KINDS:
        fields = {**select_fields(operation, body, kind), **(extra or {})}
        return _write_fields(operation, fields, kind, media_type)
    if extra:
        raise ArgumentError(f"{operation.id}: extra_body needs a body that has fields")
    if kind == "json_lines" and not _is_written(body):
        return EncodedBody(media_type, _write_json_lines(operation, body))
    return EncodedBody(_name_media_type(media_type, body), _write_raw(operation, body, media_type))


def _write_fields(
    operation: Endpoint, fields: Mapping[str, Any], kind: BodyKind, media_type: str
) -> EncodedBody:
    if kind == "form":
        from driftline.runtime.encode.multipart import write_form  # noqa: PLC0415 - see above

        return EncodedBody(media_type, write_form(fields, operation.encodings))
    from driftline.runtime.encode.multipart import write_multipart  # noqa: PLC0415 - see above

    stream, content_type = write_multipart(fields, operation.encodings, media_type)
    return EncodedBody(content_type, stream)


def _write_json(operation: Endpoint, body: Any, extra: Mapping[str, Any] | None) -> bytes:
    data: Any
    if isinstance(body, Fields):
        fields = select_fields(operation, body, "JSON")
        data = {name: encode_request(value) for name, value in fields.items()}
    else:
        data = encode_request(body)
    if extra:
        if not is_object(data):
            raise ArgumentError(f"{operation.id}: extra_body needs a body that is an object")
        data = {**data, **encode_request(extra)}
    try:
        return json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise
    except ValueError as error:
        raise ArgumentError(f"{operation.id}: the body is not valid JSON: {error}") from None


def _write_json_lines(operation: Endpoint, values: Any) -> bytes | BodyStream:
    """Return one line per value; an iterator is streamed."""
    is_later = hasattr(values, "__aiter__")
    if is_mapping(values) or not (is_later or hasattr(values, "__iter__")):
        raise ArgumentError(f"{operation.id}: pass a body of JSON lines as an iterable of values")
    if is_later:
        return _stream_lines(values)
    entries: Iterable[Any] = values

    def write_lines() -> Iterator[bytes]:
        return map(_write_line, entries)

    if isinstance(entries, Iterator):
        from driftline.runtime.encode.streams import BodyStream  # noqa: PLC0415 - see above

        return BodyStream(write_lines)
    return b"".join(write_lines())


def _write_line(value: Any) -> bytes:
    line = json.dumps(encode_request(value), allow_nan=False, ensure_ascii=False)
    return line.encode() + b"\n"


def _stream_lines(values: AsyncIterable[Any]) -> BodyStream:
    from driftline.runtime.encode.streams import BodyStream  # noqa: PLC0415 - see above

    async def write_lines() -> AsyncIterator[bytes]:
        async for value in values:
            yield _write_line(value)

    return BodyStream(None, write_lines, is_repeatable=not isinstance(values, AsyncIterator))


def _write_raw(operation: Endpoint, body: Any, media_type: str) -> bytes | BodyStream:
    if isinstance(body, str):
        _, _, parameters = media_type.lower().partition("charset=")
        charset = parameters.partition(";")[0].strip(' "') or "utf-8"
        try:
            return body.encode(charset)
        except LookupError:
            raise ArgumentError(f"{operation.id}: no such charset: {charset!r}") from None
    if is_bytes(body):
        return bytes(body)
    if is_mapping(body) or hasattr(body, "to_dict"):
        accepted_types = "text, bytes, a path, an open file or an iterator of bytes"
        raise ArgumentError(
            f"{operation.id}: pass a body of {get_essence(media_type)} as {accepted_types}"
        )
    from driftline.runtime.encode.streams import open_stream  # noqa: PLC0415 - see above

    return open_stream(body)


def _name_media_type(media_type: str, body: Any) -> str:
    """Return the Content-Type; the document may give a range such as `audio/*`."""
    if "*" not in media_type:
        return media_type
    name: Any = os.fspath(body) if is_path(body) else getattr(body, "name", None)
    import mimetypes  # noqa: PLC0415 - for files alone

    guessed_type = mimetypes.guess_type(name)[0] if isinstance(name, str) else None
    return (
        guessed_type
        if guessed_type and matches(guessed_type, media_type)
        else "application/octet-stream"
    )


def _is_written(value: Any) -> bool:
    """Return whether a value is text, bytes, a path or an open file."""
    is_text = isinstance(value, str) or is_bytes(value) or is_path(value)
    return is_text or hasattr(value, "read")


def _is_raw(value: Any) -> bool:
    """Return whether a value is sent unchanged: not a mapping, an array or a model."""
    if _is_written(value):
        return True
    if is_mapping(value) or isinstance(value, (list, tuple)) or hasattr(value, "to_dict"):
        return False
    return isinstance(value, (Iterable, AsyncIterable))
