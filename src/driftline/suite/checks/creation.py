"""What operations do to rows: `x-effect`."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import creates_rows, deletes_rows, updates_rows
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="creation",
    column="creation",
    applies=creates_rows,
    findings=(
        "effect.default.wrong",
        "effect.field.changed",
        "effect.item.missing",
        "effect.not-found",
        "effect.not-listed",
        "effect.repeated",
        "effect.unique.accepted",
    ),
    mutants=("effect.*", "response.409.*"),
    docs="A created row comes back as it was sent, is listed, can be read, and is not created "
    "twice.",
)
def creation(probe: Probe) -> None:
    """Create rows and look for each."""
    from driftline.suite.examinations.rows import creation as implementation

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
    from driftline.suite.examinations.listings import moving_rows

    moving_rows.check_moving_rows(probe)


@check(
    name="updates",
    column="creation",
    applies=updates_rows,
    findings=(
        "effect.default.wrong",
        "effect.field.changed",
        "effect.field.reset",
        "effect.missing.accepted",
    ),
    mutants=("effect.update*",),
    docs="An update changes the fields that it names and no other, rejects what the spec rejects, "
    "and does not succeed for a row that does not exist.",
)
def updates(probe: Probe) -> None:
    """Update each field alone and all together, and read the row back."""
    from driftline.suite.examinations.rows import updates as implementation

    implementation.check_updates(probe)


@check(
    name="deletion",
    column="creation",
    applies=deletes_rows,
    findings=("effect.not-deleted", "effect.missing.accepted"),
    mutants=("effect.delete*",),
    docs="A deleted row can be neither read nor listed, and is not deleted twice where a 404 is "
    "documented.",
)
def deletion(probe: Probe) -> None:
    """Delete a row, look for it, and delete it again."""
    from driftline.suite.examinations.rows import deletion as implementation

    implementation.check_deletion(probe)
