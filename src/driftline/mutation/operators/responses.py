"""Mutants of what a server answers: schemas, headers, statuses, media types, readable bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

import attrs

from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import (
    Breaks,
    BrokenMock,
    Clause,
    Mutant,
    list_pointers_under,
    replace_body,
    replace_json,
)
from driftline.mutation.operators.error_bodies import replace_error_body
from driftline.mutation.operators.listings import parse_query
from driftline.mutation.operators.replies import Change, change_always, change_rarely
from driftline.mutation.operators.streams import mutate_stream
from driftline.mutation.operators.values import make_breaking_value, make_other_type
from driftline.openapi.model import MediaType, Operation, Spec
from driftline.openapi.model import Response as Documented
from driftline.openapi.pointer import is_object
from driftline.openapi.schema.validation import BOUNDS, list_violations
from driftline.openapi.streams import find_stream
from driftline.openapi.value_paths import (
    KEYS,
    REMOVED,
    ValuePath,
    change_value,
    format_path,
    list_value_paths,
)
from driftline.suite.registry import find_check_for_mutant

__all__ = ["generate_response_mutants", "restrict_to_later_pages"]

STRANGER: Final = "driftlineUnknown"
_ENUM: Final = "response.enum.undocumented"
_STRANGE: Final = "response.field.undocumented"
_BOUND: Final = "response.bound.exceeded"
_STATUSES: Final = (202, 203, 206, 201, 200, 418, 402)


@attrs.frozen
class _ResponseContext:
    """One documented response. `rare`: the mock never answers it; `reason`: nor can any server."""

    spec: Spec
    operation: Operation
    documented: Documented
    status: int
    reason: str
    rare: bool = False

    def build_mutant(
        self, kind: str, pointer: str, breaks: Breaks | None, *expected: str, **more: Any
    ) -> Mutant:
        """A mutant of this response; one that is never seen is equivalent."""
        word = "response" if self.documented is self.operation.success else f"response.{self.name}"
        place = str(more.pop("place", ""))
        clause = Clause(self.operation, f"{word}.{kind}", pointer, place)
        more["equivalent"] = self.reason or more.get("equivalent", "")
        return Mutant.build(self.spec, clause, breaks, *expected, **more)

    @property
    def name(self) -> str:
        return self.documented.status

    def wrap_change(self, change: Change) -> Breaks:
        """Change this response."""
        return partial(change_rarely if self.rare else change_always, self.status, change)

    def wrap_edit(self, change: Callable[[Any], Any]) -> Breaks:
        """Change the body of this response."""
        return self.wrap_change(partial(_edit_body, change))


def generate_response_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Every mutant of every documented response of the operation."""
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
                yield from _place(context, place)


def _respond(spec: Spec, operation: Operation, documented: Documented) -> _ResponseContext:
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
        return _ResponseContext(spec, operation, documented, status, "")
    reason = "" if status else "every status is documented by itself"
    if not provoked.get(status):
        return _ResponseContext(spec, operation, documented, status, reason, rare=True)
    return _ResponseContext(spec, operation, documented, status, reason)


def _list_candidate_statuses(documented: Documented) -> Iterable[int]:
    """The statuses that it may be about, likely ones first."""
    text = documented.status
    if text.isdecimal():
        return (int(text),)
    known = (400, 404, 409, 418, 503)
    return known if text == "default" else range(int(text[0]) * 100, int(text[0]) * 100 + 100)


def _edit_body(change: Callable[[Any], Any], response: HttpResponse) -> HttpResponse:
    return replace_json(response, change(response.parse_json())) if response.body else response


def _mutate_statuses(context: _ResponseContext) -> Iterator[Mutant]:
    operation = context.operation
    about = operation.pointer + "/responses"
    make = partial(context.build_mutant, "status", f"{about}/{context.name}")
    unknown = [s for s in _STATUSES if operation.find_response(s) is None]
    same = [s for s in unknown if s // 100 == context.status // 100]
    pointers = frozenset({about})
    security = ("security.refused-otherwise",) if context.status == 401 else ()
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


def _mutate_headers(context: _ResponseContext) -> Iterator[Mutant]:
    for header in context.documented.headers:
        name = header.name

        def drop(response: HttpResponse, name: str = name) -> HttpResponse:
            kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
            return attrs.evolve(response, headers=kept)

        def wrong(response: HttpResponse, name: str = name) -> HttpResponse:
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
            context.wrap_change(wrong),
            "response.header.wrong",
            equivalent="any text is allowed" if free else "",
        )


def _list_sites(context: _ResponseContext, schema_pointer: str) -> frozenset[str]:
    found = list(list_value_paths(context.spec, schema_pointer))
    return found[0].clauses if found else frozenset()


def _mutate_media_types(context: _ResponseContext) -> Iterator[Mutant]:
    def drop_header(response: HttpResponse) -> HttpResponse:
        kept = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
        return attrs.evolve(response, headers=kept)

    def other(response: HttpResponse) -> HttpResponse:
        return replace_body(response, response.body, headers={"Content-Type": "text/html"})

    make = partial(context.build_mutant, "content-type", context.documented.pointer + "/content")
    any_type = any("*" in media.name for media in context.documented.content)
    yield make(context.wrap_change(drop_header), "response.content-type.missing", how="missing")
    yield make(
        context.wrap_change(other),
        "response.content-type.undocumented",
        how="wrong",
        equivalent="any media type is documented" if any_type else "",
    )


