"""Made requests: right and wrong ones, sequences of calls, hostile strings, other methods."""

# A check imports what it works with when it runs: listing the checks must stay cheap, and
# schemathesis alone takes longer to import than all other checks together.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import has_choices, has_links, is_operation, is_read
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe

_FINDINGS = (
    "request.valid.rejected",
    "request.invalid.accepted",
)


@check(
    name="fuzzing",
    column="fuzzing",
    applies=is_operation,
    findings=_FINDINGS,
    mutants=("parameter.*", "body.*", "response.400.*", "response.404.*", "response.415.*"),
    docs="Right requests are accepted, wrong ones are rejected, and none makes the server fail.",
)
def fuzzing(probe: Probe) -> None:
    """Send what schemathesis makes for the operation."""
    from driftline.suite.fuzzing import schemathesis_pass

    schemathesis_pass.check_fuzzing(probe)


@check(
    name="sequences",
    column="fuzzing",
    applies=has_links,
    findings=(*_FINDINGS, "effect.not-deleted", "effect.not-found"),
    unmutated="each step is a request of another check, whose mutants break the same clauses",
    docs="Calls that use what an earlier response held work: the next page, the row just created.",
)
def sequences(probe: Probe) -> None:
    """Follow the links between operations."""
    from driftline.suite.fuzzing import schemathesis_pass

    schemathesis_pass.check_sequences(probe)


@check(
    name="texts",
    column="fuzzing",
    applies=is_operation,
    findings=("request.invalid.accepted",),
    mutants=("parameter.odd-string", "body.json.accepted"),
    docs="Quotes, NUL, emoji and ten thousand characters break nothing where free strings are "
    "accepted, and a body that is not JSON is rejected.",
)
def texts(probe: Probe) -> None:
    """Send hostile strings."""
    from driftline.suite.examinations import hostile_strings as implementation

    implementation.check_hostile_strings(probe)


@check(
    name="choices",
    column="fuzzing",
    applies=has_choices,
    findings=("request.invalid.accepted",),
    mutants=("parameter.enum.case", "body.enum.case"),
    docs="A documented value in another case is rejected, and so is a value of a wrong format.",
)
def choices(probe: Probe) -> None:
    """Send documented values in the other case."""
    from driftline.suite.examinations import choices as implementation

    implementation.check_choices(probe)


@check(
    name="methods",
    column="fuzzing",
    applies=is_read,
    mutants=("method.failure",),
    docs="HEAD and OPTIONS do not make the server fail.",
)
def methods(probe: Probe) -> None:
    """Send HEAD and OPTIONS."""
    from driftline.suite.examinations import methods as implementation

    implementation.check_methods(probe)
