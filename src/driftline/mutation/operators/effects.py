"""Mutants of what operations do to rows: `x-effect`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from driftline.mock import Request, Response
from driftline.mutation.mutants import (
    Breaks,
    Broken,
    Clause,
    Mutant,
    under,
    with_body_of,
    with_json,
)
from driftline.mutation.operators.rejections import documented_answer, refused
from driftline.openapi.extensions.rules import Effect
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import follow, is_array, split
from driftline.openapi.schema.validation import violations
from driftline.openapi.value_paths import REMOVED, Place, changed, places

__all__ = ["effects"]

SPARE = (
    *("driftline", "https://driftline.example.com/", "2001-02-03T04:05:06Z", "2001-02-03"),
    *("00000000-0000-4000-8000-0000000d41f7", 7_777, 77.5, True, False),
)


def effects(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Every mutant of the operation's effect."""
    effect = operation.effect
    if effect is None:
        return
    make = partial(_mutant, spec, operation)
    if effect.item is not None:
        path = tuple(split(effect.item))
        lost = _edited(partial(changed, path=path, change=lambda _: REMOVED if path else []))
        # At the top of the body, its schema says the same.
        schema = _schema(operation, effect.item)
        same = under(f"{spec.resolve(schema)[0]}/type") if not path and schema else frozenset[str]()
        ids = ("effect.item.missing", *(["response.type.wrong"] if same else []))
        yield make("item", "item", lost, *ids, pointers=same)
    if effect.kind == "create":
        yield from _created(spec, operation, effect)
    elif effect.kind == "read":
        yield make("read", "kind", _not_found, "effect.not-found")
    elif effect.kind == "delete":
        yield make("delete", "kind", _keeps, "effect.not-deleted")
    else:
        yield make("update", "kind", _keeps, "effect.field.changed")


def _schema(operation: Operation, item: str) -> str:
    media = operation.success.json if operation.success else None
    return media.schema_pointer if media and not item else ""


def _mutant(
    spec: Spec,
    operation: Operation,
    kind: str,
    word: str,
    breaks: Breaks | None,
    *expected: str,
    place: str = "",
    **more: Any,
) -> Mutant:
    pointer = f"{operation.pointer}/x-effect/{word}"
    clause = Clause(operation, f"effect.{kind}", pointer, place)
    return Mutant.of(spec, clause, breaks, *expected, **more)


def _edited(change: Callable[[Any], Any]) -> Breaks:
    def breaks(server: Broken, _: Operation, request: Request) -> Response:
        response = server.mock.handle(request)
        if not 200 <= response.status < 300 or not response.body:
            return response
        return with_json(response, change(response.json()))

    return breaks


