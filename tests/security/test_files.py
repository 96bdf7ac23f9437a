"""No file is written through a symbolic link or written partially."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from driftline import journal
from driftline.cli.group import driftline
from driftline.errors import FileError, UsageError
from driftline.files import make_folder, replace
from driftline.generate import generate
from driftline.mock import Mock
from driftline.mock.rows.database import Database
from driftline.openapi import load
from driftline.project import Project
from driftline.report.previous import read_data
from driftline.runtime import DriftLog
from driftline.runtime.telemetry.drift import DriftEvent
from driftline.suite.fuzzing.examples import Examples
from driftline.transaction import PREFIX, open_scratch, recover

ROOT = Path(__file__).parents[2]


def _write_journal(path: Path) -> None:
    with journal.open_append(path, fresh=True) as keep:
        keep({"a": 1})


def _continue_journal(path: Path) -> None:
    with journal.open_append(path, fresh=False) as keep:
        keep({"a": 1})


def _write_database(path: Path) -> None:
    Mock(load(ROOT / "specs" / "zudu.yaml"), rows=1, db=path)


def _write_drift_log(path: Path) -> None:
    DriftLog(path, "shop")(
        DriftEvent("a.get", "/a", "type.mismatch", expected="string", got="integer")
    )


WRITERS: dict[str, Callable[[Path], object]] = {
    "report": lambda path: replace({path: "text"}),
    "journal": _write_journal,
    "journal that is continued": _continue_journal,
    "database": _write_database,
    "drift log": _write_drift_log,
}


@pytest.mark.parametrize("content", ["precious", ""])  # an empty file is a database
@pytest.mark.parametrize("writer", WRITERS)
def test_nothing_is_written_through_a_symbolic_link(
    writer: str, content: str, tmp_path: Path
) -> None:
    """No writer follows a symbolic link to a file, such as one in a pull request."""
    victim, link = tmp_path / "victim", tmp_path / "link"
    victim.write_text(content)
    link.symlink_to(victim)
    try:
        WRITERS[writer](link)
    except (OSError, UsageError):
        assert link.is_symlink()
    assert victim.read_text() == content
    assert {path.name for path in tmp_path.iterdir()} == {"victim", "link"}


def _generate(root: Path) -> None:
    (root / "specs").mkdir()
    spec = root / "specs" / "zudu.yaml"
    spec.write_bytes((ROOT / "specs" / "zudu.yaml").read_bytes())
    generate(Project(root), [load(spec)])


FOLDERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "report": ("report", lambda root: make_folder(root / "report")),
    "journal": ("report", lambda root: _write_journal(root / "report" / "checks.jsonl")),
    "file": ("report", lambda root: replace({root / "report" / "drill.json": "text"})),
    "folder above": ("report", lambda root: make_folder(root / "report" / "inner")),
    "database": ("report", lambda root: _write_database(root / "report" / "rows.db")),
    "examples": ("report", lambda root: Examples.open(str(root / "report"))),
    "clients": ("generated", _generate),
}


@pytest.mark.parametrize("writer", FOLDERS)
def test_nothing_is_written_to_a_folder_that_is_a_link(
    writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No writer follows a symbolic link to a folder, such as one in a checkout."""
    outside_folder, root = tmp_path / "outside", tmp_path / "project"
    outside_folder.mkdir()
    root.mkdir()
    name, write = FOLDERS[writer]
    (root / name).symlink_to(outside_folder)
    monkeypatch.chdir(root)
    with pytest.raises(UsageError, match="symbolic link"):
        write(root)
    assert list(outside_folder.iterdir()) == []
    assert [path.name for path in root.glob(".driftline-*")] == []


def test_examples_are_not_kept_through_a_link(tmp_path: Path) -> None:
    """Examples are not written through a link inside their folder."""
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "key").symlink_to(tmp_path)
    with pytest.raises(UsageError, match="could not read and write"):
        Examples.open(str(tmp_path / "examples"))


def test_a_failed_write_changes_no_file(tmp_path: Path) -> None:
    """If one file cannot be written, no file is changed and no temporary file is left."""
    (tmp_path / "first").write_text("before")
    (tmp_path / "no folder").write_text("before")
    with pytest.raises(OSError, match="folder"):
        replace({tmp_path / "first": "after", tmp_path / "no folder" / "second": "after"})
    assert (tmp_path / "first").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "no folder"]


def test_files_of_several_folders_are_all_or_none(tmp_path: Path) -> None:
    """Files in several folders are all written, or none if one folder fails."""
    inner, blocked_file = tmp_path / "src" / "a.py", tmp_path / "docs" / "b.md"
    inner.parent.mkdir()
    (tmp_path / "docs").write_text("a file")
    with pytest.raises(OSError, match="docs"):
        replace({inner: "after", blocked_file: "after"})
    assert not inner.exists()
    (tmp_path / "docs").unlink()
    replace({inner: "after", blocked_file: "after"})
    assert (inner.read_text(), blocked_file.read_text()) == ("after", "after")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "src"]


