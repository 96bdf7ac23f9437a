"""Credentials."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import needs_credential
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe

__all__ = ["credentials"]


@check(
    name="credentials",
    column="auth",
    applies=needs_credential,
    findings=(
        "security.elsewhere-accepted",
        "security.not-enforced",
        "security.refused-otherwise",
        "security.right-refused",
    ),
    mutants=("security.*", "response.401.*"),
    docs="The right credential is accepted; a missing, empty or wrong one, or half a pair, is "
    "rejected.",
)
def credentials(probe: Probe) -> None:
    """Send one valid request with every kind of wrong credential."""
    from driftline.suite.examinations import credentials as implementation

    implementation.check_credentials(probe)
