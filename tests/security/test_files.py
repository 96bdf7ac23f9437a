"""Nothing is written through a symbolic link, and nothing is left half-written."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from driftline import journal
from driftline.errors import UsageError
from driftline.files import replace
from driftline.mock import Mock
from driftline.openapi import load

ROOT = Path(__file__).parents[2]


def _journal(path: Path) -> None:
    with journal.open_append(path, fresh=True) as keep:
        keep({"a": 1})


def _journal_continued(path: Path) -> None:
    with journal.open_append(path, fresh=False) as keep:
        keep({"a": 1})


def _database(path: Path) -> None:
    Mock(load(ROOT / "specs" / "zudu.yaml"), rows=1, db=path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "report": lambda path: replace({path: "text"}),
    "journal": _journal,
    "journal that is continued": _journal_continued,
    "database": _database,
}


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_written_through_a_symbolic_link(writer: str, tmp_path: Path) -> None:
    """A pull request may bring one that leads to a file of the machine's."""
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_text("precious")
    link.symlink_to(victim)
    try:
        WRITERS[writer](link)
    except (OSError, UsageError):
        assert link.is_symlink()
    assert victim.read_text() == "precious"


def test_a_failure_leaves_all_files_as_they_were(tmp_path: Path) -> None:
    """The second cannot be written: the first is not either, and nothing is left behind."""
    (tmp_path / "first").write_text("before")
    with pytest.raises(OSError, match="folder"):
        replace({tmp_path / "first": "after", tmp_path / "no folder" / "second": "after"})
    assert (tmp_path / "first").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["first"]


def test_a_journal_with_deep_json_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """A line that no parser can hold counts for nothing."""
    path = tmp_path / "checks.jsonl"
    path.write_text('{"a": 1}\n' + "[" * 200_000 + "]" * 200_000 + '\n{"b": 2}\n')
    assert list(journal.read_entries(path)) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize(
    "code", ["TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END", "VIEW v AS SELECT 1"]
)
def test_a_database_with_code_in_it_is_rejected(code: str, tmp_path: Path) -> None:
    """It may come from elsewhere, and would run when a row is written or read."""
    path, spec = tmp_path / "rows.db", load(ROOT / "specs" / "zudu.yaml")
    Mock(spec, rows=1, db=path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE x (y)")
        connection.execute(f"CREATE {code}")
    with pytest.raises(UsageError, match="views or triggers"):
        Mock(spec, rows=1, db=path)
