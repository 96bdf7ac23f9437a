"""Mutants of responses: schemas, headers, statuses, media types, readable bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

import attrs

from driftline.mock import WRONG, HttpResponse, corrupt_stream
from driftline.mutation.mutants import (
    Breaks,
    Mutant,
    operator,
    replace_body,
)
from driftline.mutation.operators.rejections import Change, replace_error_body
from driftline.mutation.operators.response_values import (
    UNDOCUMENTED,
    ResponseContext,
    generate_value_mutants,
)
from driftline.openapi import (
    ItemSchema,
    MediaType,
    Operation,
    Response as Documented,
    Spec,
    describe_stream,
    find_bulk_creation,
    find_stream,
    find_undocumented_fields,
    follow,
    is_valid,
    list_value_paths,
    list_violations,
    put,
)

_STATUSES: Final = (202, 203, 206, 201, 200, 418, 402)


@operator
def generate_response_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of every documented response of the operation."""
    for documented_response in operation.responses:
        context = _respond(spec, operation, documented_response)
        yield from _mutate_statuses(context)
        yield from _mutate_headers(context)
        if documented_response.content:
            yield from _mutate_media_types(context)
        stream = find_stream(documented_response)
        if stream is not None and documented_response is operation.success:
            yield from mutate_stream(spec, stream, context.wrap_change, context.build_mutant)
        if documented_response.json is not None:
            yield from _mutate_bodies(context, documented_response.json)
            yield from _mutate_error_shape(context, documented_response.json)
            yield from _lose_rows(context)
            for value_path in list_value_paths(spec, documented_response.json.schema_pointer):
                yield from generate_value_mutants(context, value_path)


def _respond(spec: Spec, operation: Operation, documented_response: Documented) -> ResponseContext:
    statuses = (
        status
        for status in _list_candidate_statuses(documented_response)
        if operation.find_response(status) is documented_response
    )
    status = next(statuses, 0)
    effect = operation.effect
    provoked = {
        400: bool(operation.parameters or operation.body),
        401: bool(operation.security),
        404: bool(effect and effect.id),
        409: bool(effect and effect.unique),
        415: operation.body is not None,
    }
    if documented_response is operation.success:
        return ResponseContext(spec, operation, documented_response, status, "")
    reason = "" if status else "every status is documented by itself"
    if not provoked.get(status):
        return ResponseContext(spec, operation, documented_response, status, reason, is_rare=True)
    return ResponseContext(spec, operation, documented_response, status, reason)


def _list_candidate_statuses(documented_response: Documented) -> Iterable[int]:
    """Return the possible statuses of an entry, likely ones first."""
    status = documented_response.status
    if status.isdecimal():
        return (int(status),)
    likely_statuses = (400, 404, 409, 418, 503)
    return (
        likely_statuses
        if status == "default"
        else range(int(status[0]) * 100, int(status[0]) * 100 + 100)
    )


