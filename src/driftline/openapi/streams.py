"""The items of a stream: OpenAPI 3.2's `itemSchema`, and the conventions before it; file downloads.

Before 3.2, OpenAPI had no keyword for streams. Documents describe the data of one event, an array
of all items, or an event with its fields `event`, `data`, `id` and `retry`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from driftline.media import FILE_FORM_KINDS, STREAM_KINDS, matches
from driftline.openapi.model import MediaType, Operation, Response, Spec
from driftline.openapi.pointer import is_array, is_object, join
from driftline.openapi.schema.walk import (
    find_schema_at,
    is_file_schema,
    list_branches,
    list_types,
    resolve_schema,
)

_EVENT_FIELDS = frozenset({"comment", "data", "event", "id", "retry"})
_FLAG = "stream"
"""The argument that requests a stream, in operations that respond with JSON otherwise."""


@attrs.frozen
class ItemSchema:
    """The location of an item's schema ("" if none); `is_text`: the data is not JSON."""

    pointer: str = ""
    is_text: bool = False


@attrs.frozen
class StreamSchema:
    """The items of a stream. `events` has server-sent events by name, where these differ."""

    data: ItemSchema = ItemSchema()
    events: Mapping[str, ItemSchema] = attrs.field(factory=dict[str, ItemSchema])

    def choose(self, event: str) -> ItemSchema:
        """Return the schema for an event of this name."""
        return self.events.get(event, self.data)


def describe_stream(spec: Spec, media: MediaType) -> StreamSchema:
    """Return the items of the stream `media`."""
    pointer = media.item_schema_pointer or media.schema_pointer
    if not pointer:
        return StreamSchema()
    if not media.item_schema_pointer and list_types(spec, pointer) == {"array"}:
        pointer = find_schema_at(spec, pointer, "/0") or ""
        if not pointer:
            return StreamSchema()
    if media.kind == "event_stream":
        return _describe_events(spec, pointer)
    is_whole_body = not media.item_schema_pointer and list_types(spec, pointer) == {"string"}
    return StreamSchema(ItemSchema("" if is_whole_body else pointer))


def _describe_events(spec: Spec, pointer: str) -> StreamSchema:
    alternatives = _list_alternatives(spec, pointer)
    if not all(_is_event(spec, candidate) for candidate in alternatives):
        return StreamSchema(ItemSchema(pointer, list_types(spec, pointer) == {"string"}))
    data, events = ItemSchema(), dict[str, ItemSchema]()
    for alternative in alternatives:
        item_schema = _describe_data(spec, find_schema_at(spec, alternative, "/data") or "")
        names = list(_list_names(spec, find_schema_at(spec, alternative, "/event")))
        events.update(dict.fromkeys(names, item_schema))
        data = data if names else item_schema
    if len(events) == 1 and len(alternatives) == 1:
        return StreamSchema(next(iter(events.values())), events)
    return StreamSchema(data, events)


def _list_alternatives(spec: Spec, pointer: str) -> Sequence[str]:
    pointer, schema = spec.resolve(pointer)
    for keyword in ("oneOf", "anyOf"):
        alternatives = schema.get(keyword) if is_object(schema) else None
        if is_array(alternatives) and alternatives:
            return [f"{pointer}/{keyword}/{index}" for index in range(len(alternatives))]
    return [pointer]


def _is_event(spec: Spec, pointer: str) -> bool:
    """Return whether a schema describes an event with its fields, not only its data."""
    names: set[str] = set()
    for _, schema in list_branches(spec, pointer):
        properties = schema.get("properties")
        names |= set(properties) if is_object(properties) else set()
    return "data" in names and names <= _EVENT_FIELDS


def _list_names(spec: Spec, pointer: str | None) -> Iterator[str]:
    schema = spec.resolve(pointer)[1] if pointer else None
    if is_object(schema):
        enum = schema.get("enum")
        values: Any = [schema.get("const"), *(enum if is_array(enum) else [])]
        yield from (value for value in values if isinstance(value, str))


