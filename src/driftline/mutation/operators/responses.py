"""Mutants of responses: schemas, headers, statuses, media types, readable bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

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
    find_stream,
    find_undocumented_fields,
    list_value_paths,
    list_violations,
)

_STATUSES: Final = (202, 203, 206, 201, 200, 418, 402)


@operator
def generate_response_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of every documented response of the operation."""
    for documented in operation.responses:
        context = _respond(spec, operation, documented)
        yield from _mutate_statuses(context)
        yield from _mutate_headers(context)
        if documented.content:
            yield from _mutate_media_types(context)
        stream = find_stream(documented)
        if stream is not None and documented is operation.success:
            yield from mutate_stream(spec, stream, context.wrap_change, context.build_mutant)
        if documented.json is not None:
            yield from _mutate_bodies(context, documented.json)
            yield from _mutate_error_shape(context, documented.json)
            for place in list_value_paths(spec, documented.json.schema_pointer):
                yield from generate_value_mutants(context, place)


def _respond(spec: Spec, operation: Operation, documented: Documented) -> ResponseContext:
    own = (
        status
        for status in _list_candidate_statuses(documented)
        if operation.find_response(status) is documented
    )
    status = next(own, 0)
    effect = operation.effect
    provoked = {
        400: bool(operation.parameters or operation.body),
        401: bool(operation.security),
        404: bool(effect and effect.id),
        409: bool(effect and effect.unique),
        415: operation.body is not None,
    }
    if documented is operation.success:
        return ResponseContext(spec, operation, documented, status, "")
    reason = "" if status else "every status is documented by itself"
    if not provoked.get(status):
        return ResponseContext(spec, operation, documented, status, reason, rare=True)
    return ResponseContext(spec, operation, documented, status, reason)


def _list_candidate_statuses(documented: Documented) -> Iterable[int]:
    """Return the possible statuses of an entry, likely ones first."""
    text = documented.status
    if text.isdecimal():
        return (int(text),)
    known = (400, 404, 409, 418, 503)
    return known if text == "default" else range(int(text[0]) * 100, int(text[0]) * 100 + 100)


def _mutate_statuses(context: ResponseContext) -> Iterator[Mutant]:
    operation = context.operation
    about = operation.pointer + "/responses"
    make = partial(context.build_mutant, "status", f"{about}/{context.name}")
    unknown = [s for s in _STATUSES if operation.find_response(s) is None]
    same = [s for s in unknown if s // 100 == context.status // 100]
    pointers = frozenset({about})
    security = ("security.rejection.status",) if context.status == 401 else ()
    for how, status in (("other", next(iter(same or unknown), 0)), ("500", 500)):
        documented = operation.find_response(status) if status else None
        equivalent = "" if status and documented is None else "every such status is documented"
        breaks = context.wrap_change(_replace_status(status))
        kind = "response.server-error" if how == "500" else "response.status.undocumented"
        expected = (kind, *security)
        if security:
            pointers |= {operation.pointer + "/security", "/security"}
        yield make(breaks, *expected, how=how, pointers=pointers, equivalent=equivalent)


def _replace_status(status: int) -> Callable[[HttpResponse], HttpResponse]:
    return lambda response: attrs.evolve(response, status=status)


def _mutate_headers(context: ResponseContext) -> Iterator[Mutant]:
    for header in context.documented.headers:
        name = header.name

        def drop(response: HttpResponse, name: str = name) -> HttpResponse:
            kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
            return attrs.evolve(response, headers=kept)

        def replace_header(response: HttpResponse, name: str = name) -> HttpResponse:
            return replace_body(
                response, response.body, headers={name: "\N{SNOWMAN}".encode().hex()}
            )

        reason = "" if header.required else "the header may be left out"
        make = partial(
            context.build_mutant, pointers=_list_sites(context, header.schema_pointer), place=name
        )
        yield make(
            "header.missing",
            header.pointer,
            context.wrap_change(drop),
            "response.header.missing",
            equivalent=reason,
        )
        sent = "\N{SNOWMAN}".encode().hex()
        is_wait = name.lower() == "retry-after"  # which HTTP itself gives a form
        free = not is_wait and not list_violations(context.spec, header.schema_pointer, sent)
        yield make(
            "header.wrong",
            header.pointer if is_wait else header.schema_pointer,
            context.wrap_change(replace_header),
            "response.header.wrong",
            equivalent="any text is allowed" if free else "",
        )


def _list_sites(context: ResponseContext, schema_pointer: str) -> frozenset[str]:
    found = list(list_value_paths(context.spec, schema_pointer))
    return found[0].clauses if found else frozenset()


def _mutate_media_types(context: ResponseContext) -> Iterator[Mutant]:
    def drop_header(response: HttpResponse) -> HttpResponse:
        kept = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
        return attrs.evolve(response, headers=kept)

    def replace_type(response: HttpResponse) -> HttpResponse:
        return replace_body(response, response.body, headers={"Content-Type": "text/html"})

    make = partial(context.build_mutant, "content-type", context.documented.pointer + "/content")
    any_type = any("*" in media.name for media in context.documented.content)
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
    for how, form in forms.items():

        def change(response: HttpResponse, form: Callable[[bytes], bytes] = form) -> HttpResponse:
            return replace_body(response, form(response.body))

        yield make(context.wrap_change(change), "response.json.unreadable", how=how)


def _mutate_error_shape(context: ResponseContext, media: MediaType) -> Iterator[Mutant]:
    """Yield a mutant with the error format of another framework."""
    change = replace_error_body(context.spec, media) if context.status >= 400 else None
    if change is not None:
        own = list_value_paths(context.spec, media.schema_pointer)
        clauses = frozenset[str]().union(*(place.clauses for place in own))
        expected = ("response.required.missing", "response.type.wrong", UNDOCUMENTED)
        yield context.build_mutant(
            "shape",
            media.pointer,
            context.wrap_edit(change),
            *expected,
            "response.schema.broken",
            pointers=clauses,
        )


def mutate_stream(
    spec: Spec, media: MediaType, wrap: Callable[[Change], Breaks], build: Callable[..., Mutant]
) -> Iterator[Mutant]:
    """Yield the mutants of a stream; `wrap` and `build` are those of the response."""
    described = describe_stream(spec, media)
    schemas = [*described.events.values()] or [described.data]
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
    is_named = bool(described.events) and described.data == ItemSchema()
    is_open = is_named or described.data.is_text
    clauses = frozenset[str]() if is_open else _list_broken_clauses(spec, described.data.pointer)
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
    broken = [each.clause for each in list_violations(spec, pointer, WRONG, "response")]
    broken += [each.clause for each in find_undocumented_fields(spec, pointer, WRONG)]
    return frozenset(broken)
