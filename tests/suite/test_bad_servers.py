"""Servers that misbehave cause a finding or exit code 2, never a traceback or too many requests."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from driftline.suite.http.sender import MAX_BODY

from .bad_server import BadServer, build_response, check, read_report, run_bad_server
from .plain_server import PlainRequest, Zudu

SECRETS = {"ZUDU_API_KEY": "sk_no one knows", "ZUDU_API_SECRET": "s3cr3t_nor/this+one"}
BUDGET = 150
PATIENCE = ("--timeout", "0.2")
EMPTY = b'{"message": "", "status": "success", "data": {"calls": []}}'


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the credentials of the run."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def check_bad_server(tmp_path: Path) -> Callable[..., tuple[Any, BadServer, dict[str, Any]]]:
    """Return a function that checks zudu against a server that sends `say`."""

    def run(say: Any, *options: str) -> tuple[Any, BadServer, dict[str, Any]]:
        respond = (lambda _, line: line.sendall(say)) if isinstance(say, bytes) else say
        with run_bad_server(respond) as server:
            target_options = ("--url", f"zudu={server.url}", "--report", str(tmp_path))
            result = check("zudu", *target_options, "--max-requests", str(BUDGET), *options)
        assert len(server.requests) <= BUDGET
        shown_output = result.output + "".join(
            f.read_text() for f in tmp_path.iterdir() if f.is_file()
        )
        assert [value for value in SECRETS.values() if value in shown_output] == []
        has_report = (tmp_path / "report.json").is_file()
        return result, server, read_report(tmp_path) if has_report else {}

    return run


def list_finding_ids(report: dict[str, Any]) -> set[str]:
    return {finding["id"] for finding in report["findings"]}


def hang_before_response(server: BadServer, line: socket.socket) -> None:
    """Send no byte."""
    server.wait()


def hang_in_the_body(server: BadServer, line: socket.socket) -> None:
    line.sendall(build_response()[:-1])
    server.wait()


def drip_the_headers(server: BadServer, line: socket.socket) -> None:
    """Send header lines one after another without end."""
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while not server.wait(0.01):
        line.sendall(b"X: y\r\n")


def drip_the_body(server: BadServer, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while not server.wait(0.01):
        line.sendall(b" ")


@pytest.mark.parametrize(
    "say", [hang_before_response, hang_in_the_body, drip_the_headers, drip_the_body]
)
def test_a_hanging_server_ends_the_run_at_the_deadline(say: Any, check_bad_server: Any) -> None:
    """The run ends after one request and its deadline, even if bytes keep arriving, with one
    message.
    """
    result, server, _ = check_bad_server(say, *PATIENCE)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: not complete after 0.2 s" in result.stderr
    assert len(server.requests) == 1


def test_a_closed_connection_is_retried_once(check_bad_server: Any) -> None:
    """A read is sent once more after a disconnect, since idle connections may end; it is not sent
    again.
    """
    result, server, _ = check_bad_server(lambda server, line: True)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: Server disconnected" in result.stderr
    assert len(server.requests) == 2


def test_bytes_that_are_not_http_are_no_response(check_bad_server: Any) -> None:
    """Bytes that are not HTTP are reported as no response."""

    def send_garbage(server: BadServer, line: socket.socket) -> bool:
        line.sendall(b"220 mail.example.com ESMTP\r\n")
        return True

    result, server, _ = check_bad_server(send_garbage)
    assert result.exit_code == 2
    assert "no response to GET /api/calls" in result.stderr
    assert len(server.requests) == 2


def test_https_to_a_plain_http_port_is_reported(tmp_path: Path) -> None:
    """With https at a port that speaks plain HTTP, the error names SSL, and no token is sent."""
    with run_bad_server(lambda server, line: line.sendall(build_response(400)) or True) as server:
        url_option = f"zudu={server.url.replace('http', 'https')}"
        result = check("zudu", "--url", url_option, "--report", str(tmp_path))
    assert result.exit_code == 2
    assert "SSL" in result.stderr
    assert not any(b"X-API-KEY" in request for request in server.requests)


@pytest.mark.parametrize("target", ["/api/calls", "http://localhost:9/elsewhere"])
def test_a_server_that_only_redirects_is_not_the_api(target: str, check_bad_server: Any) -> None:
    """A server that only redirects is reported as not the API, and no redirect is followed."""
    result, server, _ = check_bad_server(build_response(302, b"", location=target))
    assert result.exit_code == 2
    assert "the server does not respond like the API: 302, a redirect to" in result.stderr
    assert not any(b"elsewhere" in request for request in server.requests)


def test_credentials_do_not_follow_a_redirect(check_bad_server: Any) -> None:
    """After a redirect to another host, the other host receives no request at all."""
    with run_bad_server(
        lambda server, line: line.sendall(build_response(200, EMPTY))
    ) as other_server:
        result, _, _ = check_bad_server(
            build_response(307, b"", location=f"{other_server.url}/api/calls")
        )
    assert result.exit_code == 2
    assert other_server.requests == []


def respond_without_end(server: BadServer, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not server.ended.is_set():
        line.sendall(b"10000\r\n%s\r\n" % (b" " * 65536))


def build_bomb(coding: str) -> bytes:
    """Return a small compressed response whose content is very large."""
    content = b" " * (20 * MAX_BODY)
    compressed_content = gzip.compress(content) if coding == "gzip" else zlib.compress(content)
    assert len(compressed_content) < MAX_BODY / 10
    return build_response(200, compressed_content, content_encoding=coding)


@pytest.mark.parametrize(
    "say",
    [
        build_response(200, b" " * 10_000_000),
        respond_without_end,
        build_bomb("gzip"),
        build_bomb("deflate"),
    ],
    ids=["10 MB", "endless", "gzip bomb", "deflate bomb"],
)
def test_a_response_that_is_too_large_stops_the_run(say: Any, check_bad_server: Any) -> None:
    """A response that is too large, compressed or not, stops the run; the error names the limit."""
    result, server, _ = check_bad_server(say)
    assert result.exit_code == 2
    assert "the response to GET /api/calls is larger than 5,000,000 bytes" in result.stderr
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("response_bytes", "expected_id"),
    [
        (build_response(200, b"Sign in", "text/plain"), "response.content-type.undocumented"),
        (build_response(200, b"<html>Sign in</html>"), "response.json.unreadable"),
        (build_response(200, b""), "response.json.unreadable"),
        (
            build_response(200, b"\x1f\x8b" + EMPTY, content_encoding="gzip"),
            "response.json.unreadable",
        ),
        (
            build_response(200, gzip.compress(EMPTY)[:-9], content_encoding="gzip"),
            "response.json.unreadable",
        ),
        (build_response(200, EMPTY, content_length="20"), "response.json.unreadable"),
        (build_response(500, b"Oops", "text/plain"), "response.server-error"),
        (build_response(204, b"", content_length="0"), "response.status.undocumented"),
    ],
    ids=["text", "HTML as JSON", "empty", "no gzip", "cut gzip", "cut short", "500", "204"],
)
def test_invalid_responses_are_findings(
    response_bytes: bytes, expected_id: str, check_bad_server: Any
) -> None:
    """A server whose responses are all wrong is reported as drift, and every check completes."""
    result, _, report = check_bad_server(response_bytes)
    assert result.exit_code == 1, result.output
    assert expected_id in list_finding_ids(report)


def test_a_response_shorter_than_its_content_length_is_none(check_bad_server: Any) -> None:
    """A response that is shorter than its Content-Length is reported as no response."""

    def send_too_little(server: BadServer, line: socket.socket) -> bool:
        line.sendall(build_response(200, EMPTY, content_length="9999"))
        return True

    result, server, _ = check_bad_server(send_too_little)
    assert result.exit_code == 2
    assert "no response to GET /api/calls: peer closed connection" in result.stderr
    assert len(server.requests) == 2


def build_plain_responder() -> Callable[[BadServer, socket.socket], Any]:
    """Return a handler that serves Zudu correctly."""
    api = Zudu(0, {"apiKey": SECRETS["ZUDU_API_KEY"], "apiSecret": SECRETS["ZUDU_API_SECRET"]})

    def respond(server: BadServer, line: socket.socket) -> None:
        head = server.last.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = [tuple(line_text.split(": ", 1)) for line_text in head[1:] if ": " in line_text]
        response = api.handle(PlainRequest.of(method, target, headers, b""))
        line.sendall(build_response(response.status, response.body()))

    return respond


def test_a_server_that_disappears_midway_keeps_completed_checks(check_bad_server: Any) -> None:
    """If the server disappears midway, the report has the completed checks and names the others."""
    respond_rightly = build_plain_responder()

    def respond(server: BadServer, line: socket.socket) -> Any:
        return respond_rightly(server, line) if len(server.requests) <= 12 else True

    result, server, report = check_bad_server(respond)
    assert result.exit_code == 2, result.output
    assert len(server.requests) == 12 + 2 * 3
    outcomes = {check["name"]: check["outcome"] for check in report["checks"]}
    assert {"passed", "error"} <= set(outcomes.values())
    assert "could not check" in result.output
    lost_checks = [check for check in report["checks"] if check["outcome"] == "error"]
    assert all("no response to GET /api/calls" in check["detail"] for check in lost_checks)
    (api,) = report["apis"]
    assert api["usage"]["requests"] == 18
    assert api["usage"]["max_requests"] == BUDGET


def test_one_lost_response_costs_one_check(check_bad_server: Any) -> None:
    """A server that once fails to respond costs one check, and the other checks still run."""
    respond_rightly = build_plain_responder()

    def respond(server: BadServer, line: socket.socket) -> Any:
        return True if len(server.requests) in {5, 6} else respond_rightly(server, line)

    result, _, report = check_bad_server(respond)
    assert result.exit_code == 2
    assert sum(check["outcome"] == "error" for check in report["checks"]) == 1


def test_a_connection_that_closed_while_idle_is_replaced(check_bad_server: Any) -> None:
    """A request on a connection that the server closed while idle is sent again on a new one."""
    respond_rightly = build_plain_responder()

    def respond_and_close(server: BadServer, line: socket.socket) -> bool:
        respond_rightly(server, line)
        return True

    result, _, _ = check_bad_server(respond_and_close)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "headers",
    [{}, {"retry_after": str(10**12)}, {"retry_after": "soon"}, {"retry_after": "-1"}],
    ids=["without Retry-After", "for ever", "no number", "negative"],
)
def test_a_throttling_server_gets_one_request_per_check(
    headers: dict[str, str], check_bad_server: Any
) -> None:
    """A server that throttles every request is sent at most one request for each check.

    An invalid Retry-After is reported as a finding.
    """
    result, server, report = check_bad_server(
        build_response(429, b'{"message": "slow down"}', **headers)
    )
    assert result.exit_code == 2
    assert "429" in result.output
    assert len(server.requests) <= len(report["checks"])
    is_odd = headers.get("retry_after") in {"soon", "-1"}
    assert list_finding_ids(report) == ({"response.header.wrong"} if is_odd else set[str]())


def test_an_exhausted_budget_ends_a_run(check_bad_server: Any) -> None:
    """The run sends no request beyond its budget, and the error names the option that raises it."""
    result, server, report = check_bad_server(build_plain_responder(), "--max-requests", "7")
    assert result.exit_code == 2
    assert len(server.requests) == 7
    output = " ".join(result.output.split())
    assert "request budget of 7 exhausted; see --max-requests" in output
    assert report["apis"][0]["usage"]["requests"] == 7
