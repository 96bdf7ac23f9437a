"""Mutants of what a server answers: schemas, headers, statuses, media types, readable bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

import attrs

from driftline.mock import Request, Response
from driftline.mutation.mutants import Breaks, Broken, Clause, Mutant, under, with_body, with_json
from driftline.mutation.operators.replies import Change, always, rarely
from driftline.mutation.operators.values import breaking, other_type
from driftline.openapi.model import MediaType, Operation, Spec
from driftline.openapi.model import Response as Documented
from driftline.openapi.pointer import is_object
from driftline.openapi.schema.validation import BOUNDS, violations
from driftline.openapi.value_paths import KEYS, REMOVED, Place, changed, named, places
from driftline.suite.registry import find_check_for_mutant

__all__ = ["answers", "later_pages"]

STRANGER: Final = "driftlineUnknown"
_ENUM: Final = "response.enum.undocumented"
_BOUND: Final = "response.bound.exceeded"
_STATUSES: Final = (202, 203, 206, 201, 200, 418, 402)


@attrs.frozen
class _Answer:
    """One documented answer. `rare`: the mock never answers it; `reason`: nor can any server."""

    spec: Spec
    operation: Operation
    documented: Documented
    status: int
    reason: str
    rare: bool = False

    def mutant(
        self, kind: str, pointer: str, breaks: Breaks | None, *expected: str, **more: Any
    ) -> Mutant:
        """A mutant of this answer; one that is never seen is equivalent."""
        word = "response" if self.documented is self.operation.success else f"response.{self.name}"
        place = str(more.pop("place", ""))
        clause = Clause(self.operation, f"{word}.{kind}", pointer, place)
        more["equivalent"] = self.reason or more.get("equivalent", "")
        return Mutant.of(self.spec, clause, breaks, *expected, **more)

    @property
    def name(self) -> str:
        return self.documented.status

    def breaks(self, change: Change) -> Breaks:
        """Changes this answer."""
        return partial(rarely if self.rare else always, self.status, change)

    def edits(self, change: Callable[[Any], Any]) -> Breaks:
        """Changes the body of this answer."""
        return self.breaks(partial(_edited, change))


def answers(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Every mutant of every documented answer of the operation."""
    for documented in operation.responses:
        answer = _answer(spec, operation, documented)
        yield from _statuses(answer)
        yield from _headers(answer)
        if documented.content:
            yield from _media(answer)
        if documented.json is not None:
            yield from _bodies(answer, documented.json)
            for place in places(spec, documented.json.schema_pointer):
                yield from _place(answer, place)


def _answer(spec: Spec, operation: Operation, documented: Documented) -> _Answer:
    own = (status for status in _candidates(documented) if operation.response(status) is documented)
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
        return _Answer(spec, operation, documented, status, "")
    reason = "" if status else "every status is documented by itself"
    if not provoked.get(status):
        return _Answer(spec, operation, documented, status, reason, rare=True)
    return _Answer(spec, operation, documented, status, reason)


def _candidates(documented: Documented) -> Iterable[int]:
    """The statuses that it may be about, likely ones first."""
    text = documented.status
    if text.isdecimal():
        return (int(text),)
    known = (400, 404, 409, 418, 503)
    return known if text == "default" else range(int(text[0]) * 100, int(text[0]) * 100 + 100)


def _edited(change: Callable[[Any], Any], response: Response) -> Response:
    return with_json(response, change(response.json())) if response.body else response


