"""Rows with different values, which order and filter checks need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from driftline.checks import Walk, to_hashable
from driftline.openapi import MISSING, Effect, pointer as json_pointer
from driftline.suite.examinations.listings.walker import Walker
from driftline.suite.fuzzing.covering import cover
from driftline.suite.http.session import NotAllowed, NotChecked
from driftline.suite.probe import Probe
from driftline.suite.samples import list_operations_about, make_sample
from driftline.suite.unique_values import make_unique_string, vary_strings

_ROWS = "bac"
"""The first letters of the strings of the rows to create; unsorted, so that sorting moves them."""


def walk_varied_rows(walker: Walker, size: Mapping[str, Any], fields: Sequence[str]) -> Walk:
    """Return all rows; if a field has one value only, create rows with other values first.

    Rows are created only if the document has an operation for it that the run may call.
    """
    walk = walker.walk(size)
    if all(_count_values(walk, field) > 1 for field in fields):
        return walk
    return walker.walk(size) if _create_rows(walker.probe) else walk


def _count_values(walk: Walk, field: str) -> int:
    values = (json_pointer.follow(row, field) for row in walk.rows)
    return len({to_hashable(value) for value in values if value not in (MISSING, None)})


def _create_rows(probe: Probe) -> bool:
    """Create the rows; return whether any was created."""
    about = Effect("create", of=probe.operation.id)
    for creator in list_operations_about(probe.spec, about, "create"):
        media = creator.body.json if creator.body else None
        if media is None or not media.schema_pointer:
            continue
        has_created = False
        try:
            arguments = make_sample(probe.session, creator).arguments
            bodies = cover(probe.spec, media.schema_pointer, len(_ROWS), "request")
            for letter, body in zip(_ROWS, bodies, strict=False):
                unique = letter + make_unique_string(probe.session)
                varied = vary_strings(probe.spec, creator, body, unique)
                has_created |= probe.session.send(creator, arguments, body=varied).ok
        except (NotAllowed, NotChecked):
            continue
        if has_created:
            return True
    return False
