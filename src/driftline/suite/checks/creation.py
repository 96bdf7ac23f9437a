"""What operations do to rows: `x-effect`."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import creates_rows
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe

__all__ = ["changing_rows", "creation"]


@check(
    name="creation",
    column="creation",
    applies=creates_rows,
    findings=(
        "effect.field.changed",
        "effect.item.missing",
        "effect.not-deleted",
        "effect.not-found",
        "effect.not-listed",
        "effect.repeated",
        "effect.unique.accepted",
    ),
    mutants=("effect.*", "response.409.*"),
    docs="A created row comes back as it was sent, is listed, can be read and deleted, and is not "
    "created twice.",
)
def creation(probe: Probe) -> None:
    """Create rows and look for each."""
    from driftline.suite.examinations import creation as implementation

    implementation.check_creation(probe)


@check(
    name="changing rows",
    column="creation",
    applies=creates_rows,
    findings=("listing.page.repeats", "listing.row.lost"),
    mutants=("listing.page.moving",),
    docs="A walk by cursor shows each row once, although another row is created meanwhile.",
)
def changing_rows(probe: Probe) -> None:
    """Create a row in the middle of a walk over the pages."""
    from driftline.suite.examinations import moving_rows

    moving_rows.check_moving_rows(probe)
