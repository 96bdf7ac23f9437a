"""The history of many runs: concurrent appends, reading, and rendering."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import attrs
import pytest
from accept.conftest import make_shop
from click.testing import CliRunner
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.cli.group import driftline
from driftline.errors import FileError
from driftline.history import (
    RunEntry,
    Timeline,
    TrackedClause,
    append_run,
    build_timeline,
    formats,
    read_runs,
)

START = datetime(2030, 1, 1, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


def build_clause(name: str, **fields: Any) -> TrackedClause:
    values: dict[str, Any] = {"fingerprint": name * 16, "id": "response.enum.undocumented"}
    values |= {"severity": "breaking", "api": "shop", "operation": "order.list", "where": name}
    values |= {"pointer": "/x", "file": "specs/shop.yaml", "line": 3, "counts": True}
    return TrackedClause(**{**values, **fields})


def build_run(day: int, findings: Sequence[TrackedClause], *, is_settled: bool = True) -> RunEntry:
    return RunEntry(
        time=START + timedelta(days=day),
        version="1",
        exit_code=1 if findings else 0 if is_settled else 2,
        targets={"shop": "https://shop.example"},
        settled=frozenset({"shop"} if is_settled else ()),
        findings=tuple(findings),
        coverage={"shop": (day, 10)},
    )


A, B, C = build_clause("a"), build_clause("b"), build_clause("c")
NIGHTS = [
    build_run(0, [A]),
    build_run(1, [A, B]),
    build_run(2, [A], is_settled=False),
    build_run(3, [A, C]),
    build_run(4, [A, B]),
]


def test_each_clause_is_open_flaky_or_gone() -> None:
    """Each clause is open, flaky or gone, with its first and last day; a run that could not check
    it does not change its state.
    """
    timeline = build_timeline(NIGHTS)
    states_by_field = {
        followed_clause.clause.where: (
            followed_clause.state,
            followed_clause.flaky,
            followed_clause.first.day,
            followed_clause.last.day,
            followed_clause.occurrences,
        )
        for followed_clause in timeline.clauses
    }
    assert states_by_field == {
        "a": ("open", False, 1, 5, 5),
        "b": ("open", True, 2, 5, 2),
        "c": ("gone", False, 4, 4, 1),
    }
    kinds = [(event.kind, event.clause.where, event.time.day) for event in timeline.events]
    assert kinds == [
        ("new", "a", 1), ("new", "b", 2), ("new", "c", 4), ("gone", "b", 4), ("back", "b", 5),
        ("gone", "c", 5),
    ]  # fmt: skip


def test_lines_are_read_back_and_truncated_ones_ignored(tmp_path: Path) -> None:
    """Written runs are read back, and truncated, foreign and repeated lines are ignored."""
    file = tmp_path / "sub" / "history.jsonl"
    for night in NIGHTS[:2]:
        append_run(file, night)
    with file.open("a") as file_with_torn_line:
        file_with_torn_line.write('{"history": 1, "time": "20')
    append_run(file, NIGHTS[2])
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[0], "[]", '{"history": 9}']) + "\n")
    assert read_runs(file) == NIGHTS[:3]


def test_a_symbolic_link_is_not_appended_to(tmp_path: Path) -> None:
    """A symbolic link is not written to, and a file of another kind is not read."""
    target = tmp_path / "target"
    target.write_text("mine\n")
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(FileError):
        append_run(link, NIGHTS[0])
    assert target.read_text() == "mine\n"
    with pytest.raises(FileError):
        read_runs(target)


WRITER = """\
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from history_log.test_history import NIGHTS, append_run
import attrs
for number in range(20):
    night = attrs.evolve(NIGHTS[1], version=f"{sys.argv[2]}.{number}")
    append_run(Path(sys.argv[1]), night)
"""


@pytest.mark.slow
def test_concurrent_jobs_lose_no_line(tmp_path: Path) -> None:
    """Three processes that append concurrently lose no line."""
    file = tmp_path / "history.jsonl"
    tests = str(Path(__file__).parents[1])
    jobs = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(file), str(n), tests], env=os.environ)
        for n in range(3)
    ]
    assert [job.wait() for job in jobs] == [0] * 3
    versions = {night.version for night in read_runs(file)}
    assert versions == {f"{job}.{number}" for job in range(3) for number in range(20)}


FULL = """\
import resource, sys
from pathlib import Path
from history_log.test_history import NIGHTS, append_run

