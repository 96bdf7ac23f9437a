"""Mutants of forms, lines and files: accept an invalid body, or lose an upload."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from driftline.checks import choose_media_type, encode_body
from driftline.media import FORM_KINDS
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator, replace_request_body
from driftline.mutation.operators.rejections import make_valid_body
from driftline.openapi import (
    MediaType,
    Operation,
    Spec,
    describe_stream,
    find_download,
    is_object,
    join,
)
from driftline.suite import MARK

_REJECTIONS = frozenset({400, 422})


@operator
def generate_form_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield the mutants of a body that is a form, JSON lines or a file."""
    media = choose_media_type(operation.body)
    if media is not None and media.kind in FORM_KINDS and media.schema_pointer:
        yield _build_accepting_mutant(spec, operation, media)
    if media is not None and media.kind == "json_lines":
        yield _build_line_mutant(spec, operation, media)
    download = find_download(spec, operation) if operation.body is not None else None
    if download is not None:
        clause = Clause(operation, "upload.lost", operation.pointer)
        also = frozenset({download.operation.id})
        yield Mutant.build(spec, clause, _spoil_upload, "effect.upload.lost", also=also)


def _build_accepting_mutant(spec: Spec, operation: Operation, media: MediaType) -> Mutant:
    pointer, schema = spec.resolve(media.schema_pointer)
    properties: dict[str, Any] = schema.get("properties", {}) if is_object(schema) else {}
    fields = {name: spec.resolve(pointer + join("properties", name)) for name in properties}
    bounded = [
        f"{field_pointer}/maxItems"
        for field_pointer, field_schema in fields.values()
        if "maxItems" in field_schema
    ]
    is_closed = is_object(schema) and schema.get("additionalProperties") is False
    is_strict = bool(bounded) or is_closed or bool(is_object(schema) and schema.get("required"))
    clauses = frozenset({f"{pointer}/required", f"{pointer}/additionalProperties", *bounded})
    return Mutant.build(
        spec,
        Clause(operation, "form.accepted", media.pointer),
        partial(_accept_any_body, spec, media, make_valid_body(spec, operation, media)),
        "request.invalid.accepted",
        pointers=clauses,
        equivalent="" if is_strict else "any form is allowed",
    )


def _build_line_mutant(spec: Spec, operation: Operation, media: MediaType) -> Mutant:
    item = describe_stream(spec, media).data.pointer
    pointer = spec.resolve(item)[0] if item else ""
    clauses = (f"{pointer}/{keyword}" for keyword in ("type", "required", "additionalProperties"))
    return Mutant.build(
        spec,
        Clause(operation, "lines.accepted", media.pointer),
        partial(_accept_any_body, spec, media, make_valid_body(spec, operation, media)),
        "request.invalid.accepted",
        pointers=frozenset({media.pointer, *clauses}),
    )


def _accept_any_body(
    spec: Spec,
    media: MediaType,
    right: object,
    server: BrokenMock,
    _: Operation,
    request: HttpRequest,
) -> HttpResponse:
    """Respond to an invalid body as to a valid one."""
    response = server.mock.handle(request)
    if response.status not in _REJECTIONS:
        return response
    return server.mock.handle(replace_request_body(request, *encode_body(spec, media, right)))


def _spoil_upload(server: BrokenMock, _: Operation, request: HttpRequest) -> HttpResponse:
    """Store other bytes than were sent."""
    if MARK not in request.body:
        return server.mock.handle(request)
    body = request.body.replace(MARK, MARK.upper())
    content_type = request.get_header("Content-Type") or ""
    return server.mock.handle(replace_request_body(request, content_type, body))
