"""oasdiff's catalogue of breaking changes: each is found, and its near-twin is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from changes_wire.call_cases import CALLS
from changes_wire.comparing import (
    Json,
    as_body,
    as_header,
    as_parameter,
    as_response,
    changes,
    list_change_ids,
    wrap_in_object,
)
from changes_wire.schema_cases import COMING, SENT_CASES
from driftline.changes.wire import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "oasdiff.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (?:`([a-z.-]+)`|not (?:reported|breaking)) \| ?(.*?) ?\|$",
    re.MULTILINE,
)
ROWS = [
    (check, name, note)
    for checks, name, note in ROW.findall(PAGE)
    for check in re.findall(r"`([a-z-]+)`", checks)
]
COVERED_CHECKS = [(check, name) for check, name, _ in ROWS if name]

CASES_BY_PREFIX = {
    "request-body-": (SENT_CASES, as_body),
    "request-property-": (SENT_CASES, lambda schema: as_body(wrap_in_object(schema))),
    "new-required-request-property": (SENT_CASES, as_body),
    "request-parameter-property-": (
        SENT_CASES,
        lambda schema: as_parameter(wrap_in_object(schema), style="deepObject"),
    ),
    "request-parameter-": (SENT_CASES, as_parameter),
    "response-header-": (COMING, as_header),
    "response-body-": (COMING, as_response),
    "response-property-": (COMING, lambda schema: as_response(wrap_in_object(schema))),
    "response-": (COMING, as_response),
}


def find_case(check: str) -> tuple[Json, Json, Json]:
    """Return the old document, the new document and the near-twin of a check."""
    if check in CALLS:
        return CALLS[check]
    prefix = max(
        (candidate for candidate in CASES_BY_PREFIX if check.startswith(candidate)), key=len
    )
    cases, make = CASES_BY_PREFIX[prefix]
    stem = check.removeprefix(prefix)
    if prefix.startswith("new-required"):
        stem = f"new-required{stem}"
    old, new, twin = cases[stem]
    return make(old), make(new), make(twin)


def test_the_table_has_every_check_once() -> None:
    """The table lists each check once, and explains those that are not breaking changes."""
    checks = [check for check, _, _ in ROWS]
    assert len(checks) == len(set(checks)) == 278
    policies = ("sunset", "stability")
    reasons = [
        note or any(policy in check for policy in policies)
        for check, name, note in ROWS
        if not name
    ]
    assert reasons
    assert all(reasons)


@pytest.mark.parametrize(
    ("check", "name"), COVERED_CHECKS, ids=[check for check, _ in COVERED_CHECKS]
)
def test_a_breaking_change_is_found(check: str, name: str) -> None:
    """The change has the ID of the table, is breaking, and has a location in both documents."""
    old, new, _ = find_case(check)
    found_changes = [change for change in changes(old, new) if change.id == name]
    assert found_changes, list_change_ids(old, new)
    assert RULES[name].severity == "breaking"
    for change in found_changes:
        assert (change.old.file.name, change.new.file.name) == ("old.json", "new.json")
        assert min(change.old.line, change.new.line) > 1
        assert change.uses


@pytest.mark.parametrize(
    ("check", "name"), COVERED_CHECKS, ids=[check for check, _ in COVERED_CHECKS]
)
def test_the_near_twin_of_a_breaking_change_is_not_found(check: str, name: str) -> None:
    """The near-twin, which looks similar but does not break, does not get the ID."""
    old, _, twin = find_case(check)
    assert name not in list_change_ids(old, twin)


@pytest.mark.parametrize("check", [check for check, _ in COVERED_CHECKS])
def test_the_same_document_has_no_change(check: str) -> None:
    """A document compared with itself has no changes."""
    for document in find_case(check):
        assert changes(document, document) == []


def test_each_case_belongs_to_a_row_of_the_table() -> None:
    """Each case belongs to a row of the table."""
    checks = {check for check, _ in COVERED_CHECKS}
    assert set(CALLS) <= checks
    for cases, side in ((SENT_CASES, "request"), (COMING, "response")):
        for name in cases:
            stem = name.replace("new-required", "new-required-request-property")
            assert any(check.endswith(stem) and side in check for check in checks), stem
