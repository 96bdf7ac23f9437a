"""Which operation gives back what another one uploads, by their paths and media types."""

from __future__ import annotations

import attrs

from driftline.media import matches
from driftline.openapi.model import MediaType, Operation, Spec
from driftline.openapi.pointer import is_object, join
from driftline.openapi.schema.walk import is_file_schema, resolve_schema


@attrs.frozen
class FileDownload:
    """The operation that gives back a file, and its path parameter for what an upload created."""

    operation: Operation
    media: MediaType
    parameter: str | None


def find_download(spec: Spec, upload: Operation) -> FileDownload | None:
    """Return the GET at the same path, or below it, whose response is a file that can be uploaded.

    A POST has its file at the path of what it creates: `/sounds` at `/sounds/{id}`.
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
    """Return the segments that `longer` has after those of `path`; None if it is not below it."""
    own, all_steps = path.strip("/").split("/"), longer.strip("/").split("/")
    return all_steps[len(own) :] if all_steps[: len(own)] == own else None


def _can_be_file(spec: Spec, media: MediaType) -> bool:
    """Return whether a body is a file: bytes, or a form that requires just one of them.

    What is optional, or one of several, is rather material for something that the server makes.
    """
    if media.kind != "multipart":
        return media.kind == "binary"
    if not media.schema_pointer:
        return False
    pointer, schema = spec.resolve(media.schema_pointer)
    names: list[str] = schema.get("required", []) if is_object(schema) else []
    places = [pointer + join("properties", name) for name in names]
    return sum(is_file_schema(resolve_schema(spec, place)) for place in places) == 1
