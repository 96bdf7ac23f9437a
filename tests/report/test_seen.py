"""Coverage in reports: percentages, summaries and lists."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from driftline.checks.coverage.evidence import Coverage, Evidence
from driftline.errors import Location
from driftline.report import terminal
from driftline.report.formats import html
from driftline.report.phrases import list_not_covered, share, summarize_coverage

from .conftest import CHECK, REPORT

LOCATION = Location(Path("specs/shop.yaml"), 7, "/paths")
FIELD = Evidence(kind="present", location=LOCATION, part="200", where="data[].tip", first=3)
NEVER_COVERED = attrs.evolve(FIELD, kind="absent", first=0, reason="always present (4)")


@pytest.mark.parametrize(
    ("covered", "total", "expected"),
    [(0, 0, "100 %"), (0, 3, "0 %"), (2, 3, "66 %"), (999, 1000, "99 %"), (5, 5, "100 %")],
)
def test_coverage_is_rounded_down(covered: int, total: int, expected: str) -> None:
    """Coverage is rounded down, so that 100 % means complete."""
    evidence = (FIELD,) * covered + (NEVER_COVERED,) * (total - covered)
    assert share(Coverage(evidence)) == expected


def test_not_covered_clauses_are_listed() -> None:
    """The table has the percentage, the summary the counts, and `--not-covered` each clause."""
    check = attrs.evolve(CHECK, name="coverage", coverage=Coverage((FIELD, NEVER_COVERED)))
    report = attrs.evolve(REPORT, checks=(*REPORT.checks, check))
    assert summarize_coverage(report) == "Covered: 1 of 2 documented clauses; 1 not covered."
    line = "200 data[].tip absent: always present (4)  specs/shop.yaml:7"
    assert dict(list_not_covered(report)) == {"shop order.list": [line]}
    short, long = terminal.render(report), terminal.render(report, with_uncovered=True)
    assert "50 %" in short
    assert "--not-covered" in short
    assert line not in short
    assert "--not-covered" not in long
    assert line in long
    page = html.render(report)
    assert "Not covered" in page
    assert "200 data[].tip absent: always present (4)" in page


def test_a_report_without_coverage_shows_none() -> None:
    """A report without coverage shows no coverage."""
    assert summarize_coverage(REPORT) == ""
    assert list(list_not_covered(REPORT)) == []
