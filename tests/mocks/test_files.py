"""Rows in a file: kept, shared by processes, lost by none, and rejected where they do not fit."""

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


def creating(db: Path, first: int = 0) -> subprocess.Popen[str]:
    """Another process that creates calls in the file, one after the other."""
    text = CREATING.format(
        tests=str(ROOT / "tests"), spec=str(SPECS["roark"].path), db=str(db), first=first
    )
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", text], stdout=pipe, text=True)


def ids_in(db: Path) -> list[str]:
    """The IDs of the calls in a file, as its listing answers them."""
    mock = Mock(SPECS["roark"], rows=5, db=db)
    found: list[str] = []
    query: dict[str, Any] = {"limit": 100}
    while True:
        answer = call(mock, "GET", "/v1/call", query=query).parse_json()
        found += [row["id"] for row in answer["data"]]
        if not answer["pagination"]["hasMore"]:
            assert answer["pagination"]["total"] == len(found)
            mock.close()
            return found
        query["after"] = answer["pagination"]["nextCursor"]


def test_what_is_created_stays_in_the_file(roark: Spec, tmp_path: Path) -> None:
    """A second mock on the file has the first one's rows, and makes none itself."""
    from mocks.test_behaviour import NEW

    db = tmp_path / "rows.db"
    mock = Mock(roark, rows=3, db=db)
    made = call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"}).parse_json()["data"][
        "id"
    ]
    mock.close()
    again = Mock(roark, rows=99, seed=7, db=db)
    listed = call(again, "GET", "/v1/call").parse_json()["data"]
    assert len(listed) == 4
    assert made in {row["id"] for row in listed}
    assert call(again, "POST", "/v1/call", body=NEW | {"externalId": "mine"}).status == 409
    again.reset()
    assert call(again, "GET", "/v1/call").parse_json()["pagination"]["total"] == 99
    again.close()


def test_several_apis_share_a_file(roark: Spec, pets: Spec, tmp_path: Path) -> None:
    """Each sees its own rows, and resets only these."""
    db = tmp_path / "rows.db"
    one, other = Mock(roark, rows=3, db=db), Mock(pets, rows=4, db=db)
    call(other, "POST", "/pets", body={"name": "Rex", "kind": "dog", "owner": None})
    one.reset()
    assert call(one, "GET", "/v1/call").parse_json()["pagination"]["total"] == 3
    assert call(other, "GET", "/pets", query={"per_page": 5}).parse_json()["total"] == 5
    one.close()
    other.close()


def test_no_created_call_is_lost_or_doubled_when_processes_are_killed(tmp_path: Path) -> None:
    """Two at once, killed amid their work, and one after them: what was responded is there once."""
    db = tmp_path / "rows.db"
    answered: list[str] = []
    for start in (0, 1_000):
        workers = [creating(db, start), creating(db, start)]  # each value can be had by one only
        answered += kill_workers(workers, after=20)
    found = ids_in(db)
    assert len(found) == len(set(found))
    assert len(answered) == len(set(answered))
    assert len(answered) >= 80
    assert set(answered) <= set(found)
    # Killed between writing and saying so: one call of each process may be there unsaid.
    assert len(found) <= 5 + len(answered) + 4
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        taken = connection.execute("SELECT value FROM taken").fetchall()
    connection.close()
    assert len(taken) == len(found) - 5


