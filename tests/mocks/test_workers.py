"""Several processes on one port: one mock, whichever of them answers."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftline.errors import UsageError
from driftline.mock import Request, Response, Shared, Site

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from driftline.cli import main; main()"]
RULES = ["a: 503 next=2", "b: 429 share=0.5", "204 share=0.3 next=3", "latency=uniform(1s,2s)"]
APIS = {name: lambda _: Response(200, (("Content-Length", "0"),), b"") for name in "ab"}
TAKEN_BACK = [f"/_driftline/trouble?{urlencode({'rule': rule})}" for rule in RULES]

rules = st.lists(st.sampled_from(RULES), max_size=3)
steps = st.one_of(
    st.tuples(st.just("GET"), st.sampled_from(["/a/x", "/b/y"]), st.none()),
    st.tuples(st.just("GET"), st.just("/_driftline/trouble"), st.none()),
    st.tuples(st.just("PUT"), st.just("/_driftline/trouble"), rules),
    st.tuples(st.just("POST"), st.just("/_driftline/trouble"), rules),
    st.tuples(st.just("DELETE"), st.just("/_driftline/requests"), st.none()),
    st.tuples(st.just("DELETE"), st.sampled_from(TAKEN_BACK), st.none()),
    st.tuples(st.just("POST"), st.just("/_driftline/reset"), st.none()),
)


def told(site: Site, method: str, path: str, body: list[str] | None) -> Any:
    """The answer to a request, without what is another each time."""
    data = "\n".join(body or []).encode()
    path, _, query = path.partition("?")
    response = site.handle(Request(method, path, query, body=data))
    return response.status, response.delivery, response.body


@given(st.lists(st.tuples(st.integers(0, 2), steps), min_size=8, max_size=40), st.integers())
@settings(max_examples=60, deadline=None)
def test_workers_do_together_what_one_does_alone(
    asked: list[tuple[int, tuple[str, str, list[str] | None]]], seed: int
) -> None:
    """Rules with their counts and shares, requests and resets, whoever is told of them."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        files = [Shared(Path(folder) / "shared") for _ in range(3)]
        for file in files:
            stack.callback(file.close)
        alone, *others = Site(APIS, seed=seed), *(Site(APIS, shared=file) for file in files)
        others[0].trouble.set(seed=seed)
        for worker, step in [(1, ("PUT", "/_driftline/trouble", RULES)), *asked]:
            assert told(others[worker], *step) == told(alone, *step)
        expected = [(a.number, a.api, a.response.status) for a in alone.recent.list()]
        for site in others:
            assert site.recent.cleared == alone.recent.cleared
            new, mark = site.recent.since(-1)
            assert len(new) == len(expected)
            assert not site.recent.since(mark)[0]
            assert [(a.number, a.api, a.response.status) for a in site.recent.list()] == expected


def test_a_request_is_kept_whole(tmp_path: Path) -> None:
    """As one worker keeps it: bodies of any bytes, secrets hidden, at most so many."""
    body, headers = bytes(range(256)), (("Authorization", "Bearer x"), ("X", "é"))
    asked = Request("POST", "/a/x", "key=1", headers, body)
    shared = Shared(tmp_path / "shared")
    alone, together = Site(APIS), Site(APIS, shared=shared)
    for site in (alone, together):
        site.handle(asked)
    kept, expected = together.recent.list()[0].to_dict(), alone.recent.list()[0].to_dict()
    for changing in ("time", "ms"):
        del kept[changing], expected[changing]
    assert kept == expected
    for _ in range(250):
        together.handle(Request("GET", "/b/y"))
    assert [a.number for a in together.recent.list()] == list(range(251, 51, -1))
    assert [a.number for a in together.recent.list(2)] == [251, 250]
    shared.close()


def test_what_cannot_be_shared_is_told(tmp_path: Path) -> None:
    """And a rule that is wrong changes none, at any worker."""
    files = [Shared(tmp_path / "shared") for _ in range(2)]
    first, second = (Site(APIS, shared=file) for file in files)
    first.trouble.set("a: 503")
    with pytest.raises(UsageError, match="several workers"), second.trouble.during("b: 503"):
        pass
    with pytest.raises(UsageError, match="no such operation"):
        second.trouble.add("c: 503")
    assert list(map(str, second.trouble)) == list(map(str, first.trouble)) == ["a: 503"]
    for file in files:
        file.close()


_BASE = re.compile("http://|.*BASE_URL=")


@contextmanager
def started(*command: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server and its URL, which is the last word of a line of what it prints."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            said = (line.strip() for line in process.stdout)
            yield process, next(each for each in said if _BASE.match(each))
        finally:
            process.kill()


def both(url: str) -> tuple[int, int]:
    """The IDs of both processes: while one is held, it is the other that answers."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        thread = threading.Thread(target=httpx.get, args=(f"{url}/pid/held/{port}",))
        thread.start()
        held, _ = holder.accept()
        with held:
            one, other = int(held.recv(20)), int(httpx.get(f"{url}/pid/").text)
        thread.join()
    return one, other


def test_a_worker_that_dies_is_started_again() -> None:
    """Others answer meanwhile; at the end all are gone, and the exit code is 0."""
    with started(sys.executable, "-m", "mocks.serving_pids") as (process, url):
        first = both(url)
        assert len({*first, process.pid}) == 3
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        second = both(url)
        assert not {*first} & {*second}
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")
        for pid in (*first, *second):
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_the_command_serves_one_mock_by_several_workers(tmp_path: Path) -> None:
    """Rows and trouble are the same at all; on Ctrl-C it leaves no file behind."""
    arguments = ("mock", "zudu", "--port", "0", "--workers", "2", "--trouble", "503 next=3")
    with started(*COMMAND, *arguments, TMPDIR=str(tmp_path)) as (process, line):
        url = line.partition("=")[2]
        control = url.replace("/zudu", "/_driftline")
        assert httpx.get(f"{control}/ready").json() == {"ready": True, "apis": ["zudu"]}
        found = [httpx.get(f"{url}/api/calls").status_code for _ in range(6)]
        assert found == [503, 503, 503, 401, 401, 401]
        assert httpx.get(f"{control}/trouble").json()["rules"][0]["hits"] == 3
        numbers = [each["number"] for each in httpx.get(f"{control}/requests").json()["requests"]]
        assert numbers == [6, 5, 4, 3, 2, 1]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (130, "interrupted\n")
    assert list(tmp_path.iterdir()) == []