def _mutate_statuses(context: ResponseContext) -> Iterator[Mutant]:
    operation = context.operation
    about = operation.pointer + "/responses"
    make = partial(context.build_mutant, "status", f"{about}/{context.name}")
    unknown = [s for s in _STATUSES if operation.find_response(s) is None]
    same = [s for s in unknown if s // 100 == context.status // 100]
    pointers = frozenset({about})
    security = ("security.rejection.status",) if context.status == 401 else ()
    for mode, status in (("other", next(iter(same or unknown), 0)), ("500", 500)):
        documented_response = operation.find_response(status) if status else None
        equivalent = (
            "" if status and documented_response is None else "every such status is documented"
        )
        breaks = context.wrap_change(_replace_status(status))
        kind = "response.server-error" if mode == "500" else "response.status.undocumented"
        expected = (kind, *security)
        if security:
            pointers |= {operation.pointer + "/security", "/security"}
        yield make(breaks, *expected, how=mode, pointers=pointers, equivalent=equivalent)


def _replace_status(status: int) -> Callable[[HttpResponse], HttpResponse]:
    return lambda response: attrs.evolve(response, status=status)


def _mutate_headers(context: ResponseContext) -> Iterator[Mutant]:
    for header in context.response.headers:
        name = header.name

        def drop(response: HttpResponse, name: str = name) -> HttpResponse:
            other_headers = tuple(
                pair for pair in response.headers if pair[0].lower() != name.lower()
            )
            return attrs.evolve(response, headers=other_headers)

        def replace_header(response: HttpResponse, name: str = name) -> HttpResponse:
            return replace_body(
                response, response.body, headers={name: "\N{SNOWMAN}".encode().hex()}
            )

        reason = "" if header.required else "the header may be left out"
        make = partial(
            context.build_mutant, pointers=_list_sites(context, header.schema_pointer), part=name
        )
        yield make(
            "header.missing",
            header.pointer,
            context.wrap_change(drop),
            "response.header.missing",
            equivalent=reason,
        )
        wrong_value = "\N{SNOWMAN}".encode().hex()
        is_wait = name.lower() == "retry-after"  # which HTTP itself gives a form
        free = not is_wait and is_valid(context.spec, header.schema_pointer, wrong_value)
        yield make(
            "header.wrong",
            header.pointer if is_wait else header.schema_pointer,
            context.wrap_change(replace_header),
            "response.header.wrong",
            equivalent="any text is allowed" if free else "",
        )


def _list_sites(context: ResponseContext, schema_pointer: str) -> frozenset[str]:
    value_paths = list(list_value_paths(context.spec, schema_pointer))
    return value_paths[0].clauses if value_paths else frozenset()


def _mutate_media_types(context: ResponseContext) -> Iterator[Mutant]:
    def drop_header(response: HttpResponse) -> HttpResponse:
        other_headers = tuple(
            pair for pair in response.headers if pair[0].lower() != "content-type"
        )
        return attrs.evolve(response, headers=other_headers)

    def replace_type(response: HttpResponse) -> HttpResponse:
        return replace_body(response, response.body, headers={"Content-Type": "text/html"})

    make = partial(context.build_mutant, "content-type", context.response.pointer + "/content")
    any_type = any("*" in media.name for media in context.response.content)
    yield make(context.wrap_change(drop_header), "response.content-type.missing", how="missing")
    yield make(
        context.wrap_change(replace_type),
        "response.content-type.undocumented",
        how="wrong",
        equivalent="any media type is documented" if any_type else "",
    )


def _mutate_bodies(context: ResponseContext, media: MediaType) -> Iterator[Mutant]:
    make = partial(context.build_mutant, "json", media.pointer)
    forms: dict[str, Callable[[bytes], bytes]] = {
        "page": lambda _: b"<html><body>Bad Gateway</body></html>",
        "truncated": lambda body: body[: len(body) // 2],
        "empty": lambda _: b"",
    }
    for mode, form in forms.items():

        def change(response: HttpResponse, form: Callable[[bytes], bytes] = form) -> HttpResponse:
            return replace_body(response, form(response.body))

        yield make(context.wrap_change(change), "response.json.unreadable", how=mode)


def _mutate_error_shape(context: ResponseContext, media: MediaType) -> Iterator[Mutant]:
    """Yield a mutant with the error format of another framework."""
    change = replace_error_body(context.spec, media) if context.status >= 400 else None
    if change is not None:
        value_paths = list_value_paths(context.spec, media.schema_pointer)
        clauses = frozenset[str]().union(*(value_path.clauses for value_path in value_paths))
        expected = ("response.required.missing", "response.type.wrong", UNDOCUMENTED)
        yield context.build_mutant(
            "shape",
            media.pointer,
            context.wrap_edit(change),
            *expected,
            "response.schema.broken",
            pointers=clauses,
        )


def _lose_rows(context: ResponseContext) -> Iterator[Mutant]:
    """Yield a mutant whose bulk creation loses the last row."""
    bulk = find_bulk_creation(context.spec, context.operation)
    if bulk is None or context.response is not context.operation.success:
        return

    def drop_last(body: Any) -> Any:
        return put(body, bulk.created, follow(body, bulk.created)[:-1])

    yield context.build_mutant(
        "bulk", context.response.pointer, context.wrap_edit(drop_last), "response.rows.missing"
    )


def mutate_stream(
    spec: Spec, media: MediaType, wrap: Callable[[Change], Breaks], build: Callable[..., Mutant]
) -> Iterator[Mutant]:
    """Yield the mutants of a stream; `wrap` and `build` are those of the response."""
    stream = describe_stream(spec, media)
    schemas = [*stream.events.values()] or [stream.data]
    item = schemas[len(schemas) // 2]  # the one that is spoiled
    is_text = item.is_text or (not item.pointer and media.kind == "event_stream")
    yield build(
        "stream.item",
        media.pointer,
        wrap(partial(_spoil, "garbage")),
        "response.item.unreadable",
        equivalent="any text is allowed" if is_text else "",
    )
    yield build(
        "stream.end", media.pointer, wrap(partial(_spoil, "cut")), "response.stream.incomplete"
    )
    is_named = bool(stream.events) and stream.data == ItemSchema()
    is_open = is_named or stream.data.is_text
    clauses = frozenset[str]() if is_open else _list_broken_clauses(spec, stream.data.pointer)
    yield build(
        "stream.wrong",
        media.pointer,
        wrap(partial(_spoil, "wrong")),
        "response.event.undocumented",
        "response.field.undocumented",
        "response.required.missing",
        "response.type.wrong",
        "response.schema.broken",
        pointers=clauses,
        equivalent="" if is_named or clauses else "any item is allowed",
    )


def _spoil(fault: str, response: HttpResponse) -> HttpResponse:
    return corrupt_stream(response, fault)


def _list_broken_clauses(spec: Spec, pointer: str) -> frozenset[str]:
    """Return the clauses that an undocumented item violates."""
    if not pointer:
        return frozenset()
    clauses = [violation.clause for violation in list_violations(spec, pointer, WRONG, "response")]
    clauses += [violation.clause for violation in find_undocumented_fields(spec, pointer, WRONG)]
    return frozenset(clauses)
