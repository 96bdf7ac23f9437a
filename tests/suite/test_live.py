"""Live runs: their ID, what they create, their figures, and going on after an end."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline.check.live import JOURNAL
from driftline.checks.outgoing import Outgoing
from driftline.openapi import Spec
from driftline.suite.http.created_rows import add_tag, build_tag

from .bad_server import check, report_of
from .plain_server import SERVERS, Answer, Asked, serving
from .test_false_alarms import lend


class Heard:
    """A right server that remembers what it was asked, and may do something else at a point."""

    def __init__(self, spec: Spec, credentials: dict[str, str]) -> None:
        self.server = SERVERS[spec.name](0, credentials)
        self.asked: list[Asked] = []
        self.given: list[Answer] = []
        self.at: dict[int, Callable[[], Any]] = {}
        self._right = self.server.handle
        self.server.handle = self.handle

    def handle(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.at.get(len(self.asked), lambda: None)()
        self.given.append(self._right(asked))
        return self.given[-1]


@pytest.fixture
def heard(
    request: pytest.FixtureRequest, specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Heard, str]]:
    """zudu, or the API that the test names, and its `--url`."""
    api = getattr(request, "param", "zudu")
    found = Heard(specs[api], lend(specs[api], monkeypatch))
    with serving({api: found.server}) as url:
        yield found, f"{api}={url}/{api}"


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in report["checks"]}


def test_every_request_has_the_id_of_the_run(heard: Any, tmp_path: Path) -> None:
    """In one header, which the report and the terminal name, too; no shown command has it."""
    server, url = heard
    result = check("zudu", "--url", url, "--run-id", "night-7", "--report", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert {asked.headers.get("x-driftline-run") for asked in server.asked} == {"night-7"}
    assert all(a.headers["user-agent"].startswith("driftline/") for a in server.asked)
    (api,) = report_of(tmp_path)["apis"]
    assert (api["usage"]["run"], api["usage"]["requests"]) == ("night-7", len(server.asked))
    assert (
        f"run id night-7: {len(server.asked)} requests (limits: 2,000 requests, " in result.output
    )


def test_each_run_has_an_id_of_its_own(heard: Any) -> None:
    """If none is given."""
    server, url = heard
    for _ in range(2):
        assert check("zudu", "--url", url).exit_code == 0
    assert len({asked.headers["x-driftline-run"] for asked in server.asked}) == 2


@pytest.mark.parametrize("run", ["", "a b", "x" * 65, "ä", "a\r\nX: y"])
def test_an_id_that_is_none(run: str, heard: Any) -> None:
    """Nothing is sent that could not stand in a header."""
    server, url = heard
    result = check("zudu", "--url", url, "--run-id", run)
    assert (result.exit_code, server.asked) == (2, [])
    assert "invalid run id" in result.stderr


@pytest.mark.parametrize("heard", ["roark"], indirect=True)
def test_what_is_created_is_tagged(heard: Any) -> None:
    """Every call and analysis that came into being names the run, where the body left room."""
    server, url = heard
    writes = ("--allow-writes", "call.create", "--allow-writes", "callAnalysis.create")
    result = check("roark", "--url", url, *writes, "--run-id", "r1", "--max-requests", "9999")
    assert result.exit_code == 0, result.output
    created = [
        (asked.path, json.loads(asked.body))
        for asked, given in zip(server.asked, server.given, strict=True)
        if asked.method == "POST" and given.status == 200
    ]
    assert {path for path, _ in created} == {"/v1/call", "/v1/call-analysis"}
    for path, body in created:
        tag = {"driftline": "driftline r1"} if path == "/v1/call" else "driftline r1"
        name = "properties" if path == "/v1/call" else "endedReason"
        own = name in body and body[name] != tag
        assert own or body[name] == tag
    assert any("driftline r1" in str(body) for _, body in created)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.none())))
def test_a_tag_changes_nothing_else(roark: Spec, body: dict[str, Any]) -> None:
    """The body is the same with one field more; what is there stays."""
    operation = roark.find_operation("call.create")
    assert operation is not None
    content = json.dumps(body).encode()
    sent = Outgoing("POST", "/v1/call", "", (), content)
    found = json.loads(add_tag(operation, sent, "x").body)
    assert found == {"properties": {"driftline": build_tag("x")}, **body}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"properties": 1}', b"\xff"])
def test_a_body_that_is_meant_to_be_wrong_stays_so(roark: Spec, body: bytes) -> None:
    """No object, no JSON, or the field is there: it goes out as it is."""
    operation = roark.find_operation("call.create")
    assert operation is not None
    sent = Outgoing("POST", "/v1/call", "", (), body)
    assert add_tag(operation, sent, "x") == sent


def test_an_exhausted_run_is_resumed(heard: Any, tmp_path: Path) -> None:
    """Checks that were made are not made again; the report and the run's ID are of the whole."""
    server, url = heard
    options = ("zudu", "--url", url)
    first = check(*options, "--report", str(tmp_path), "--max-requests", "12")
    before = outcomes(report_of(tmp_path))
    assert (first.exit_code, len(server.asked)) == (2, 12)
    assert {"passed", "error"} <= set(before.values())
    again = check(*options, "--resume", str(tmp_path))
    report = report_of(tmp_path)
    assert (again.exit_code, set(outcomes(report).values())) == (0, {"passed"})
    assert list(outcomes(report)) == list(before)
    assert len({asked.headers["x-driftline-run"] for asked in server.asked}) == 1
    sent = len(server.asked)
    usage = report["apis"][0]["usage"]
    assert usage["requests"] == sent - 12
    assert "are from an earlier part of this run" in usage["notes"][0]
    assert check(*options, "--resume", str(tmp_path)).exit_code == 0
    assert len(server.asked) == sent


