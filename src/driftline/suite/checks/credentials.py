"""Credentials."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import needs_credential, needs_token
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="credentials",
    column="auth",
    applies=needs_credential,
    findings=(
        "security.elsewhere-accepted",
        "security.not-enforced",
        "security.rejection.status",
        "security.valid-rejected",
    ),
    mutants=("security.*", "response.401.*"),
    docs="The right credential is accepted; a missing, empty or wrong one, or half a pair, is "
    "rejected.",
)
def credentials(probe: Probe) -> None:
    """Send one valid request with every kind of wrong credential."""
    from driftline.suite.examinations import credentials as implementation

    implementation.check_credentials(probe)


@check(
    name="tokens",
    column="auth",
    applies=needs_token,
    findings=(
        "security.scope.not-enforced",
        "security.token.expired",
        "security.token.rejected",
    ),
    mutants=("security.token*", "security.scope*"),
    docs="A token from the token endpoint is accepted; one that has expired, or lacks a scope that "
    "the operation needs, is rejected.",
)
def tokens(probe: Probe) -> None:
    """Obtain tokens, and send a right, a narrow and an expired one."""
    from driftline.suite.examinations import credentials as implementation

    implementation.check_tokens(probe)
