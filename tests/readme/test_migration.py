"""docs/migration.md: every block runs, and both packages return and send the same."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import attrs
import pytest
import revox
import revox_client
import roark_analytics
import roark_client

from driftline.mock import HttpRequest, HttpResponse, Mock, run_server
from driftline.openapi import load
from driftline.runtime import ClientOptions
from driftline.runtime.encode.values import encode

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "migration.md").read_text()

# Headings whose `Ours` blocks use what the clients cannot do yet. Delete it when they can.
THEIRS: Mapping[str, ModuleType] = {"roark": roark_analytics, "revox": revox}
OURS: Mapping[str, ModuleType] = {"roark": roark_client, "revox": revox_client}
FIRST = "A client from the environment"


@attrs.frozen
class Task:
    """A task of the page, with the vendor's code and the driftline code."""

    vendor: str
    heading: str
    theirs: str | None
    ours: str
    language: str = "python"

    def __str__(self) -> str:
        return f"{self.vendor}: {self.heading}"


def list_tasks() -> Iterator[Task]:
    """Yield the tasks of both vendors in the order of the page."""
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        vendor = part.partition("\n")[0].lower()
        if vendor not in OURS:
            continue
        for section in re.split(r"^### ", part, flags=re.MULTILINE)[1:]:
            labelled_blocks = re.findall(
                r"^\*\*([^*\n]+)\*\*\n\n```(\w+)\n(.*?)^```$", section, re.M | re.S
            )
            blocks = {side: block for side, _, block in labelled_blocks}
            if blocks:
                heading = section.partition("\n")[0]
                shared_block = blocks.get("Both", "")
                theirs = blocks.get("Vendor's package", shared_block) or None
                ours = blocks.get("driftline", shared_block)
                yield Task(vendor, heading, theirs, ours, labelled_blocks[0][1])


TASKS = list(list_tasks())
PYTHON = [task for task in TASKS if task.language == "python"]
SWITCHES = [task for task in TASKS if task.language == "sh"]
FIRSTS = {task.vendor: task for task in TASKS if task.heading == FIRST}


def name_tasks(tasks: list[Task]) -> list[Any]:
    """Return the tasks as pytest parameters."""
    return [pytest.param(task, id=str(task)) for task in tasks]


@attrs.define
class Server:
    """A server of the mocks that records requests and injects failures."""

    mocks: Mapping[str, Mock]
    url: str = ""
    heard: list[Any] = attrs.field(factory=list)
    failures: int = 0
    released: threading.Event = attrs.field(factory=threading.Event)

    def answer(self, name: str, request: HttpRequest) -> HttpResponse:
        body = json.loads(request.body) if request.body else None
        query = sorted(parse_qsl(request.query))
        headers = {name.lower(): value for name, value in request.headers}
        own_headers = {
            name: headers[name] for name in headers if re.match(r"x-(?!stainless-)", name)
        }
        self.heard.append((request.method, request.path, query, body, own_headers))
        if self.failures:
            self.failures -= 1
            return HttpResponse(503)
        self.released.wait(30)
        return self.mocks[name].handle(request)

    def behave(self, heading: str = "") -> None:
        """Reset the server; `Retries` make it fail once, and `Timeouts` make it slow."""
        if any(request[0] != "GET" for request in self.heard):
            for mock in self.mocks.values():
                mock.reset()
        self.heard = []
        self.failures = heading == "Retries"
        self.released.clear() if heading == "Timeouts" else self.released.set()


@pytest.fixture(scope="module")
def sdk_server() -> Iterator[Server]:
    server = Server({name: Mock(load(ROOT / "specs" / f"{name}.yaml")) for name in OURS})
    server.behave()
    with run_server({name: partial(server.answer, name) for name in OURS}) as url:
        server.url = url
        yield server
        server.released.set()


@pytest.fixture
def server(sdk_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Return the server, with an environment that points to it."""
    for name, value in build_environment(sdk_server).items():
        monkeypatch.setenv(name, value)
    return sdk_server


def build_environment(server: Server) -> dict[str, str]:
    """Return the variables with credentials and base URLs for both packages."""
    variables: dict[str, str] = {}
    for name, mock in server.mocks.items():
        for scheme in mock.spec.security_schemes.values():
            assert scheme.env is not None
            variables[scheme.env] = mock.credentials[scheme.name]
        for spec_server in mock.spec.servers:
            assert spec_server.env is not None
            variables[spec_server.env] = f"{server.url}/{name}"
    return variables


def run(server: Server, task: Task, side: str) -> tuple[Any, list[Any]]:
    """Return the result of a block and its requests; the part's first block creates the client."""
    block = getattr(task, side)
    (token,) = server.mocks[task.vendor].credentials.values()
    names: dict[str, Any] = {"token": token, "url": f"{server.url}/{task.vendor}"}
    server.behave()
    exec(getattr(FIRSTS[task.vendor], side), names)  # noqa: S102 (our own page)
    client = names[task.vendor]
    try:
        server.behave(task.heading)
        exec(compile(block, f"{task} ({side})", "exec"), names)  # noqa: S102 (our own page)
    finally:
        server.released.set()
        client.close()
        names[task.vendor].close()
    return encode(names["result"]), server.heard


@pytest.mark.parametrize("task", [task for task in PYTHON if task.theirs], ids=str)
def test_each_block_of_a_vendor_package_runs(server: Server, task: Task) -> None:
    """Each block with the vendor's package runs and returns a result."""
    result, requests = run(server, task, "theirs")
    assert result
    assert requests


@pytest.mark.parametrize("task", name_tasks(PYTHON))
def test_each_driftline_block_gives_the_same_result(server: Server, task: Task) -> None:
    """Each driftline block returns and sends the same as the vendor's block."""
    assert find_unknown_options(task) == set()
    result, requests = run(server, task, "ours")
    assert result
    if task.theirs:
        assert (result, requests) == run(server, task, "theirs")
    if task.heading == "Retries":
        assert len(requests) == 2


def find_unknown_options(task: Task) -> set[str]:
    """Return the options of a driftline block that no client accepts."""
    module, used_options = OURS[task.vendor], set[str]()
    known_options = set(ClientOptions.__optional_keys__)
    for node in ast.walk(ast.parse(task.ours)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            client_class = getattr(module, node.func.id, None)
            if client_class is not None:
                known_options |= set(inspect.signature(client_class.__init__).parameters)
                used_options |= {keyword.arg for keyword in node.keywords if keyword.arg}
    return used_options - known_options


@pytest.mark.parametrize("task", SWITCHES, ids=str)
def test_the_documented_variable_starts_the_vendors_log(server: Server, task: Task) -> None:
    """The documented variable makes the vendor's package log its requests."""
    assert task.theirs
    assert "DEBUG" in run_part(server, task, "theirs", task.theirs)


@pytest.mark.parametrize("task", name_tasks(SWITCHES))
def test_the_documented_variable_starts_the_clients_log(server: Server, task: Task) -> None:
    """The documented variable makes the client log its requests, without the credential."""
    log = run_part(server, task, "ours", task.ours)
    assert "driftline" in log
    for key in server.mocks[task.vendor].credentials.values():
        assert key not in log


def run_part(server: Server, task: Task, side: str, switch: str) -> str:
    """Return the log of the part's first block with the variable of a shell block."""
    assignment = re.fullmatch(r"export (\w+)=(\w+)\n", switch)
    assert assignment
    server.behave()
    process = subprocess.run(
        [sys.executable, "-c", getattr(FIRSTS[task.vendor], side)],
        env={**os.environ, assignment[1]: assignment[2]},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stderr