size = Path(sys.argv[1]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, size + 20))
append_run(Path(sys.argv[1]), NIGHTS[1])
"""


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """If the disk has room for only part of a line, appending fails and leaves the file unchanged.

    The process runs with ``-B``, as it would otherwise write truncated bytecode for other tests.
    """
    file = tmp_path / "history.jsonl"
    append_run(file, NIGHTS[0])
    before = file.read_bytes()
    process = subprocess.run(
        [sys.executable, "-B", "-c", FULL, str(file)],
        cwd=Path(__file__).parents[1],
        check=False,
        capture_output=True,
        text=True,
    )
    assert "history.jsonl: could not be written: File too large" in process.stderr
    assert file.read_bytes() == before
    append_run(file, NIGHTS[1])
    assert len(read_runs(file)) == 2


def test_a_huge_run_stays_one_bounded_line(tmp_path: Path) -> None:
    """A run with more than a megabyte of findings stores only their number, and settles nothing."""
    file = tmp_path / "history.jsonl"
    clauses = [
        build_clause("a", fingerprint=str(number), pointer="é" * 160) for number in range(2_000)
    ]
    append_run(file, build_run(0, clauses))
    [run] = read_runs(file)
    assert (run.findings, run.left_out, run.settled) == ((), 2_000, frozenset())
    assert file.stat().st_size < 2_000


HOSTILE = st.text(max_size=12) | st.sampled_from(["<b>", "]]>", "\x1b[31m", "'\"&", "::error::"])


@settings(max_examples=count_examples(40), deadline=None)
@given(HOSTILE, HOSTILE)
def test_hostile_strings_keep_pages_and_feeds_well_formed(name: str, file_name: str) -> None:
    """Hostile strings stay text: the badge and the feed
    are valid XML, and the page has no foreign tag.
    """
    serialized_run = json.dumps(
        build_run(0, [build_clause("a", where=name, file=file_name)]).to_dict()
    )
    timeline = build_timeline([RunEntry.from_dict(json.loads(serialized_run))])
    ElementTree.fromstring(formats.render_badge(timeline))  # noqa: S314 - our own text
    ElementTree.fromstring(formats.render_feed(timeline, "https://x.example/?a=1&b=<2>"))  # noqa: S314
    page = formats.render_html(timeline)
    assert "<b>" not in page
    assert "\x1b" not in page + formats.render_terminal(timeline)
    json.loads(formats.render_json(timeline))


def test_the_badge_shows_the_number_of_open_findings() -> None:
    """The badge shows the number of open findings, or that nothing was checked."""

    def render_badge(runs: list[RunEntry]) -> str:
        return formats.render_badge(build_timeline(runs)).split("<title>")[1].split("</title>")[0]

    assert render_badge([]) == "drift: no run"
    assert render_badge(NIGHTS) == "drift: 2 findings"
    assert render_badge([build_run(0, [])]) == "drift: none"
    assert render_badge([build_run(0, [], is_settled=False)]) == "drift: not checked"
    assert render_badge([build_run(0, [attrs.evolve(A, counts=False)])]) == "drift: none"


def test_an_entry_of_the_feed_keeps_its_id() -> None:
    """An entry of the feed keeps its ID when later runs are added, and occurs once."""

    def list_entry_ids(timeline: Timeline) -> list[str]:
        root = ElementTree.fromstring(formats.render_feed(timeline))  # noqa: S314 - our own text
        return [str(entry.findtext(f"{ATOM}id")) for entry in root.findall(f"{ATOM}entry")]

    before, after = (
        list_entry_ids(build_timeline(NIGHTS[:2])),
        list_entry_ids(build_timeline(NIGHTS)),
    )
    assert len(after) == len(set(after)) == 6
    assert after[-len(before):] == before  # fmt: skip


def test_the_command_writes_page_badge_and_feed(tmp_path: Path) -> None:
    """`driftline history` prints a summary and writes the page, badge and feed."""
    file = tmp_path / "history.jsonl"
    for night in NIGHTS:
        append_run(file, night)
    names = [tmp_path / name for name in ("page.html", "drift.svg", "drift.xml")]
    options = ["--page", str(names[0]), "--badge", str(names[1]), "--feed", str(names[2])]
    result = CliRunner().invoke(driftline, ["history", str(file), *options])
    assert result.exit_code == 0, result.output
    assert (
        "5 runs from 2030-01-01 to 2030-01-05: 2 findings open, 1 flaky, 1 gone." in result.output
    )
    assert "shop: 40 % covered (4 of 10), 0 % at first" in result.output
    assert all(name.is_file() for name in names)
    assert CliRunner().invoke(driftline, ["history", str(tmp_path / "none")]).exit_code == 2


def test_check_appends_one_line_per_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check --history` appends one line with verdict and coverage per run."""
    shop = make_shop(tmp_path / "project", lambda _, response: response)
    monkeypatch.chdir(shop.project.root)
    arguments = ["check", "shop", "--history", "history.jsonl", "--operation", "health.get"]
    for count in (1, 2):
        result = CliRunner().invoke(driftline, arguments)
        assert result.exit_code == 0, result.output
        runs = read_runs(Path("history.jsonl"))
        assert len(runs) == count
    covered_count, total = runs[-1].coverage["shop"]
    assert 0 < covered_count <= total
    assert runs[-1].settled == {"shop"}
    assert runs[-1].targets == {"shop": "mock"}