@pytest.mark.parametrize(
    "change",
    [("--seed", "5"), ("--specs", "other/specs")],
    ids=["another seed", "another spec"],
)
def test_other_checks_are_not_taken_over(
    change: tuple[str, str], heard: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was checked with another spec or seed says nothing about this one."""
    server, url = heard
    here = tmp_path / "other" / "specs"
    here.mkdir(parents=True)
    root = Path(__file__).parents[2]
    text = (root / "specs/zudu.yaml").read_text()
    (here / "zudu.yaml").write_text(text.replace("title: Zudu", "title: Zudu 2"))
    for folder in ("generated", "contract_tests"):
        (tmp_path / "other" / folder).symlink_to(root / folder)
    monkeypatch.chdir(root)
    options = ["zudu", "--url", url, "--report", str(tmp_path / "report")]
    assert check(*options).exit_code == 0
    sent = len(server.asked)
    changed = [each.replace("other", str(tmp_path / "other")) for each in change]
    options[3] = "--resume"
    check(*options, *changed)
    assert len(server.asked) == 2 * sent


def test_a_journal_that_was_cut_off(heard: Any, tmp_path: Path) -> None:
    """A machine that went down in the middle of a line costs that check, and no other."""
    server, url = heard
    assert check("zudu", "--url", url, "--report", str(tmp_path)).exit_code == 0
    journal = tmp_path / JOURNAL
    lines = journal.read_text().splitlines(keepends=True)
    cut = next(number for number, line in enumerate(lines) if '"name": "pages"' in line)
    journal.write_text("".join(lines[:cut]) + lines[cut][:40])
    sent = len(server.asked)
    result = check("zudu", "--url", url, "--resume", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert 0 < len(server.asked) - sent < sent
    assert [json.loads(line) for line in journal.read_text().splitlines()[-1:]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--resume", "nowhere"), "no run to resume"),
        (("--resume", "a", "--report", "b"), "--report cannot be combined with --resume"),
    ],
)
def test_what_cannot_be_resumed(options: tuple[str, ...], said: str, heard: Any) -> None:
    """Before anything is sent."""
    server, url = heard
    result = check("zudu", "--url", url, *options)
    assert (result.exit_code, server.asked) == (2, [])
    assert said in result.stderr


def test_only_live_runs_are_resumed(tmp_path: Path) -> None:
    """A mock costs nothing, and keeps no journal."""
    assert check("zudu", "--report", str(tmp_path)).exit_code == 0
    assert not (tmp_path / JOURNAL).exists()
    result = check("zudu", "--resume", str(tmp_path))
    assert (result.exit_code, "--resume needs a live server" in result.stderr) == (2, True)


def test_ctrl_c_keeps_what_was_learnt(heard: Any, tmp_path: Path) -> None:
    """Report and journal are there, each check that was not made is named; and it is resumed."""
    server, url = heard
    server.at[10] = lambda: os.kill(os.getpid(), signal.SIGINT)
    result = check("zudu", "--url", url, "--report", str(tmp_path))
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    report = report_of(tmp_path)
    details = {check["detail"] for check in report["checks"] if check["outcome"] == "error"}
    assert details == {"not run: the run was interrupted"}
    assert "passed" in outcomes(report).values()
    assert report["exit_code"] == 2
    again = check("zudu", "--url", url, "--resume", str(tmp_path))
    assert (again.exit_code, set(outcomes(report_of(tmp_path)).values())) == (0, {"passed"})
