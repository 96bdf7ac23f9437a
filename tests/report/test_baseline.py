"""Baselines: what an entry accepts, when it expires, and the file that stores it."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from datetime import date, timedelta
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

import attrs
import jsonschema_rs
import pytest
from hypothesis import given, strategies as st

from driftline.errors import FileError
from driftline.report import Report
from driftline.report.baseline import (
    Accepted,
    Baseline,
    escape,
    matches_glob,
    read_baseline,
    write_baseline,
)
from driftline.report.redact import make_printable
from driftline.report.report import FailureRules

from .conftest import FINDING

Make = Callable[..., Any]
TODAY = date(2025, 1, 31)  # the day of the report in conftest.py
ENTRY = Accepted(
    api="shop",
    operation="order.list",
    id="response.required.missing",
    where="data[].*",
    reason="they mend it in March",
    expires=date(2025, 3, 31),
)
STRINGS = st.text(st.characters(codec="utf-8")).map(make_printable)
NAMES = STRINGS.filter(bool)
DATES = st.dates(min_value=date(1900, 1, 1))
ENTRIES = st.builds(
    Accepted,
    api=NAMES,
    operation=STRINGS,
    id=NAMES,
    reason=STRINGS.filter(str.strip),
    expires=DATES,
    where=st.none() | STRINGS,
)


def remove_lines(baseline: Baseline) -> list[Accepted]:
    return [attrs.evolve(entry, line=0) for entry in baseline.entries]


@given(STRINGS, STRINGS)
def test_an_escaped_string_matches_only_itself(first: str, second: str) -> None:
    """An escaped string matches itself and no other string, whatever its characters."""
    assert matches_glob(escape(first), first)
    assert matches_glob(escape(first), second) is (first == second)


@given(STRINGS, STRINGS, STRINGS)
def test_a_star_matches_any_string_and_a_question_mark_one_character(
    head: str, any_text: str, tail: str
) -> None:
    """`*` matches any text and `?` one character, between escaped strings."""
    string = head + any_text + tail
    assert matches_glob(f"{escape(head)}*{escape(tail)}", string)
    assert matches_glob(escape(head) + "?" * len(any_text) + escape(tail), string)
    assert not matches_glob(escape(head) + "?" * (len(any_text) + 1) + escape(tail), string)


@given(STRINGS, STRINGS)
def test_any_string_is_a_valid_pattern(pattern: str, string: str) -> None:
    """Any string is a valid pattern, and one without wildcards matches itself."""
    is_plain = not set(pattern) & set("*?\\")
    assert matches_glob(pattern, string) in ({string == pattern} if is_plain else {True, False})


@pytest.mark.parametrize(
    ("pattern", "string", "matches"),
    [
        ("data[].id", "data[].id", True),
        ("data[].id", "datad.id", False),
        ("data[].*", "data[].agent.id", True),
        ("*", "", True),
        ("", "", True),
        ("", "x", False),
        (r"a\*", "a*", True),
        (r"a\*", "ab", False),
        ("a\\", "a\\", True),
    ],
)
def test_brackets_in_a_pattern_match_themselves(pattern: str, string: str, matches: bool) -> None:
    """Brackets in a pattern match themselves and are not a character set."""
    assert matches_glob(pattern, string) is matches


@pytest.mark.parametrize("name", ["api", "operation", "id"])
def test_an_entry_matches_only_its_own_findings(name: str) -> None:
    """An entry matches only its own API, operation, ID and, if given, location."""
    assert ENTRY.matches(FINDING)
    assert not ENTRY.matches(attrs.evolve(FINDING, **{name: "other"}))
    other_finding = attrs.evolve(FINDING, where="total")
    assert not ENTRY.matches(other_finding)
    assert attrs.evolve(ENTRY, where=None).matches(other_finding)


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), max_size=6))
def test_an_unexpired_entry_is_preferred_to_an_expired_one(entries: list[tuple[bool, int]]) -> None:
    """An unexpired entry is preferred to an expired one that also matches."""
    baseline_entries = tuple(
        attrs.evolve(ENTRY, api="shop" if fits else "x", expires=TODAY + timedelta(days=days))
        for fits, days in entries
    )
    entry = Baseline(Path("b"), baseline_entries).find_entry(FINDING, TODAY)
    fitting = [days for fits, days in entries if fits]
    assert (entry is None) is (not fitting)
    if entry is not None:
        assert entry.is_over(TODAY) is (max(fitting) < 0)


def apply_baseline(report: Report, *entries: Accepted) -> Report:
    rules = FailureRules(baseline=Baseline(Path("accepted.yaml"), entries))
    return attrs.evolve(report, rules=rules)


@pytest.mark.parametrize(("days", "code"), [(0, 0), (1, 0), (-1, 1)])
def test_an_entry_is_valid_through_its_last_day(
    days: int, code: int, report_of: Make, finding: Make
) -> None:
    """An entry is valid through its last day; from the next day on the finding fails the run."""
    entry = attrs.evolve(ENTRY, expires=TODAY + timedelta(days=days))
    report = apply_baseline(report_of(finding()), entry)
    assert report.exit_code == code
    (finding_data,) = report.to_dict()["findings"]
    assert finding_data["counts"] is bool(code)
    assert finding_data["accepted"]["expired"] is bool(code)
    assert finding_data["accepted"]["reason"] == ENTRY.reason
    assert report.to_dict()["baseline"] == {"file": "accepted.yaml", "stale": []}


def test_an_entry_that_matches_nothing_is_stale(report_of: Make, finding: Make) -> None:
    """A stale entry does not fail the run and is reported with its line, if its API was checked."""
    stale = attrs.evolve(ENTRY, operation="order.create", line=7)
    other_entry = attrs.evolve(ENTRY, api="bakery")
    report = apply_baseline(report_of(finding()), ENTRY, stale, other_entry)
    assert report.exit_code == 0
    (stale_entry,) = report.to_dict()["baseline"]["stale"]
    assert (stale_entry["operation"], stale_entry["line"]) == ("order.create", 7)


def test_no_entry_of_an_unchecked_api_is_stale(report_of: Make) -> None:
    """An entry is not reported as stale if its API could not be checked."""
    assert apply_baseline(report_of(outcome="error"), ENTRY).stale == []
    assert apply_baseline(report_of(outcome="error", api=""), ENTRY).stale == []
    assert len(apply_baseline(report_of(outcome="error", api="bank"), ENTRY).stale) == 1


def test_a_renewed_baseline_keeps_the_reasons_of_valid_entries(
    report_of: Make, finding: Make
) -> None:
    """`renew` keeps the reason of valid entries, replaces expired ones and drops stale ones."""
    holds = attrs.evolve(ENTRY, where=None)
    expired_entry = attrs.evolve(ENTRY, id="listing.row.lost", where="*", expires=date(2025, 1, 1))
    unused_entry = attrs.evolve(ENTRY, id="listing.page.endless")
    other_entry = attrs.evolve(ENTRY, api="bakery")
    findings = [finding(), finding(where="a*b"), finding(id="listing.row.lost")]
    earlier_baseline = Baseline(Path("b"), (holds, expired_entry, unused_entry, other_entry))
    renewed_baseline = earlier_baseline.renew(
        findings, {"shop"}, reason="new", expires=TODAY, today=TODAY
    )
    renewed_entry = attrs.evolve(expired_entry, where="data[].id", reason="new", expires=TODAY)
    assert renewed_baseline.entries == (other_entry, holds, renewed_entry)


@given(st.lists(st.tuples(NAMES, STRINGS, NAMES, STRINGS), max_size=6))
def test_a_new_baseline_accepts_each_finding_once(keys: list[tuple[str, str, str, str]]) -> None:
    """A new baseline accepts each of its findings once, and none of its entries is stale."""
    findings = [
        attrs.evolve(FINDING, api=api, operation=operation, id=kind, where=where)
        for api, operation, kind, where in keys
    ]
    baseline = Baseline(Path("b"), ()).renew(
        findings, set(), reason="r", expires=TODAY, today=TODAY
    )
    assert all(baseline.find_entry(finding, TODAY) for finding in findings)
    assert len(set(baseline.entries)) == len(baseline.entries) == len(set(keys))
    assert baseline.list_stale(findings, {finding.api for finding in findings}) == []


@given(st.lists(ENTRIES, max_size=4))
def test_a_written_baseline_is_read_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Accepted]
) -> None:
    """A baseline with any strings is read back unchanged, with the line of each entry."""
    path = tmp_path_factory.mktemp("baseline") / "accepted.yaml"
    write_baseline(Baseline(path, tuple(entries)))
    reread_baseline = read_baseline(path)
    assert remove_lines(reread_baseline) == entries
    lines = path.read_text(encoding="utf-8").split("\n")
    assert all(lines[entry.line - 1].startswith("  - api: ") for entry in reread_baseline.entries)


def test_a_baseline_matches_the_schema_and_may_be_json(tmp_path: Path) -> None:
    """A baseline may be JSON, and matches the published schema."""
    data = {"version": 1, "accepted": [{**ENTRY.to_dict()}]}
    schema = json.loads((resources("driftline.report") / "baseline.schema.json").read_text())
    assert jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(data)
    path = tmp_path / "accepted.json"
    path.write_text(json.dumps(data, indent=2))
    assert remove_lines(read_baseline(path)) == [ENTRY]


VALID_BASELINE = """\
version: 1
accepted:
  - api: shop
    operation: order.list
    id: listing.row.lost
    reason: known
    expires: 2025-03-31
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "expected_message"),
    [
        ("    reason: known\n", "", 3, '"reason" is a required property'),
        ("    expires: 2025-03-31\n", "", 3, '"expires" is a required property'),
        ("    id: listing.row.lost\n", "", 3, '"id" is a required property'),
        ("2025-03-31", "2025-02-30", 7, "expires: "),
        ("2025-03-31", "soon", 7, "expires: "),
        ("known", "'  '", 6, "reason: "),
        ("reason: known", "reason: 5", 6, "reason: 5 is not of type"),
        ("reason: known", "reason: known\n    when: now", 3, "'when' was unexpected"),
        ("api: shop", "api: ''", 3, "api: "),
        ("version: 1", "version: 2", 1, "version: 1 was expected"),
        ("id: listing", "id: a\n    id: listing", 6, "duplicate key 'id'"),
        ("accepted:", "accepted: [", 3, "not YAML"),
        (VALID_BASELINE, "", 1, "the file is empty"),
        (VALID_BASELINE, "[]", 1, "is not of type"),
        (VALID_BASELINE, "\x00", 1, "not YAML"),
    ],
)
def test_an_invalid_baseline_is_reported_with_its_line(
    old: str, new: str, line: int, expected_message: str, tmp_path: Path
) -> None:
    """An invalid baseline raises `FileError` with the file, line, problem and hint."""
    path = tmp_path / "accepted.yaml"
    path.write_text(VALID_BASELINE)
    assert len(read_baseline(path).entries) == 1
    path.write_text(VALID_BASELINE.replace(old, new))
    with pytest.raises(FileError) as caught:
        read_baseline(path)
    message = str(caught.value)
    assert message.splitlines()[0].startswith(f"{path}:{line}: ")
    assert expected_message in message
    assert "OpenAPI" not in message


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    """A missing file, or a directory, raises `FileError`."""
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(FileError, match="could not be read"):
            read_baseline(path)


@given(st.binary() | st.text().map(str.encode))
def test_a_file_of_any_bytes_is_an_error_with_its_problems(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """A file of any bytes raises `FileError` with its problems."""
    path = tmp_path_factory.mktemp("baseline") / "any.yaml"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        read_baseline(path)
    assert caught.value.problems


def test_a_full_disk_keeps_the_previous_baseline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk keeps the previous baseline and leaves no temporary file."""
    path = tmp_path / "accepted.yaml"
    path.write_text("old")

    def fail_to_sync(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail_to_sync)
    with pytest.raises(OSError, match="No space left"):
        write_baseline(Baseline(path, (ENTRY,)))
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {path.name: "old"}
