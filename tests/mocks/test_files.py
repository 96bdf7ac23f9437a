"""Rows in a database file: persistent, shared by processes, crash-safe, and tied to one spec."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.errors import UsageError
from driftline.mock import Mock
from driftline.mock.rows.database import Database
from driftline.openapi import Spec
from mocks.calling import call
from mocks.conftest import ROOT, SPECS

# Creates calls until it is stopped, and says each that was answered; `own` may not be there twice.
CREATING = """
import json, sys
from pathlib import Path
sys.path[:0] = [{tests!r}]
from driftline.mock import Mock
from driftline.openapi import load
from mocks.calling import call
from mocks.test_behaviour import NEW
mock = Mock(load(Path({spec!r})), rows=5, db=Path({db!r}))
print("ready", flush=True)
for number in range({first}, 10**6):
    answer = call(mock, "POST", "/v1/call", body=NEW | dict(externalId=f"own-{{number}}"))
    if answer.status == 200:
        print(answer.parse_json()["data"]["id"], flush=True)
"""


def start_creating(db: Path, first: int = 0) -> subprocess.Popen[str]:
    """Start a process that creates calls in the database, one after another."""
    program = CREATING.format(
        tests=str(ROOT / "tests"), spec=str(SPECS["roark"].path), db=str(db), first=first
    )
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", program], stdout=pipe, text=True)


def read_ids(db: Path) -> list[str]:
    """Return the IDs of the calls in a database from its listing."""
    mock = Mock(SPECS["roark"], rows=5, db=db)
    ids: list[str] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        page = call(mock, "GET", "/v1/call", query=query).parse_json()
        ids += [row["id"] for row in page["data"]]
        if not page["pagination"]["hasMore"]:
            assert page["pagination"]["total"] == len(ids)
            mock.close()
            return ids
        query["after"] = page["pagination"]["nextCursor"]


def test_a_second_mock_reads_the_rows_of_the_file(roark: Spec, tmp_path: Path) -> None:
    """A second mock on the file has the rows of the first and generates none."""
    from mocks.test_behaviour import NEW

    db = tmp_path / "rows.db"
    mock = Mock(roark, rows=3, db=db)
    created_id = call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"}).parse_json()[
        "data"
    ]["id"]
    mock.close()
    reopened_mock = Mock(roark, rows=99, seed=7, db=db)
    rows = call(reopened_mock, "GET", "/v1/call").parse_json()["data"]
    assert len(rows) == 4
    assert created_id in {row["id"] for row in rows}
    assert call(reopened_mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"}).status == 409
    reopened_mock.reset()
    assert call(reopened_mock, "GET", "/v1/call").parse_json()["pagination"]["total"] == 99
    reopened_mock.close()


def test_apis_that_share_a_file_have_separate_rows(roark: Spec, pets: Spec, tmp_path: Path) -> None:
    """APIs that share a file each see and reset only their own rows."""
    db = tmp_path / "rows.db"
    first, second = Mock(roark, rows=3, db=db), Mock(pets, rows=4, db=db)
    call(second, "POST", "/pets", body={"name": "Rex", "kind": "dog", "owner": None})
    first.reset()
    assert call(first, "GET", "/v1/call").parse_json()["pagination"]["total"] == 3
    assert call(second, "GET", "/pets", query={"per_page": 5}).parse_json()["total"] == 5
    first.close()
    second.close()


def test_killed_processes_lose_or_double_no_created_call(tmp_path: Path) -> None:
    """Two processes are killed while they create
    calls: every confirmed call is stored exactly once.
    """
    db = tmp_path / "rows.db"
    created_ids: list[str] = []
    for start in (0, 1_000):
        workers = [
            start_creating(db, start),
            start_creating(db, start),
        ]  # each value can be had by one only
        created_ids += kill_workers(workers, after=20)
    stored_ids = read_ids(db)
    assert len(stored_ids) == len(set(stored_ids))
    assert len(created_ids) == len(set(created_ids))
    assert len(created_ids) >= 80
    assert set(created_ids) <= set(stored_ids)
    # Killed between writing and saying so: one call of each process may be there unsaid.
    assert len(stored_ids) <= 5 + len(created_ids) + 4
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        taken_values = connection.execute("SELECT value FROM taken").fetchall()
    connection.close()
    assert len(taken_values) == len(stored_ids) - 5


def kill_workers(workers: Sequence[subprocess.Popen[str]], after: int) -> list[str]:
    """Return the output of the workers, each killed after a number of lines."""
    outputs: list[list[str]] = [[] for _ in workers]

    def watch(worker: subprocess.Popen[str], lines: list[str]) -> None:
        with worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                lines.append(line.strip())
                if len(lines) == after + 1:
                    os.kill(worker.pid, signal.SIGKILL)

    threads = [
        threading.Thread(target=watch, args=arguments)
        for arguments in zip(workers, outputs, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(lines[0] == "ready" for lines in outputs)
    return [line for lines in outputs for line in lines[1:]]


def test_threads_share_a_mock(roark: Spec, tmp_path: Path) -> None:
    """Eight threads share a mock, in memory or in a
    file: every call is stored once and totals match.
    """
    from mocks.test_behaviour import NEW

    for db in (None, tmp_path / "rows.db"):
        mock = Mock(roark, rows=0, db=db)
        statuses: list[int] = []

        def create_calls(number: int, mock: Mock = mock, statuses: list[int] = statuses) -> None:
            for index in range(10):
                fields = {"externalId": f"{index}"} if number % 2 else {}
                statuses.append(call(mock, "POST", "/v1/call", body=NEW | fields).status)
                page = call(mock, "GET", "/v1/call", query={"limit": 100}).parse_json()
                assert len(page["data"]) == page["pagination"]["total"]

        threads = [threading.Thread(target=create_calls, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * 50 + [409] * 30
        assert call(mock, "GET", "/v1/call").parse_json()["pagination"]["total"] == 50
        mock.close()


def test_an_incompatible_file_is_one_error(roark: Spec, tmp_path: Path) -> None:
    """A file of another spec, version or program, an
    invalid or a missing file raises `UsageError`.
    """
    db = tmp_path / "rows.db"
    Mock(roark, rows=1, db=db).close()
    described_document = {
        **roark.document,
        "info": {**roark.document["info"], "description": "other words"},
    }
    Mock(attrs.evolve(roark, document=described_document), db=db).close()
    changed_document = {**roark.document, "paths": {}}
    with pytest.raises(UsageError, match=r"rows.db: the rows of roark .* another spec\n  Delete"):
        Mock(attrs.evolve(roark, document=changed_document), db=db)
    with sqlite3.connect(db) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(UsageError, match=r"rows.db: database of another version .*\n  Delete"):
        Mock(roark, db=db)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE own (a)")
    connection.close()
    with pytest.raises(UsageError, match=r"foreign.db: database of another program\n  Pass"):
        Mock(roark, db=foreign)
    text_file = tmp_path / "text.db"
    text_file.write_text("no database, but a text that is long enough" * 50)
    for path in (text_file, tmp_path / "missing" / "rows.db", tmp_path):
        with pytest.raises(UsageError, match=r"could not open the database: .*\n  Pass"):
            Mock(roark, db=path)
    assert text_file.read_text().startswith("no database")


def test_a_failed_write_is_rolled_back(tmp_path: Path) -> None:
    """A failed write is rolled back, in memory and in a file."""
    for path in (None, tmp_path / "rows.db"):
        database = Database(path)
        with pytest.raises(sqlite3.IntegrityError), database.open_write() as connection:
            connection.executemany("INSERT INTO api VALUES (?, 'b', 0)", [("a",), ("a",)])
        with database.open_read() as connection:
            assert connection.execute("SELECT * FROM api").fetchall() == []
        database.close()


def test_a_snapshot_in_another_mock_gives_the_same_responses(roark: Spec, tmp_path: Path) -> None:
    """A snapshot loaded into another mock gives byte-identical responses and the same conflicts."""
    from mocks.test_behaviour import NEW

    mock = Mock(roark, rows=7)
    call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"})
    snapshot = json.loads(json.dumps(mock.snapshot()))
    other_mock = Mock(roark, rows=1, seed=3, db=tmp_path / "rows.db")
    other_mock.load(snapshot)
    for query in ({}, {"searchText": "a"}, {"sortBy": "duration", "status": "ENDED"}):
        pages = [
            call(each_mock, "GET", "/v1/call", query=query).body for each_mock in (mock, other_mock)
        ]
        assert pages[0] == pages[1]
    new_call = NEW | {"externalId": "mine"}
    assert [
        call(each_mock, "POST", "/v1/call", body=new_call).status
        for each_mock in (mock, other_mock)
    ] == [409] * 2
    assert other_mock.snapshot() == snapshot
    other_mock.close()


UNFIT: list[tuple[str, Any, str]] = [
    ("no object", [], "not a snapshot"),
    ("another version", {"version": 2}, "not a snapshot"),
    ("another API", {"api": "shop"}, "snapshot of another API: 'shop'"),
    ("no such listing", {"listings": {"x": []}}, "unknown listing 'x'"),
    ("no data", {"listings": {"call.list": [{}]}}, "row 0 of call.list has no data"),
    ("invalid rows", {"listings": {"call.list": 1}}, "row 0 of call.list has no data"),
    (
        "a wrong row",
        {"listings": {"call.list": [{"data": {"id": 1}}]}},
        "row 0 .* violates the spec",
    ),
]


@pytest.mark.parametrize(
    ("change", "expected_message"), [u[1:] for u in UNFIT], ids=[u[0] for u in UNFIT]
)
def test_an_invalid_snapshot_is_not_loaded(roark: Spec, change: Any, expected_message: str) -> None:
    """An invalid snapshot raises `UsageError` and leaves the rows unchanged."""
    mock = Mock(roark, rows=2)
    before = mock.snapshot()
    with pytest.raises(UsageError, match=expected_message):
        mock.load({**before, **change} if isinstance(change, dict) else change)
    doubled_rows = before["listings"]["call.list"] * 2
    with pytest.raises(UsageError, match=r"row 2 of call\.list has a duplicate id"):
        mock.load({**before, "listings": {"call.list": doubled_rows}})
    assert mock.snapshot() == before
