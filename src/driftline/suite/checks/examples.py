"""The documents' own examples."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import is_operation
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="documented examples",
    column="examples",
    applies=is_operation,
    findings=("example.invalid",),
    unmutated="it compares the document with itself; no server takes part",
    docs="Every example in the spec satisfies the schema that it stands beside.",
    asks_server=False,
)
def check_documented_examples(probe: Probe) -> None:
    """Hold every example against its schema."""
    from driftline.suite.examinations import examples

    examples.check_response_examples(probe)


@check(
    name="documented requests",
    column="examples",
    applies=is_operation,
    findings=("request.valid.rejected",),
    mutants=("body.rejected",),
    docs="The server accepts every request that the documents show and responds as the spec says.",
)
def check_documented_requests(probe: Probe) -> None:
    """Send every documented request."""
    from driftline.suite.examinations import examples

    examples.request_examples(probe)