def _statuses(answer: _Answer) -> Iterator[Mutant]:
    operation = answer.operation
    about = operation.pointer + "/responses"
    make = partial(answer.mutant, "status", f"{about}/{answer.name}")
    unknown = [s for s in _STATUSES if operation.response(s) is None]
    same = [s for s in unknown if s // 100 == answer.status // 100]
    pointers = frozenset({about})
    security = ("security.refused-otherwise",) if answer.status == 401 else ()
    for how, status in (("other", next(iter(same or unknown), 0)), ("500", 500)):
        documented = operation.response(status) if status else None
        equivalent = "" if status and documented is None else "every such status is documented"
        breaks = answer.breaks(_with_status(status))
        kind = "response.server-error" if how == "500" else "response.status.undocumented"
        expected = (kind, *security)
        if security:
            pointers |= {operation.pointer + "/security", "/security"}
        yield make(breaks, *expected, how=how, pointers=pointers, equivalent=equivalent)


def _with_status(status: int) -> Callable[[Response], Response]:
    return lambda response: attrs.evolve(response, status=status)


def _headers(answer: _Answer) -> Iterator[Mutant]:
    for header in answer.documented.headers:
        name = header.name

        def drop(response: Response, name: str = name) -> Response:
            kept = tuple(pair for pair in response.headers if pair[0].lower() != name.lower())
            return attrs.evolve(response, headers=kept)

        def wrong(response: Response, name: str = name) -> Response:
            return with_body(response, response.body, headers={name: "\N{SNOWMAN}".encode().hex()})

        reason = "" if header.required else "the header may be left out"
        make = partial(answer.mutant, pointers=_sites(answer, header.schema_pointer), place=name)
        yield make(
            "header.missing",
            header.pointer,
            answer.breaks(drop),
            "response.header.missing",
            equivalent=reason,
        )
        sent = "\N{SNOWMAN}".encode().hex()
        is_wait = name.lower() == "retry-after"  # which HTTP itself gives a form
        free = not is_wait and not violations(answer.spec, header.schema_pointer, sent)
        yield make(
            "header.wrong",
            header.pointer if is_wait else header.schema_pointer,
            answer.breaks(wrong),
            "response.header.wrong",
            equivalent="any text is allowed" if free else "",
        )


def _sites(answer: _Answer, schema_pointer: str) -> frozenset[str]:
    found = list(places(answer.spec, schema_pointer))
    return found[0].clauses if found else frozenset()


def _media(answer: _Answer) -> Iterator[Mutant]:
    def dropped(response: Response) -> Response:
        kept = tuple(pair for pair in response.headers if pair[0].lower() != "content-type")
        return attrs.evolve(response, headers=kept)

    def other(response: Response) -> Response:
        return with_body(response, response.body, headers={"Content-Type": "text/html"})

    make = partial(answer.mutant, "content-type", answer.documented.pointer + "/content")
    any_type = any("*" in media.name for media in answer.documented.content)
    yield make(answer.breaks(dropped), "response.content-type.missing", how="missing")
    yield make(
        answer.breaks(other),
        "response.content-type.undocumented",
        how="wrong",
        equivalent="any media type is documented" if any_type else "",
    )


def _bodies(answer: _Answer, media: MediaType) -> Iterator[Mutant]:
    make = partial(answer.mutant, "json", media.pointer)
    forms: dict[str, Callable[[bytes], bytes]] = {
        "page": lambda _: b"<html><body>Bad Gateway</body></html>",
        "truncated": lambda body: body[: len(body) // 2],
        "empty": lambda _: b"",
    }
    for how, form in forms.items():

        def change(response: Response, form: Callable[[bytes], bytes] = form) -> Response:
            return with_body(response, form(response.body))

        yield make(answer.breaks(change), "response.json.unreadable", how=how)


def _place(answer: _Answer, place: Place) -> Iterator[Mutant]:
    """The mutants of one place in the body."""
    for pointer, schema in place.schemas:
        for name in schema.get("required", ()):
            yield _value(answer, place, "required", f"{pointer}/required", REMOVED, name=name)
        for word in ("enum", "const", "format", *BOUNDS):
            if word in schema:
                yield _keyword(answer, place, pointer, word)
    if place.types - {"null"}:
        yield from _types(answer, place)
    yield from _strangers(answer, place)


def _value(
    answer: _Answer,
    place: Place,
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
    return answer.mutant(
        kind,
        pointer,
        answer.edits(partial(changed, path=path, change=lambda _: wrong)),
        expected,
        *chosen,
        place=named(path),
        pointers=place.clauses,
        wheres=frozenset() if _maps(place) else frozenset({named(path), place.name}),
        **more,
    )


def _maps(place: Place) -> bool:
    """Whether a step of the path may be the key of a map, which findings name."""
    return KEYS in place.path


def _keyword(answer: _Answer, place: Place, pointer: str, word: str) -> Mutant:
    try:
        wrong, reason = breaking(answer.spec, pointer, word), ""
    except LookupError as error:
        wrong, reason = None, str(error)
    return _value(answer, place, word, f"{pointer}/{word}", wrong, equivalent=reason)


def _types(answer: _Answer, place: Place) -> Iterator[Mutant]:
    stated = [p for p, s in place.schemas if "type" in s and s["type"] != "null"]
    allowed = partial(_allowed, answer.spec, place)
    wrong = other_type(place.types)
    reason = "" if wrong is not None and not allowed(wrong) else "any type is allowed"
    yield _value(answer, place, "type", stated[0] + "/type", wrong, equivalent=reason)
    if not allowed(None):
        yield _value(answer, place, "null", stated[0] + "/type", None)


def _allowed(spec: Spec, place: Place, value: Any) -> bool:
    """Whether the schema as it is first written allows the value."""
    return not violations(spec, place.schemas[0][0], value)


def _strangers(answer: _Answer, place: Place) -> Iterator[Mutant]:
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
    yield answer.mutant(
        "undocumented",
        closed[0] + "/properties",
        answer.edits(partial(changed, path=place.path, change=add)),
        "response.field.undocumented",
        place=place.name,
        pointers=under(*(p for p in closed), words=words) | {f"{p}/properties" for p in closed},
        wheres=frozenset() if _maps(place) else frozenset({where, place.name}),
    )


def later_pages(spec: Spec, operation: Operation, mutant: Mutant) -> Mutant:
    """The same mutant, wrong only on pages after the first."""
    listing = operation.listing
    parameter = listing.page.parameter if listing else None

    def breaks(server: Broken, target: Operation, request: Request) -> Response:
        pairs = [part.partition("=")[::2] for part in request.query.split("&")]
        first = str(listing.page.first) if listing and listing.page.style == "number" else "0"
        later = any(name == parameter and value not in {"", first} for name, value in pairs)
        return mutant.breaks(server, target, request) if later else server.mock.handle(request)

    check = find_check_for_mutant("later-pages")
    return attrs.evolve(mutant, id=f"{mutant.id}/later-pages", breaks=breaks, check=check)
