"""Live runs: run ids, tags of created rows, budgets, and resumption."""

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

from .bad_server import check, read_report
from .plain_server import SERVERS, PlainRequest, PlainResponse, run_plain_server
from .test_false_alarms import lend_credentials


class RecordingServer:
    """A correct server that records its exchanges, and calls `at[n]` before the n-th request."""

    def __init__(self, spec: Spec, credentials: dict[str, str]) -> None:
        self.server = SERVERS[spec.name](0, credentials)
        self.asked: list[PlainRequest] = []
        self.given: list[PlainResponse] = []
        self.at: dict[int, Callable[[], Any]] = {}
        self._right = self.server.handle
        self.server.handle = self.handle

    def handle(self, request: PlainRequest) -> PlainResponse:
        self.asked.append(request)
        self.at.get(len(self.asked), lambda: None)()
        self.given.append(self._right(request))
        return self.given[-1]


@pytest.fixture
def recording_server(
    request: pytest.FixtureRequest, specs: dict[str, Spec], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RecordingServer, str]]:
    """Return the server of zudu, or of the API that the test names, and its `--url`."""
    api = getattr(request, "param", "zudu")
    server = RecordingServer(specs[api], lend_credentials(specs[api], monkeypatch))
    with run_plain_server({api: server.server}) as url:
        yield server, f"{api}={url}/{api}"


def list_outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {check["name"]: check["outcome"] for check in report["checks"]}


def test_every_request_has_the_id_of_the_run(recording_server: Any, tmp_path: Path) -> None:
    """Every request has the run id in a header; the report and the terminal name it."""
    server, url = recording_server
    result = check("zudu", "--url", url, "--run-id", "night-7", "--report", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert {request.headers.get("x-driftline-run") for request in server.asked} == {"night-7"}
    assert all(a.headers["user-agent"].startswith("driftline/") for a in server.asked)
    (api,) = read_report(tmp_path)["apis"]
    assert (api["usage"]["run"], api["usage"]["requests"]) == ("night-7", len(server.asked))
    assert (
        f"run id night-7: {len(server.asked)} requests (limits: 2,000 requests, " in result.output
    )


def test_each_run_has_an_id_of_its_own(recording_server: Any) -> None:
    """Without `--run-id`, each run has a different id."""
    server, url = recording_server
    for _ in range(2):
        assert check("zudu", "--url", url).exit_code == 0
    assert len({request.headers["x-driftline-run"] for request in server.asked}) == 2


@pytest.mark.parametrize("run", ["", "a b", "x" * 65, "ä", "a\r\nX: y"])
def test_an_invalid_run_id_is_rejected(run: str, recording_server: Any) -> None:
    """A run id that is invalid in a header is rejected before any request."""
    server, url = recording_server
    result = check("zudu", "--url", url, "--run-id", run)
    assert (result.exit_code, server.asked) == (2, [])
    assert "invalid run id" in result.stderr


@pytest.mark.parametrize("recording_server", ["roark"], indirect=True)
def test_created_rows_are_tagged_with_the_run(recording_server: Any) -> None:
    """Every created call and analysis names the run, unless the body has a value in that field."""
    server, url = recording_server
    writes = ("--allow-writes", "call.create", "--allow-writes", "callAnalysis.create")
    result = check("roark", "--url", url, *writes, "--run-id", "r1", "--max-requests", "9999")
    assert result.exit_code == 0, result.output
    create_requests = [
        (request.path, json.loads(request.body))
        for request, response in zip(server.asked, server.given, strict=True)
        if request.method == "POST" and response.status == 200
    ]
    assert {path for path, _ in create_requests} == {"/v1/call", "/v1/call-analysis"}
    for path, body in create_requests:
        tag = {"driftline": "driftline r1"} if path == "/v1/call" else "driftline r1"
        name = "properties" if path == "/v1/call" else "endedReason"
        is_own_value = name in body and body[name] != tag
        assert is_own_value or body[name] == tag
    assert any("driftline r1" in str(body) for _, body in create_requests)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.none())))
def test_a_tag_changes_nothing_else(roark: Spec, body: dict[str, Any]) -> None:
    """A tag adds one field to the body and changes nothing else."""
    operation = roark.find_operation("call.create")
    assert operation is not None
    content = json.dumps(body).encode()
    request = Outgoing("POST", "/v1/call", "", (), content)
    tagged_body = json.loads(add_tag(operation, request, "x").body)
    assert tagged_body == {"properties": {"driftline": build_tag("x")}, **body}


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"properties": 1}', b"\xff"])
def test_an_invalid_body_is_not_tagged(roark: Spec, body: bytes) -> None:
    """A body that is not a JSON object, or has the field, is sent unchanged."""
    operation = roark.find_operation("call.create")
    assert operation is not None
    request = Outgoing("POST", "/v1/call", "", (), body)
    assert add_tag(operation, request, "x") == request