def kill_workers(workers: Sequence[subprocess.Popen[str]], after: int) -> list[str]:
    """What the workers have said, each killed once it has said so many lines."""
    said: list[list[str]] = [[] for _ in workers]

    def watch(worker: subprocess.Popen[str], lines: list[str]) -> None:
        with worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                lines.append(line.strip())
                if len(lines) == after + 1:
                    os.kill(worker.pid, signal.SIGKILL)

    threads = [
        threading.Thread(target=watch, args=each) for each in zip(workers, said, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(lines[0] == "ready" for lines in said)
    return [line for lines in said for line in lines[1:]]


def test_threads_share_a_mock(roark: Spec, tmp_path: Path) -> None:
    """Eight at once, in memory and on a file: every call is there once, every total is right."""
    from mocks.test_behaviour import NEW

    for db in (None, tmp_path / "rows.db"):
        mock = Mock(roark, rows=0, db=db)
        statuses: list[int] = []

        def work(number: int, mock: Mock = mock, statuses: list[int] = statuses) -> None:
            for each in range(10):
                own = {"externalId": f"{each}"} if number % 2 else {}
                statuses.append(call(mock, "POST", "/v1/call", body=NEW | own).status)
                page = call(mock, "GET", "/v1/call", query={"limit": 100}).parse_json()
                assert len(page["data"]) == page["pagination"]["total"]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * 50 + [409] * 30
        assert call(mock, "GET", "/v1/call").parse_json()["pagination"]["total"] == 50
        mock.close()


def test_a_file_that_does_not_fit_is_one_clear_error(roark: Spec, tmp_path: Path) -> None:
    """Of another spec, another version, another program, no database, or nowhere."""
    db = tmp_path / "rows.db"
    Mock(roark, rows=1, db=db).close()
    told = {**roark.document, "info": {**roark.document["info"], "description": "other words"}}
    Mock(attrs.evolve(roark, document=told), db=db).close()
    changed = {**roark.document, "paths": {}}
    with pytest.raises(UsageError, match=r"rows.db: the rows of roark .* another spec\n  Delete"):
        Mock(attrs.evolve(roark, document=changed), db=db)
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
    text = tmp_path / "text.db"
    text.write_text("no database, but a text that is long enough" * 50)
    for path in (text, tmp_path / "missing" / "rows.db", tmp_path):
        with pytest.raises(UsageError, match=r"could not open the database: .*\n  Pass"):
            Mock(roark, db=path)
    assert text.read_text().startswith("no database")


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    """In memory and in a file, what was written before an error is undone."""
    for path in (None, tmp_path / "rows.db"):
        database = Database(path)
        with pytest.raises(sqlite3.IntegrityError), database.open_write() as connection:
            connection.executemany("INSERT INTO api VALUES (?, 'b', 0)", [("a",), ("a",)])
        with database.open_read() as connection:
            assert connection.execute("SELECT * FROM api").fetchall() == []
        database.close()


def test_a_snapshot_is_loaded_elsewhere(roark: Spec, tmp_path: Path) -> None:
    """Through JSON text, from memory into a file: the same answers to the byte, the same taken."""
    from mocks.test_behaviour import NEW

    mock = Mock(roark, rows=7)
    call(mock, "POST", "/v1/call", body=NEW | {"externalId": "mine"})
    kept = json.loads(json.dumps(mock.snapshot()))
    other = Mock(roark, rows=1, seed=3, db=tmp_path / "rows.db")
    other.load(kept)
    for query in ({}, {"searchText": "a"}, {"sortBy": "duration", "status": "ENDED"}):
        pages = [call(each, "GET", "/v1/call", query=query).body for each in (mock, other)]
        assert pages[0] == pages[1]
    again = NEW | {"externalId": "mine"}
    assert [call(each, "POST", "/v1/call", body=again).status for each in (mock, other)] == [
        409
    ] * 2
    assert other.snapshot() == kept
    other.close()


UNFIT: list[tuple[str, Any, str]] = [
    ("no object", [], "not a snapshot"),
    ("another version", {"version": 2}, "not a snapshot"),
    ("another API", {"api": "shop"}, "snapshot of another API: 'shop'"),
    ("no such listing", {"listings": {"x": []}}, "unknown listing 'x'"),
    ("no data", {"listings": {"call.list": [{}]}}, "row 0 of call.list has no data"),
    ("rows that are none", {"listings": {"call.list": 1}}, "row 0 of call.list has no data"),
    (
        "a wrong row",
        {"listings": {"call.list": [{"data": {"id": 1}}]}},
        "row 0 .* violates the spec",
    ),
]


@pytest.mark.parametrize(("change", "said"), [u[1:] for u in UNFIT], ids=[u[0] for u in UNFIT])
def test_what_is_no_snapshot_is_not_loaded(roark: Spec, change: Any, said: str) -> None:
    """One clear error, and the rows are as they were."""
    mock = Mock(roark, rows=2)
    before = mock.snapshot()
    with pytest.raises(UsageError, match=said):
        mock.load({**before, **change} if isinstance(change, dict) else change)
    twice = before["listings"]["call.list"] * 2
    with pytest.raises(UsageError, match=r"row 2 of call\.list has a duplicate id"):
        mock.load({**before, "listings": {"call.list": twice}})
    assert mock.snapshot() == before