def _describe_data(spec: Spec, pointer: str) -> ItemSchema:
    target, schema = spec.resolve(pointer) if pointer else ("", None)
    if is_object(schema) and "contentSchema" in schema:
        return ItemSchema(target + "/contentSchema")
    if is_object(schema) and list_types(spec, target) == {"string"}:
        is_json = "json" in str(schema.get("contentMediaType", ""))
        return ItemSchema() if is_json else ItemSchema(pointer, is_text=True)
    return ItemSchema(pointer)


def find_stream(response: Response | None) -> MediaType | None:
    """Return the media type of a response that is a stream; events are preferred to lines."""
    content = response.content if response else ()
    streams = [media for media in content if media.kind in STREAM_KINDS]
    return min(streams, key=lambda media: media.kind != "event_stream", default=None)


def find_stream_flag(spec: Spec, operation: Operation) -> str | None:
    """Return the boolean parameter or body field that requests a stream instead of JSON."""
    success = operation.success
    if find_stream(success) is None or success is None or success.json is None:
        return None
    for parameter in operation.parameters:
        if parameter.name == _FLAG and parameter.location == "query":
            return _FLAG if _can_be_true(spec, parameter.schema_pointer) else None
    media = operation.body.json if operation.body else None
    flag_pointer = find_schema_at(spec, media.schema_pointer, f"/{_FLAG}") if media else None
    return _FLAG if flag_pointer and _can_be_true(spec, flag_pointer) else None


def _can_be_true(spec: Spec, pointer: str) -> bool:
    return "boolean" in list_types(spec, pointer)


@attrs.frozen
class FileDownload:
    """The operation that returns a file, and the path parameter that identifies the upload."""

    operation: Operation
    media: MediaType
    parameter: str | None


def find_download(spec: Spec, upload: Operation) -> FileDownload | None:
    """Return the GET at or below the same path that returns a file of an uploadable type.

    A POST creates its file below its own path: `/sounds` creates `/sounds/{id}`.
    """
    media_types = [
        media_type
        for media_type in (upload.body.content if upload.body else ())
        if _can_be_file(spec, media_type)
    ]
    for operation in spec.operations if media_types else ():
        success = operation.success
        media = next((m for m in success.content if m.kind == "binary"), None) if success else None
        if media is None or operation.method != "GET" or "*" in media.name:
            continue
        is_kept = any(
            media_type.kind in FILE_FORM_KINDS or matches(media.name, media_type.name)
            for media_type in media_types
        )
        steps = _list_steps_below(upload.path, operation.path)
        if steps is None or not is_kept or any("{" in step for step in steps[1:]):
            continue
        if upload.method == "PUT" and len(steps) <= 1 and not any("{" in step for step in steps):
            return FileDownload(operation, media, None)
        if upload.method == "POST" and 1 <= len(steps) <= 2 and "{" in steps[0]:
            return FileDownload(operation, media, steps[0].strip("{}"))
    return None


def _list_steps_below(path: str, longer: str) -> list[str] | None:
    """Return the segments of `longer` after those of `path`; None if it is not below `path`."""
    base_steps, all_steps = path.strip("/").split("/"), longer.strip("/").split("/")
    return all_steps[len(base_steps) :] if all_steps[: len(base_steps)] == base_steps else None


def _can_be_file(spec: Spec, media: MediaType) -> bool:
    """Return whether a body is a file: bytes, or a form that requires exactly one file.

    An optional file, or one of several, is more likely input for something that the server makes.
    """
    if media.kind not in FILE_FORM_KINDS:
        return media.kind == "binary"
    if not media.schema_pointer:
        return False
    pointer, schema = spec.resolve(media.schema_pointer)
    names: list[str] = schema.get("required", []) if is_object(schema) else []
    fields = [pointer + join("properties", name) for name in names]
    return sum(is_file_schema(resolve_schema(spec, field)) for field in fields) == 1
