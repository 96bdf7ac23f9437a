"""`driftline explain` and its catalogue."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, strategies as st

from driftline.checks import CHECKS
from driftline.checks.catalogue import CATALOGUE, FROM_READINGS, CatalogueEntry
from driftline.checks.collector import KINDS, choose_severity
from driftline.cli import entries
from driftline.cli.commands.explain import TOPICS
from driftline.cli.group import driftline
from driftline.openapi import load_problem_kinds
from driftline.suite import finding_docs as prose

ROOT = Path(__file__).parents[2]
ENTRIES = list(CATALOGUE.values())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(driftline, ["explain", *arguments])


def list_suite_checks() -> set[str]:
    """Return the names of the registered checks and of the other sources of findings."""
    return {check.name for check in CHECKS} | {
        "spec",
        "fresh",
        "driftline observe",
        "custom checks",
        "coverage",
    }


def test_every_finding_id_has_a_catalogue_entry() -> None:
    """Every finding ID of the suite has a catalogue entry with the same summary."""
    assert KINDS.keys() | FROM_READINGS == CATALOGUE.keys()
    assert not KINDS.keys() & FROM_READINGS
    assert {name: CATALOGUE[name].summary for name in KINDS} == KINDS
    assert [entry.id for entry in ENTRIES] == list(CATALOGUE)


def test_every_id_in_the_source_is_explained() -> None:
    """Every finding ID in the source of the spec checks has a catalogue entry."""
    source = (ROOT / "src" / "driftline" / "check" / "spec_checks.py").read_text()
    assert set(re.findall(r'\bid="([^"]+)"', source)) == FROM_READINGS


@pytest.mark.parametrize("entry", ENTRIES, ids=CATALOGUE.keys())
def test_each_entry_is_complete(entry: CatalogueEntry) -> None:
    """Each entry has sentences, an example, existing checks and the default severity."""
    assert not entry.summary.endswith(".")
    for sentence in (entry.meaning, entry.hint):
        assert sentence.endswith(".")
        assert len(sentence) > 20
    assert entry.message
    assert entry.expected
    assert entry.got
    assert set(prose.list_finders(entry)) <= list_suite_checks()
    assert entry.severity == choose_severity(entry.id, None)
    assert entry.severity in {"breaking", "additive", "assumed"}


def test_a_finding_on_an_assumed_clause_is_not_breaking() -> None:
    """A finding on an assumed clause has the severity `assumed`."""
    assert choose_severity("response.required.missing", "a guess") == "assumed"
    assert choose_severity("response.field.undocumented", "a guess") == "assumed"


def test_without_an_id_all_are_listed() -> None:
    """Without an ID, `explain` lists every entry on its own line."""
    result = run()
    assert result.exit_code == 0
    for entry in ENTRIES:
        assert re.search(rf"^{re.escape(entry.id)}\b", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("entry", ENTRIES, ids=CATALOGUE.keys())
def test_one_id_is_explained_in_full(entry: CatalogueEntry) -> None:
    """`explain ID` prints the meaning, example, hint and checks of the entry."""
    result = run(entry.id)
    assert result.exit_code == 0
    flat = re.sub(r"\s+", "", result.stdout)
    for part in (entry.id, entry.meaning, entry.message, entry.expected, entry.got, entry.hint):
        assert re.sub(r"\s+", "", part) in flat
    assert re.sub(r"\s+", "", prose.name_finders(entry)) in flat


@pytest.mark.parametrize("width", [40, 60, 100, 140])
def test_the_output_fits_any_width(width: int) -> None:
    """The output fits any width, and colors do not change the text."""
    for entry in ENTRIES:
        plain_page = entries.format_entry(entry, width=width, color=False)
        assert max(map(len, plain_page.splitlines())) <= width
        uncolored_page = re.sub(
            r"\x1b\[[0-9;]*m", "", entries.format_entry(entry, width=width, color=True)
        )
        assert [line.rstrip() for line in uncolored_page.splitlines()] == plain_page.splitlines()
    listing = entries.format_list(ENTRIES, width=width, color=False)
    assert max(map(len, listing.splitlines())) <= max(width, *map(len, CATALOGUE))
    assert "…" not in listing


def test_json_is_for_programs() -> None:
    """`--format json` prints an object for one ID and a list of such objects for all."""
    entry_list = json.loads(run("--format", "json").stdout)
    assert [listed_entry["id"] for listed_entry in entry_list] == list(CATALOGUE)
    entry = json.loads(run("listing.row.lost", "--format", "json").stdout)
    assert entry == next(
        listed_entry for listed_entry in entry_list if listed_entry["id"] == "listing.row.lost"
    )
    assert entry["checks"] == ["changing rows", "pages", "order"]
    assert set(entry) == set(entries.to_data(ENTRIES[0]))


@pytest.mark.parametrize(
    ("name", "similar_id"),
    [
        ("response.requird.missing", "response.required.missing"),
        ("Listing.Row.Lost", "listing.row.lost"),
        ("stale", "generated.stale"),
    ],
)
def test_an_unknown_id_is_reported_with_similar_ids(name: str, similar_id: str) -> None:
    """An unknown ID gives exit code 2 and suggests similar IDs."""
    result = run(name)
    assert result.exit_code == 2
    line, hint = result.stderr.splitlines()
    assert line == f"error: unknown id {name!r}"
    assert hint.startswith("  Did you mean ")
    assert similar_id in hint


IDS = {name for topic in TOPICS for name in topic.entries}


@given(st.text(min_size=1).filter(lambda name: name not in IDS and name[0] != "-"))
def test_any_unknown_string_exits_with_2_without_a_traceback(name: str) -> None:
    """Any string that is not an ID gives exit code 2 without a traceback."""
    result = run("--", name)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


def test_markdown_cannot_be_combined() -> None:
    """`--markdown` with an ID or another format is an error."""
    for arguments in (["listing.row.lost"], ["--format", "json"]):
        result = run("--markdown", *arguments)
        assert (result.exit_code, "Pass --markdown alone" in result.stderr) == (2, True)


def test_the_pages_equal_the_output_of_explain() -> None:
    """docs/findings.md and docs/problems.md equal the output of `explain --markdown`."""
    page = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert run("--markdown").stdout == page
    assert re.findall(r"^### (.+)$", page, re.MULTILINE) == list(CATALOGUE)
    problems = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    assert run("--problems", "--markdown").stdout == problems
    assert re.findall(r"^\| `([^`]+)` ", problems, re.MULTILINE) == list(load_problem_kinds())