def test_an_exhausted_run_is_resumed(recording_server: Any, tmp_path: Path) -> None:
    """A resumed run skips the completed checks; the report has all checks and the same run id."""
    server, url = recording_server
    options = ("zudu", "--url", url)
    first = check(*options, "--report", str(tmp_path), "--max-requests", "12")
    before = list_outcomes(read_report(tmp_path))
    assert (first.exit_code, len(server.asked)) == (2, 12)
    assert {"passed", "error"} <= set(before.values())
    resumed_result = check(*options, "--resume", str(tmp_path))
    report = read_report(tmp_path)
    assert (resumed_result.exit_code, set(list_outcomes(report).values())) == (0, {"passed"})
    assert list(list_outcomes(report)) == list(before)
    assert len({request.headers["x-driftline-run"] for request in server.asked}) == 1
    request_count = len(server.asked)
    usage = report["apis"][0]["usage"]
    assert usage["requests"] == request_count - 12
    assert "are from an earlier part of this run" in usage["notes"][0]
    assert check(*options, "--resume", str(tmp_path)).exit_code == 0
    assert len(server.asked) == request_count


@pytest.mark.parametrize(
    "change",
    [("--seed", "5"), ("--specs", "other/specs")],
    ids=["another seed", "another spec"],
)
def test_a_run_with_another_seed_or_spec_is_not_resumed(
    change: tuple[str, str], recording_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resumed run with another seed or spec runs every check again."""
    server, url = recording_server
    other_specs = tmp_path / "other" / "specs"
    other_specs.mkdir(parents=True)
    root = Path(__file__).parents[2]
    source = (root / "specs/zudu.yaml").read_text()
    (other_specs / "zudu.yaml").write_text(source.replace("title: Zudu", "title: Zudu 2"))
    for folder in ("generated", "contract_tests"):
        (tmp_path / "other" / folder).symlink_to(root / folder)
    monkeypatch.chdir(root)
    options = ["zudu", "--url", url, "--report", str(tmp_path / "report")]
    assert check(*options).exit_code == 0
    request_count = len(server.asked)
    changed_options = [option.replace("other", str(tmp_path / "other")) for option in change]
    options[3] = "--resume"
    check(*options, *changed_options)
    assert len(server.asked) == 2 * request_count


def test_a_truncated_journal_repeats_only_the_lost_checks(
    recording_server: Any, tmp_path: Path
) -> None:
    """If the journal ends in the middle of a line, only the rest of the checks run again."""
    server, url = recording_server
    assert check("zudu", "--url", url, "--report", str(tmp_path)).exit_code == 0
    journal = tmp_path / JOURNAL
    lines = journal.read_text().splitlines(keepends=True)
    cut_line = next(number for number, line in enumerate(lines) if '"name": "pages"' in line)
    journal.write_text("".join(lines[:cut_line]) + lines[cut_line][:40])
    request_count = len(server.asked)
    result = check("zudu", "--url", url, "--resume", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert 0 < len(server.asked) - request_count < request_count
    assert [json.loads(line) for line in journal.read_text().splitlines()[-1:]]


@pytest.mark.parametrize(
    ("options", "expected_message"),
    [
        (("--resume", "nowhere"), "no run to resume"),
        (("--resume", "a", "--report", "b"), "--report cannot be combined with --resume"),
    ],
)
def test_resuming_without_a_matching_run_is_an_error(
    options: tuple[str, ...], expected_message: str, recording_server: Any
) -> None:
    """`--resume` without a run to resume, or with another `--report`, is an error before any
    request.
    """
    server, url = recording_server
    result = check("zudu", "--url", url, *options)
    assert (result.exit_code, server.asked) == (2, [])
    assert expected_message in result.stderr


def test_only_live_runs_are_resumed(tmp_path: Path) -> None:
    """A run against a mock writes no journal, and `--resume` rejects it."""
    assert check("zudu", "--report", str(tmp_path)).exit_code == 0
    assert not (tmp_path / JOURNAL).exists()
    result = check("zudu", "--resume", str(tmp_path))
    assert (result.exit_code, "--resume needs a live server" in result.stderr) == (2, True)


def test_an_interrupted_run_writes_its_report_and_is_resumable(
    recording_server: Any, tmp_path: Path
) -> None:
    """An interrupted run writes its report, names the checks not run, and can be resumed."""
    server, url = recording_server
    server.at[10] = lambda: os.kill(os.getpid(), signal.SIGINT)
    result = check("zudu", "--url", url, "--report", str(tmp_path))
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    report = read_report(tmp_path)
    details = {check["detail"] for check in report["checks"] if check["outcome"] == "error"}
    assert details == {"not run: the run was interrupted"}
    assert "passed" in list_outcomes(report).values()
    assert report["exit_code"] == 2
    resumed_result = check("zudu", "--url", url, "--resume", str(tmp_path))
    assert (resumed_result.exit_code, set(list_outcomes(read_report(tmp_path)).values())) == (
        0,
        {"passed"},
    )
