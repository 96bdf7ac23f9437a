"""Finds the operation that returns what another one uploads, by path and media type."""

from __future__ import annotations

import attrs

from driftline.media import matches
from driftline.openapi.model import MediaType, Operation, Spec
from driftline.openapi.pointer import is_object, join
from driftline.openapi.schema.walk import is_file_schema, resolve_schema


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
    sent = [
        each for each in (upload.body.content if upload.body else ()) if _can_be_file(spec, each)
    ]
    for operation in spec.operations if sent else ():
        success = operation.success
        media = next((m for m in success.content if m.kind == "binary"), None) if success else None
        if media is None or operation.method != "GET" or "*" in media.name:
            continue
        is_kept = any(each.kind == "multipart" or matches(media.name, each.name) for each in sent)
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
    own, all_steps = path.strip("/").split("/"), longer.strip("/").split("/")
    return all_steps[len(own) :] if all_steps[: len(own)] == own else None


def _can_be_file(spec: Spec, media: MediaType) -> bool:
    """Return whether a body is a file: bytes, or a form that requires exactly one file.

    An optional file, or one of several, is more likely input for something that the server makes.
    """
    if media.kind != "multipart":
        return media.kind == "binary"
    if not media.schema_pointer:
        return False
    pointer, schema = spec.resolve(media.schema_pointer)
    names: list[str] = schema.get("required", []) if is_object(schema) else []
    places = [pointer + join("properties", name) for name in names]
    return sum(is_file_schema(resolve_schema(spec, place)) for place in places) == 1