def _mutate_bodies(context: _ResponseContext, media: MediaType) -> Iterator[Mutant]:
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


def _mutate_error_shape(context: _ResponseContext, media: MediaType) -> Iterator[Mutant]:
    """An error in the shape of another framework."""
    change = replace_error_body(context.spec, media) if context.status >= 400 else None
    if change is not None:
        own = list_value_paths(context.spec, media.schema_pointer)
        clauses = frozenset[str]().union(*(place.clauses for place in own))
        expected = ("response.required.missing", "response.type.wrong", _STRANGE)
        yield context.build_mutant(
            "shape",
            media.pointer,
            context.wrap_edit(change),
            *expected,
            "response.schema.broken",
            pointers=clauses,
        )


def _place(context: _ResponseContext, place: ValuePath) -> Iterator[Mutant]:
    """The mutants of one place in the body."""
    for pointer, schema in place.schemas:
        for name in schema.get("required", ()):
            yield _build_value_mutant(
                context, place, "required", f"{pointer}/required", REMOVED, name=name
            )
        for word in ("enum", "const", "format", *BOUNDS):
            if word in schema:
                yield _build_keyword_mutant(context, place, pointer, word)
    if place.types - {"null"}:
        yield from _mutate_types(context, place)
    yield from _add_unknown_fields(context, place)


def _build_value_mutant(
    context: _ResponseContext,
    place: ValuePath,
    kind: str,
    pointer: str,
    wrong: Any,
    *,
    name: str = "",
    **more: Any,
) -> Mutant:
    """The mutant that has the value `wrong` at the place, or at a field of it."""
    path = (*place.path, name) if name else place.path
    expected = {
        "required": "response.required.missing",
        "enum": _ENUM,
        "const": _ENUM,
        "format": "response.format.wrong",
        "type": "response.type.wrong",
        "null": "response.type.wrong",
    }.get(kind, _BOUND)
    chosen = ("response.schema.broken",) if place.uncertain else ()
    return context.build_mutant(
        kind,
        pointer,
        context.wrap_edit(partial(change_value, path=path, change=lambda _: wrong)),
        expected,
        *chosen,
        place=format_path(path),
        pointers=place.clauses,
        wheres=frozenset() if _is_map_key(place) else frozenset({format_path(path), place.name}),
        **more,
    )


def _is_map_key(place: ValuePath) -> bool:
    """Whether a step of the path may be the key of a map, which findings name."""
    return KEYS in place.path


def _build_keyword_mutant(
    context: _ResponseContext, place: ValuePath, pointer: str, word: str
) -> Mutant:
    try:
        wrong, reason = make_breaking_value(context.spec, pointer, word), ""
    except LookupError as error:
        wrong, reason = None, str(error)
    return _build_value_mutant(context, place, word, f"{pointer}/{word}", wrong, equivalent=reason)


def _mutate_types(context: _ResponseContext, place: ValuePath) -> Iterator[Mutant]:
    stated = [p for p, s in place.schemas if "type" in s and s["type"] != "null"]
    allowed = partial(_is_allowed, context.spec, place)
    wrong = make_other_type(place.types)
    reason = "" if wrong is not None and not allowed(wrong) else "any type is allowed"
    yield _build_value_mutant(context, place, "type", stated[0] + "/type", wrong, equivalent=reason)
    if not allowed(None):
        yield _build_value_mutant(context, place, "null", stated[0] + "/type", None)


def _is_allowed(spec: Spec, place: ValuePath, value: Any) -> bool:
    """Whether the schema as it is first written allows the value."""
    return not list_violations(spec, place.schemas[0][0], value)


def _add_unknown_fields(context: _ResponseContext, place: ValuePath) -> Iterator[Mutant]:
    words = ("additionalProperties", "unevaluatedProperties")
    closed = [p for p, schema in place.schemas if schema.get("properties")]
    is_open = any(
        schema.get(word, False) is not False for _, schema in place.schemas for word in words
    )
    if not closed or is_open:
        return

    def add(value: Any) -> Any:
        return {**value, STRANGER: "driftline"} if is_object(value) else value

    where = ".".join(filter(None, (place.name, STRANGER)))
    yield context.build_mutant(
        "undocumented",
        closed[0] + "/properties",
        context.wrap_edit(partial(change_value, path=place.path, change=add)),
        _STRANGE,
        place=place.name,
        pointers=list_pointers_under(*(p for p in closed), words=words)
        | {f"{p}/properties" for p in closed},
        wheres=frozenset() if _is_map_key(place) else frozenset({where, place.name}),
    )


def restrict_to_later_pages(spec: Spec, operation: Operation, mutant: Mutant) -> Mutant:
    """The same mutant, wrong only on pages after the first."""
    page = operation.listing.page if operation.listing else None

    def breaks(server: BrokenMock, target: Operation, request: HttpRequest) -> HttpResponse:
        later = page and not page.is_first(parse_query(request).get(str(page.parameter)))
        return mutant.breaks(server, target, request) if later else server.mock.handle(request)

    check = find_check_for_mutant("later-pages")
    return attrs.evolve(mutant, id=f"{mutant.id}/later-pages", breaks=breaks, check=check)