def test_files_without_a_common_folder_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are written even if the only common folder is not writable."""
    paths = [tmp_path / name / "file" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
    monkeypatch.setattr("os.access", lambda path, _: Path(path) != tmp_path)
    assert replace(dict.fromkeys(paths, "text")) == paths
    assert [path.read_text() for path in paths] == ["text", "text"]


def test_a_journal_line_with_deep_json_is_skipped(tmp_path: Path) -> None:
    """A line of a journal with JSON that is too deep is skipped."""
    path = tmp_path / "checks.jsonl"
    path.write_text('{"a": 1}\n' + "[" * 200_000 + "]" * 200_000 + '\n{"b": 2}\n')
    assert list(journal.read_entries(path)) == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("content", ['"\\ud800"', '{"a": "\\ud800"}', "[" * 200_000, "1" * 100_000])
def test_an_invalid_earlier_report_is_rejected(content: str, tmp_path: Path) -> None:
    """An earlier report with surrogates, deep JSON or huge numbers is a FileError."""
    path = tmp_path / "report.json"
    path.write_text(content)
    with pytest.raises(FileError, match=r"invalid JSON|not a report"):
        read_data(path)


@pytest.mark.parametrize(
    "code",
    [
        "TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END",
        "VIEW v AS SELECT 1",
        "INDEX i ON entry (abs(1))",
        "TABLE x (y)",
    ],
)
def test_a_database_with_code_in_it_is_rejected(code: str, tmp_path: Path) -> None:
    """A database with foreign triggers, views, indexes or tables is rejected."""
    path, spec = tmp_path / "rows.db", load(ROOT / "specs" / "zudu.yaml")
    Mock(spec, rows=1, db=path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE {code}")
    with pytest.raises(UsageError, match="views or triggers"):
        Mock(spec, rows=1, db=path)


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("TRIGGER t AFTER DELETE ON entry BEGIN SELECT leak(old.data); END", "DELETE FROM entry"),
        ("VIEW v AS SELECT leak(data) FROM entry", "SELECT * FROM v"),
        ("INDEX i ON entry (leak(data))", "INSERT INTO entry VALUES (9, 1, '', '', '', NULL)"),
    ],
)
def test_a_database_from_elsewhere_calls_no_function(
    code: str, statement: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite runs no function in the definitions of a database, even if they are accepted."""
    path, calls, real_connect = tmp_path / "rows.db", list[str](), sqlite3.connect
    Mock(load(ROOT / "specs" / "zudu.yaml"), rows=1, db=path).close()

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real_connect(*arguments, **options)
        connection.create_function("leak", 1, calls.append, deterministic=True)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE {code}")
    definitions = Database().list_definitions()
    monkeypatch.setattr(Database, "list_definitions", lambda _: definitions)
    unsafe = pytest.raises((UsageError, sqlite3.OperationalError), match="unsafe use of leak")
    with unsafe, Database(path).open_write() as connection:
        connection.execute(statement).fetchall()
    assert calls == []


ROWS = ("[" * 5_000 + "]" * 5_000, "not JSON", '"x"', "null", "[]", "\0", b"\xff\xfe", 3)


@pytest.mark.parametrize("column", ["data", "hidden"])
@pytest.mark.parametrize("value", ROWS, ids=lambda value: repr(value)[:12])
def test_a_database_with_damaged_rows_is_rejected(
    value: object, column: str, tmp_path: Path
) -> None:
    """A database with damaged rows is rejected."""
    path, spec = tmp_path / "rows.db", load(ROOT / "specs" / "zudu.yaml")
    mock = Mock(spec, rows=1, db=path)
    mock.snapshot()
    mock.close()
    with closing(sqlite3.connect(path)) as connection:
        count = connection.execute(f"UPDATE entry SET {column} = ?", (value,)).rowcount  # noqa: S608
        connection.commit()
    assert count
    with pytest.raises(UsageError, match="damaged rows"):
        Mock(spec, rows=1, db=path)


def test_no_command_tries_the_temporary_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command writes a test file into the temporary directory."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_get_default_tempdir", lambda: pytest.fail("it was tried"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.chdir(ROOT)
    assert CliRunner().invoke(driftline, ["generate", "--check"]).exit_code == 0
    assert tempfile.gettempdir() == str(tmp_path)


def test_the_next_run_removes_the_folder_of_a_killed_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run removes the folder of a killed run, and keeps those in use."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left_folder = tmp_path / f"{PREFIX}left"
    left_folder.mkdir()
    with open_scratch() as first, open_scratch() as second:
        assert {*tmp_path.iterdir()} == {first, second}
        left_folder.mkdir()
        recover(tmp_path / "project")
        assert {*tmp_path.iterdir()} == {first, second}
    assert list(tmp_path.iterdir()) == []
