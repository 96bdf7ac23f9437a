"""Streams: server-sent events and JSON lines."""

# A check imports what it works with when it runs: listing the checks must stay cheap.
# ruff: noqa: PLC0415
from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.suite.applicability import has_stream
from driftline.suite.registry import check

if TYPE_CHECKING:
    from driftline.suite.probe import Probe


@check(
    name="streams",
    column="examples",
    applies=has_stream,
    findings=("response.stream.missing",),
    mutants=("response.stream.*",),
    docs="The server sends a stream where one is requested, by Accept and by the documented flag, "
    "and each item is as documented. At most 100 items are read, for at most 10 seconds.",
)
def check_streams(probe: Probe) -> None:
    """Request a stream and judge its items."""
    from driftline.suite.examinations import streams

    streams.request_stream(probe)
