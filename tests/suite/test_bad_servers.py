"""Servers that misbehave: an honest finding or exit code 2, never a traceback, never too much."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftline.suite.http.sender import MAX_BODY

from .bad_server import BadServer, answer, check, report_of, serving
from .plain_server import Asked, Zudu

SECRETS = {"ZUDU_API_KEY": "sk_no one knows", "ZUDU_API_SECRET": "s3cr3t_nor/this+one"}
BUDGET = 150
PATIENCE = ("--timeout", "0.2")
EMPTY = b'{"message": "", "status": "success", "data": {"calls": []}}'


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials of the run."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def against(tmp_path: Path) -> Callable[..., tuple[Any, BadServer, dict[str, Any]]]:
    """Checks zudu against a server that says `say`; gives result, server and report."""

    def run(say: Any, *options: str) -> tuple[Any, BadServer, dict[str, Any]]:
        spoken = (lambda _, line: line.sendall(say)) if isinstance(say, bytes) else say
        with serving(spoken) as server:
            place = ("--url", f"zudu={server.url}", "--report", str(tmp_path))
            result = check("zudu", *place, "--max-requests", str(BUDGET), *options)
        assert len(server.requests) <= BUDGET
        shown = result.output + "".join(f.read_text() for f in tmp_path.iterdir() if f.is_file())
        assert [value for value in SECRETS.values() if value in shown] == []
        written = (tmp_path / "report.json").is_file()
        return result, server, report_of(tmp_path) if written else {}

    return run


def ids(report: dict[str, Any]) -> set[str]:
    return {finding["id"] for finding in report["findings"]}


def hang(server: BadServer, line: socket.socket) -> None:
    """Not a byte."""
    server.wait()


def hang_in_the_body(server: BadServer, line: socket.socket) -> None:
    line.sendall(answer()[:-1])
    server.wait()


def drip_the_headers(server: BadServer, line: socket.socket) -> None:
    """Each byte comes soon, the last one never."""
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.wait(0.01):
        line.sendall(b"X: y\r\n")


def drip_the_body(server: BadServer, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while not server.wait(0.01):
        line.sendall(b" ")


@pytest.mark.parametrize("say", [hang, hang_in_the_body, drip_the_headers, drip_the_body])
def test_a_server_that_hangs(say: Any, against: Any) -> None:
    """One request and its deadline, however many bytes keep coming; then one sentence."""
    result, server, _ = against(say, *PATIENCE)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: not complete after 0.2 s" in result.stderr
    assert len(server.requests) == 1


def test_a_server_that_closes_at_once(against: Any) -> None:
    """A read is sent once more, since an idle connection may end at any time; and not again."""
    result, server, _ = against(lambda server, line: True)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: Server disconnected" in result.stderr
    assert len(server.requests) == 2


def test_garbage(against: Any) -> None:
    """A reply that is not HTTP is not a response."""

    def say(server: BadServer, line: socket.socket) -> bool:
        line.sendall(b"220 mail.example.com ESMTP\r\n")
        return True

    result, server, _ = against(say)
    assert result.exit_code == 2
    assert "no response to GET /api/calls" in result.stderr
    assert len(server.requests) == 2


def test_wrong_tls(tmp_path: Path) -> None:
    """https at a port that speaks plain HTTP: the reason is named, and nothing was said to it."""
    with serving(lambda server, line: line.sendall(answer(400)) or True) as server:
        place = f"zudu={server.url.replace('http', 'https')}"
        result = check("zudu", "--url", place, "--report", str(tmp_path))
    assert result.exit_code == 2
    assert "SSL" in result.stderr
    assert not any(b"X-API-KEY" in request for request in server.requests)


@pytest.mark.parametrize("target", ["/api/calls", "http://localhost:9/elsewhere"])
def test_redirects(target: str, against: Any) -> None:
    """Nothing but redirects is not the API. None is followed: not for ever, not elsewhere."""
    result, server, _ = against(answer(302, b"", location=target))
    assert result.exit_code == 2
    assert "the server does not respond like the API: 302, a redirect to" in result.stderr
    assert not any(b"elsewhere" in request for request in server.requests)


def test_credentials_do_not_follow_a_redirect(against: Any) -> None:
    """The other host hears nothing at all."""
    with serving(lambda server, line: line.sendall(answer(200, EMPTY))) as other:
        result, _, _ = against(answer(307, b"", location=f"{other.url}/api/calls"))
    assert result.exit_code == 2
    assert other.requests == []


def endless(server: BadServer, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not server.ended.is_set():
        line.sendall(b"10000\r\n%s\r\n" % (b" " * 65536))


def bomb(coding: str) -> bytes:
    """A small answer that is very large."""
    content = b" " * (20 * MAX_BODY)
    packed = gzip.compress(content) if coding == "gzip" else zlib.compress(content)
    assert len(packed) < MAX_BODY / 10
    return answer(200, packed, content_encoding=coding)


@pytest.mark.parametrize(
    "say",
    [answer(200, b" " * 10_000_000), endless, bomb("gzip"), bomb("deflate")],
    ids=["10 MB", "endless", "gzip bomb", "deflate bomb"],
)
def test_an_answer_that_is_too_large(say: Any, against: Any) -> None:
    """It is not read to the end, packed or not; that is said, and nothing more is sent."""
    result, server, _ = against(say)
    assert result.exit_code == 2
    assert "the response to GET /api/calls is larger than 5,000,000 bytes" in result.stderr
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (answer(200, b"Sign in", "text/plain"), "response.content-type.undocumented"),
        (answer(200, b"<html>Sign in</html>"), "response.json.unreadable"),
        (answer(200, b""), "response.json.unreadable"),
        (answer(200, b"\x1f\x8b" + EMPTY, content_encoding="gzip"), "response.json.unreadable"),
        (
            answer(200, gzip.compress(EMPTY)[:-9], content_encoding="gzip"),
            "response.json.unreadable",
        ),
        (answer(200, EMPTY, content_length="20"), "response.json.unreadable"),
        (answer(500, b"Oops", "text/plain"), "response.server-error"),
        (answer(204, b"", content_length="0"), "response.status.undocumented"),
    ],
    ids=["text", "HTML as JSON", "empty", "no gzip", "cut gzip", "cut short", "500", "204"],
)
def test_wrong_answers_are_findings(said: bytes, found: str, against: Any) -> None:
    """All that comes is wrong: that is drift, and every check comes to an end."""
    result, _, report = against(said)
    assert result.exit_code == 1, result.output
    assert found in ids(report)


def test_a_content_length_that_is_too_large(against: Any) -> None:
    """The rest never comes: it is a response that breaks off."""

    def say(server: BadServer, line: socket.socket) -> bool:
        line.sendall(answer(200, EMPTY, content_length="9999"))
        return True

    result, server, _ = against(say)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: peer closed connection" in result.stderr
    assert len(server.requests) == 2


def plain() -> Callable[[BadServer, socket.socket], Any]:
    """A right server."""
    right = Zudu(0, {"apiKey": SECRETS["ZUDU_API_KEY"], "apiSecret": SECRETS["ZUDU_API_SECRET"]})

    def say(server: BadServer, line: socket.socket) -> None:
        head = server.last.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = [tuple(each.split(": ", 1)) for each in head[1:] if ": " in each]
        given = right.handle(Asked.of(method, target, headers, b""))
        line.sendall(answer(given.status, given.body()))

    return say


def test_a_server_that_drops_out_midway(against: Any) -> None:
    """What was learnt until then is in the report, and so is each check that was not made."""
    right = plain()

    def say(server: BadServer, line: socket.socket) -> Any:
        return right(server, line) if len(server.requests) <= 12 else True

    result, server, report = against(say)
    assert result.exit_code == 2, result.output
    assert len(server.requests) == 12 + 2 * 3
    outcomes = {check["name"]: check["outcome"] for check in report["checks"]}
    assert {"passed", "error"} <= set(outcomes.values())
    assert "could not check" in result.output
    lost = [check for check in report["checks"] if check["outcome"] == "error"]
    assert all("no response to GET /api/calls" in check["detail"] for check in lost)
    (api,) = report["apis"]
    assert api["usage"]["requests"] == 18
    assert api["usage"]["max_requests"] == BUDGET


def test_one_lost_answer_costs_one_check(against: Any) -> None:
    """A server that once fails to answer is not given up."""
    right = plain()

    def say(server: BadServer, line: socket.socket) -> Any:
        return True if len(server.requests) in {5, 6} else right(server, line)

    result, _, report = against(say)
    assert result.exit_code == 2
    assert sum(check["outcome"] == "error" for check in report["checks"]) == 1


def test_a_connection_that_ends_while_idle_costs_nothing(against: Any) -> None:
    """Every second request finds its connection closed: it is sent again on a new one."""
    right = plain()

    def say(server: BadServer, line: socket.socket) -> bool:
        right(server, line)
        return True

    result, _, _ = against(say)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "headers",
    [{}, {"retry_after": str(10**12)}, {"retry_after": "soon"}, {"retry_after": "-1"}],
    ids=["without Retry-After", "for ever", "no number", "negative"],
)
def test_a_server_that_throttles_everything(headers: dict[str, str], against: Any) -> None:
    """It is not waited for ever, and not asked more often than there are checks.

    What it asks to wait may be nothing that HTTP knows, which is reported.
    """
    result, server, report = against(answer(429, b'{"message": "slow down"}', **headers))
    assert result.exit_code == 2
    assert "429" in result.output
    assert len(server.requests) <= len(report["checks"])
    odd = headers.get("retry_after") in {"soon", "-1"}
    assert ids(report) == ({"response.header.wrong"} if odd else set[str]())


def test_the_budget_ends_a_run(against: Any) -> None:
    """Not one request more; what could not be checked is named, with the option that helps."""
    result, server, report = against(plain(), "--max-requests", "7")
    assert result.exit_code == 2
    assert len(server.requests) == 7
    said = " ".join(result.output.split())
    assert "request budget of 7 exhausted; see --max-requests" in said
    assert report["apis"][0]["usage"]["requests"] == 7
