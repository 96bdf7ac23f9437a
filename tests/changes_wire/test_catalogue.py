"""oasdiff's catalogue of breaking changes, row by row: found, and not taken for what it is not."""

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
    field,
    ids,
)
from changes_wire.schema_cases import COMING, SENT
from driftline.changes.wire import RULES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "oasdiff.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| ((?:`[a-z-]+`(?:, )?)+) \| (?:`([a-z.-]+)`|not reported) \| ?(.*?) ?\|$", re.MULTILINE
)
ROWS = [
    (check, name, note)
    for checks, name, note in ROW.findall(PAGE)
    for check in re.findall(r"`([a-z-]+)`", checks)
]
FOUND = [(check, name) for check, name, _ in ROWS if name]

PLACES = {
    "request-body-": (SENT, as_body),
    "request-property-": (SENT, lambda schema: as_body(field(schema))),
    "new-required-request-property": (SENT, as_body),
    "request-parameter-property-": (
        SENT,
        lambda schema: as_parameter(field(schema), style="deepObject"),
    ),
    "request-parameter-": (SENT, as_parameter),
    "response-header-": (COMING, as_header),
    "response-body-": (COMING, as_response),
    "response-property-": (COMING, lambda schema: as_response(field(schema))),
    "response-": (COMING, as_response),
}


def case(check: str) -> tuple[Json, Json, Json]:
    """The old document, the new one, and the near-twin."""
    if check in CALLS:
        return CALLS[check]
    place = max((each for each in PLACES if check.startswith(each)), key=len)
    cases, make = PLACES[place]
    stem = check.removeprefix(place)
    if place.startswith("new-required"):
        stem = f"new-required{stem}"
    old, new, twin = cases[stem]
    return make(old), make(new), make(twin)


def test_the_table_has_every_check_once() -> None:
    """And those that are not reported are about a policy, or have a note."""
    checks = [check for check, _, _ in ROWS]
    assert len(checks) == len(set(checks)) == 278
    policies = ("sunset", "stability")
    reasons = [
        note or any(word in check for word in policies) for check, name, note in ROWS if not name
    ]
    assert reasons
    assert all(reasons)


@pytest.mark.parametrize(("check", "name"), FOUND, ids=[check for check, _ in FOUND])
def test_a_breaking_change_is_found(check: str, name: str) -> None:
    """By the id that the table names, which is breaking, with a place in both documents."""
    old, new, _ = case(check)
    found = [change for change in changes(old, new) if change.id == name]
    assert found, ids(old, new)
    assert RULES[name].severity == "breaking"
    for change in found:
        assert (change.old.file.name, change.new.file.name) == ("old.json", "new.json")
        assert min(change.old.line, change.new.line) > 1
        assert change.uses


@pytest.mark.parametrize(("check", "name"), FOUND, ids=[check for check, _ in FOUND])
def test_its_near_twin_is_not(check: str, name: str) -> None:
    """What looks alike and hurts nobody in that way has not that id."""
    old, _, twin = case(check)
    assert name not in ids(old, twin)


@pytest.mark.parametrize("check", [check for check, _ in FOUND])
def test_the_same_document_has_no_change(check: str) -> None:
    """Whatever is in it."""
    for document in case(check):
        assert changes(document, document) == []


def test_no_case_is_left_over() -> None:
    """Each belongs to a row of the table."""
    checks = {check for check, _ in FOUND}
    assert set(CALLS) <= checks
    for cases, side in ((SENT, "request"), (COMING, "response")):
        for name in cases:
            stem = name.replace("new-required", "new-required-request-property")
            assert any(check.endswith(stem) and side in check for check in checks), stem
