"""A finding of an earlier run is gone only if the recording could have shown it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.checks import Finding
from driftline.errors import Location
from driftline.history import RunEntry, TrackedClause, build_timeline
from driftline.mock import Mock
from driftline.report import FailureRules, Report
from driftline.report.previous import EarlierReport

from .recordings import build_entry, build_har, observe_bytes, request_page, write_drift_log

START = datetime(2030, 1, 1, tzinfo=UTC)


def build_finding(where: str, operation: str = "call.list", **fields: str) -> Finding:
    values: dict[str, Any] = {
        "id": "response.type.wrong",
        "message": "wrong",
        "expected": "",
        "got": "",
        **fields,
    }
    location = Location(Path("specs/roark.yaml"), 1, "/x")
    return Finding(
        severity="breaking", api="roark", operation=operation, where=where, location=location,
        **values,
    )  # fmt: skip


FINDINGS = {
    "covered": build_finding("data[].status"),
    "undocumented field": build_finding("data[].extra", id="response.field.undocumented"),
    "undocumented status": build_finding("", id="response.status.undocumented"),
    "sent parameter": build_finding("limit", id="request.invalid.accepted"),
    "parameter that was not sent": build_finding("status", id="request.invalid.accepted"),
    "operation that was not recorded": build_finding("data.id", "call.create"),
}


def observe_pages(folder: Path, mock: Mock, **query: Any) -> Report:
    har = build_har([build_entry(*request_page(mock, **query))])
    return observe_bytes(folder, har).report


def list_gone(report: Report) -> set[str]:
    earlier = EarlierReport(Path("report.json"), START.isoformat(), tuple(FINDINGS.values()))
    compared = attrs.evolve(report, rules=FailureRules(since=earlier))
    return {name for name, finding in FINDINGS.items() if finding in compared.gone}


def test_only_what_a_recording_contains_can_be_gone(tmp_path: Path, mock: Mock) -> None:
    """A finding about an operation, parameter or field that does not occur is not gone."""
    assert list_gone(observe_pages(tmp_path, mock, limit=5)) == {
        "covered", "undocumented field", "undocumented status", "sent parameter"
    }  # fmt: skip


def test_a_listing_without_rows_shows_nothing_about_their_fields(
    tmp_path: Path, mock: Mock
) -> None:
    """A finding about a field of rows is not gone if the recorded page is empty."""
    empty_mock = Mock(mock.spec, rows=0)
    assert list_gone(observe_pages(tmp_path, empty_mock, limit=5)) == {
        "undocumented status", "sent parameter"
    }  # fmt: skip


def test_a_drift_log_does_not_show_that_a_finding_is_gone(tmp_path: Path) -> None:
    """A drift log has differences only, so that no other finding is gone."""
    event = {
        "api": "roark", "operation": "call.list", "pointer": "/data/0/title",
        "kind": "type.mismatch", "expected": "string", "got": "7",
    }  # fmt: skip
    assert list_gone(observe_bytes(tmp_path, write_drift_log(event)).report) == set()


@pytest.mark.parametrize(("limit", "state"), [(5, "gone"), (None, "unknown")])
def test_the_history_keeps_a_finding_that_a_recording_does_not_check(
    limit: int | None, state: str, tmp_path: Path, mock: Mock
) -> None:
    """In the history, a finding is gone after a run that checked it, and else not checked."""
    clause = TrackedClause.build(FINDINGS["sent parameter"], counts=True)
    report = observe_pages(tmp_path, mock, **({"limit": limit} if limit else {}))
    entry = RunEntry.build(attrs.evolve(report, started=START + timedelta(days=1)), [clause])
    first = attrs.evolve(entry, time=START, findings=(clause,), unchecked=frozenset())
    timeline = build_timeline([first, RunEntry.from_dict(entry.to_dict())])
    (followed,) = timeline.clauses
    assert (followed.state, followed.runs) == (state, 2 if state == "gone" else 1)
    assert [event.kind for event in timeline.events] == ["new", "gone"][: followed.runs]