def _created(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    make = partial(_mutant, spec, operation)
    listing = spec.operation(effect.of) if effect.of else None
    if listing and listing.listing and effect.item is not None:
        single = listing.listing.page.style == "single"
        reason = "only the first page can be asked for" if single else ""
        also = frozenset({listing.id})
        unlisted = partial(_unlisted, listing, effect.item)
        yield make("of", "of", unlisted, "effect.not-listed", also=also, equivalent=reason)
    for pointer in effect.unique:
        breaks = partial(_taken_twice, pointer, effect.item)
        kind = "effect.unique.accepted"
        yield make("unique", "unique", breaks, kind, place=split(pointer)[0])
    if effect.item is not None:
        yield from _repeated(spec, operation, effect)
        yield from _fields(spec, operation, effect.item)


def _repeated(spec: Spec, operation: Operation, effect: Effect) -> Iterator[Mutant]:
    for parameter in operation.parameters:
        if parameter.idempotency_key:
            word = f"{parameter.pointer}/x-idempotency-key"
            clause = Clause(operation, "effect.repeated", word, parameter.name)
            breaks = partial(_carried_out_again, parameter.name, effect)
            own = frozenset({parameter.pointer})
            yield Mutant.of(spec, clause, breaks, "effect.repeated", pointers=own)


def _carried_out_again(
    header: str, effect: Effect, server: Broken, operation: Operation, request: Request
) -> Response:
    """Does not look at the key, nor whether a value is taken where there is one."""
    kept = tuple(pair for pair in request.headers if pair[0].lower() != header.lower())
    if kept == tuple(request.headers):
        return server.mock.handle(request)
    request = attrs.evolve(request, headers=kept)
    if effect.unique:
        return _taken_twice(effect.unique[0], effect.item, server, operation, request)
    return server.mock.handle(request)


def _unlisted(
    listing: Operation, item: str, server: Broken, operation: Operation, request: Request
) -> Response:
    """Leaves what was created out of the listing."""
    response = server.mock.handle(request)
    words = listing.listing
    if not 200 <= response.status < 300 or words is None:
        return response
    hidden: set[Any] = server.memory.setdefault("hidden", set())
    body = response.json()
    if operation.id != listing.id:
        hidden.add(follow(follow(body, item), words.id))
        return response

    def without(rows: Any) -> Any:
        return (
            [row for row in rows if follow(row, words.id) not in hidden] if is_array(rows) else rows
        )

    return with_json(response, changed(body, tuple(split(words.items)), without))


def _taken_twice(
    pointer: str, item: str | None, server: Broken, _: Operation, request: Request
) -> Response:
    """Takes a value that another row has, as if it were a new one."""
    response = server.mock.handle(request)
    if response.status not in {400, 409} or not request.body:
        return response
    try:
        body = json.loads(request.body)
    except ValueError:
        return response
    path = tuple(split(pointer))
    count = server.memory["count"] = server.memory.get("count", 0) + 1
    fresh = changed(body, path, lambda _: f"driftline-fresh-{count}")
    kind = request.header("Content-Type") or "application/json"
    second = server.mock.handle(with_body_of(request, kind, json.dumps(fresh).encode()))
    if not 200 <= second.status < 300 or item is None:
        return second
    shown = changed(second.json(), (*split(item), *path), lambda _: follow(body, pointer))
    return with_json(second, shown)


def _not_found(server: Broken, operation: Operation, request: Request) -> Response:
    """Finds no row that has not been there from the first."""
    response = server.mock.handle(request)
    return refused(server.spec, operation, 404) if response.status < 300 else response


def _keeps(server: Broken, operation: Operation, request: Request) -> Response:
    """Answers as if it had been done, and does nothing."""
    documented = operation.success
    status = int(documented.status) if documented and documented.status.isdecimal() else 200
    return documented_answer(server.spec, operation, status)


def _fields(spec: Spec, operation: Operation, item: str) -> Iterator[Mutant]:
    """Each field that request and row both have comes back otherwise."""
    asked = operation.body.json if operation.body else None
    answered = operation.success.json if operation.success else None
    if asked is None or answered is None:
        return
    sent = {p.path[0]: p for p in places(spec, asked.schema_pointer) if len(p.path) == 1}
    path = tuple(split(item))
    for place in places(spec, answered.schema_pointer):
        if len(place.path) == len(path) + 1 and place.path[:-1] == path:
            name = place.path[-1]
            if name in sent:
                yield _field(spec, operation, place, sent[name])


def _field(spec: Spec, operation: Operation, place: Place, sent: Place) -> Mutant:
    name = place.path[-1]
    pointer = place.schemas[0][0]
    choices = [value for _, schema in place.schemas for value in schema.get("enum", ())]
    spare = [v for v in (*choices, *SPARE) if not violations(spec, pointer, v)]
    is_flat = not (place.types | sent.types) & {"array", "object"}
    reason = "" if is_flat else "request and answer have it in forms of their own"
    reason = reason or ("" if len(spare) > 1 or not choices else "it can have one value only")

    def other(value: Any) -> Any:
        return next((each for each in spare if each != value), value)

    breaks = _edited(partial(changed, path=place.path, change=other))
    return _mutant(
        spec,
        operation,
        "field",
        "item",
        breaks,
        "effect.field.changed",
        place=name,
        wheres=frozenset({name}),
        equivalent=reason,
    )
