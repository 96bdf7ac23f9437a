"""Rows that belong to a deleted row: deleted with it, or a reason not to delete it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

import attrs

from driftline.checks import NOTHING, Exchange
from driftline.openapi import (
    MISSING,
    Effect,
    Operation,
    Response,
    Spec,
    follow,
    is_object,
    list_references,
    parse_reference_rule,
)
from driftline.suite.examinations.rows.creations.created_row import find_created_row
from driftline.suite.examinations.rows.described_states import list_sentences
from driftline.suite.examinations.rows.steps import call_on_row, has_row, report_accepted
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import create_row, make_samples
from driftline.suite.unique_values import make_unique_string, set_unique_fields, vary_strings

_DELETES: Final = r"\b(?:delet|remov)\w+"
_CONDITIONS: Final = re.compile(
    r"\b(not|must|cannot|unless|if|only|without|before|first|keep\w*|kept|remain\w*|stays?|empty|no)\b",
    re.IGNORECASE,
)
_REJECTS: Final = re.compile(r"\b(409|reject|conflict|cannot|not (be )?deleted)", re.IGNORECASE)


@attrs.frozen
class _Link:
    """A creation whose rows belong to a row: by a path parameter, or by a field of the body."""

    creator: Operation
    parameter: str = ""
    field: str = ""


def check_dependents(probe: Probe, effect: Effect) -> None:
    """Delete a row to which another one belongs, where the document says what happens then.

    A mock deletes no other rows.
    """
    if probe.session.target.is_mock:
        return
    for chain in _list_chains(probe.spec, effect):
        noun = _find_noun(probe.spec, chain[-1].creator)
        conflict = _find_restriction(probe.operation, noun)
        if conflict is None and not _is_deleted_too(probe.operation, noun):
            continue
        with suppress(NotAllowed, NotChecked):
            _delete_with_dependent(probe, effect, chain, conflict)


def _list_chains(spec: Spec, effect: Effect) -> list[tuple[_Link, ...]]:
    """Return how rows belong to rows of an effect: as a hotel's rooms, or as their bookings."""
    links = _list_links(spec, effect)
    names = {effect.of, *(link.creator.effect.of for link in links if link.creator.effect)}
    return [(link,) for link in links] + [
        (link, below)
        for link in links
        if link.creator.effect is not None
        for below in _list_links(spec, link.creator.effect)
        if below.creator.effect is not None and below.creator.effect.of not in names
    ]


def _delete_with_dependent(
    probe: Probe, effect: Effect, chain: tuple[_Link, ...], conflict: Response | None
) -> None:
    row_id = child_id = create_row(probe.session, effect)
    for link in chain:
        child_id = _create_dependent(probe, link, child_id)
        if child_id is MISSING:
            return
    child_effect = chain[-1].creator.effect
    if child_effect is None or not has_row(probe, child_effect, child_id):
        return
    exchange = call_on_row(probe, probe.operation, row_id)
    if not exchange.ok:
        return
    if conflict is not None:
        message = "a row is deleted although another one belongs to it"
        report_accepted(probe, "effect.conflict.accepted", conflict, message, exchange)
    elif has_row(probe, child_effect, child_id):
        probe.report(
            "effect.not-deleted",
            f"{probe.operation.pointer}/x-effect/kind",
            message=f"a row of {child_effect.of} still exists after the deletion of the row that "
            "it belongs to",
            expected="404, or no such row",
            got="the row",
            exchange=exchange,
        )


def _list_links(spec: Spec, effect: Effect) -> list[_Link]:
    """Return the creations of rows that belong to rows of an effect."""
    links: list[_Link] = []
    for operation in spec.operations:
        created = operation.effect
        if created is None or created.kind != "create" or created.of in (None, effect.of):
            continue
        links += [
            _Link(operation, parameter=parameter.name)
            for parameter in operation.parameters
            if parameter.location == "path"
            and parse_reference_rule(spec, parameter.schema_pointer) == effect.of
        ]
        media = operation.body.json if operation.body else None
        links += [
            _Link(operation, field=reference.path[0])
            for reference in (list_references(spec, media.schema_pointer) if media else ())
            if len(reference.path) == 1 and reference.of == effect.of
        ]
    return links


def _create_dependent(probe: Probe, link: _Link, row_id: Any) -> Any:
    """Return the id of a new row that belongs to a row, or MISSING."""
    session, creator = probe.session, link.creator
    row = {link.parameter: row_id} if link.parameter else None
    request = next(make_samples(session, creator, row))
    body = request.body
    if is_object(body):
        unique = make_unique_string(session)
        body = set_unique_fields(probe.spec, creator, body, unique)
        body = vary_strings(probe.spec, creator, body, unique)
        body = {**body, link.field: row_id} if link.field else body
    exchange = session.send(creator, request.arguments, body=body if creator.body else NOTHING)
    return _find_id(Probe(session, creator), exchange) if exchange.ok else MISSING


def _find_id(probe: Probe, exchange: Exchange) -> Any:
    effect = probe.operation.effect
    listing = probe.spec.find_operation(effect.of or "") if effect else None
    if effect is None or listing is None or listing.listing is None:
        return MISSING
    row = find_created_row(probe, effect, exchange)
    return MISSING if row is MISSING else follow(row, listing.listing.id)


def _find_noun(spec: Spec, creator: Operation) -> str:
    """Return the last fixed segment of the path of the rows, such as `rooms`."""
    listing = spec.find_operation((creator.effect.of if creator.effect else "") or "")
    path = (listing or creator).path.rstrip("/")
    return re.escape(path.rpartition("/")[2].replace("_", " ").replace("-", " ").lower())


def _is_deleted_too(operation: Operation, noun: str) -> bool:
    """Return whether a deletion is said to delete rows: "with its rooms", "its rooms, too"."""
    deletes_both = re.compile(
        rf"{_DELETES}\b.*\b(with|and)\b.*\b{noun}\b|\b{noun}\b.*\b(is|are|be)\b.*{_DELETES}", re.I
    )
    return any(
        deletes_both.search(sentence) and not _CONDITIONS.search(sentence)
        for sentence in list_sentences(operation, ".;:")
    )


def _find_restriction(operation: Operation, noun: str) -> Response | None:
    """Return the 409 that is said to reject the deletion of a row with others: "has employees"."""
    conflict = operation.find_exact_response("409")
    has_others = re.compile(
        rf"\b(has|have|with|contains?|any)( any| some| still)? {noun}\b"
        r"(?! (that|who|which|with|in)\b)",
        re.IGNORECASE,
    )
    sentences = [s for s in list_sentences(operation, ".;:") if _REJECTS.search(s)]
    if conflict is None:
        return None
    return conflict if any(map(has_others.search, [*sentences, conflict.description])) else None
