"""What a client noticed, as findings: its event names the place, and the spec has the clause."""

from __future__ import annotations

from driftline.checks import Flaw, collapse
from driftline.observe.readers import Event
from driftline.openapi import Operation, Spec, find_schema_at, pointer as json_pointer

# Kind of event: id of the finding, keyword of the clause, whether it stands a level higher.
_KINDS = {
    "field.missing": ("response.required.missing", "required", True),
    "field.null": ("response.type.wrong", "type", False),
    "field.undocumented": ("response.field.undocumented", "properties", True),
    "enum.undocumented": ("response.enum.undocumented", "enum", False),
    "type.mismatch": ("response.type.wrong", "type", False),
    "format.mismatch": ("response.format.wrong", "format", False),
}


def find_event_flaw(spec: Spec, operation: Operation, event: Event) -> Flaw | None:
    """Return the flaw that the event tells of; None if there is no such kind of event."""
    if event.kind not in _KINDS:
        return None
    kind, keyword, above = _KINDS[event.kind]
    where = collapse(event.pointer)
    return Flaw(
        kind=kind,
        pointer=_find_clause(spec, operation, event, keyword, above=above),
        message=f"the client noticed {event.kind} at {where or 'the body'}",
        expected=event.expected,
        got=event.got,
        where=where,
    )


def _find_clause(
    spec: Spec, operation: Operation, event: Event, keyword: str, *, above: bool
) -> str:
    """Return the clause itself, or the nearest one above it that can be told."""
    media = operation.success.json if operation.success else None
    if media is None or not media.schema_pointer:
        return operation.pointer + "/responses"
    place = event.pointer
    if above:
        place = place.rpartition("/")[0]
    found = find_schema_at(spec, media.schema_pointer, place)
    if found is None:
        return media.schema_pointer
    pointer, schema = spec.resolve(found)
    for branch in ("", "/anyOf/0", "/oneOf/0"):
        inner, schema = spec.resolve(pointer + branch)
        if json_pointer.is_object(schema) and keyword in schema:
            return f"{inner}/{keyword}"
    return pointer
