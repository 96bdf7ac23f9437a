"""A session rejects, counts and limits requests, and never shows a credential."""

from __future__ import annotations

import shlex
import socket
import subprocess
import threading
from collections.abc import Callable

import pytest

from driftline.checks import outgoing
from driftline.errors import TargetError, UsageError
from driftline.mock import HttpResponse, Mock, run_server
from driftline.openapi import Operation, Spec
from driftline.suite.examinations.listings import pages as listing
from driftline.suite.http.sender import MAX_BODY
from driftline.suite.http.session import BudgetExhausted, NotAllowed, Session
from driftline.suite.http.target import Target
from driftline.suite.probe import examine

TOKEN = "live token/with+signs"
ENVIRON = {"ROARK_API_BEARER_TOKEN": TOKEN}


def get_operation(spec: Spec, name: str = "call.list") -> Operation:
    found_operation = spec.find_operation(name)
    assert found_operation is not None
    return found_operation


@pytest.fixture
def refusing() -> str:
    """Return a URL at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_a_live_server_gets_no_writes(roark: Spec, refusing: str) -> None:
    """A write that was not allowed is rejected before anything is sent."""
    with Session(Target.connect(roark, refusing, environ=ENVIRON)) as session:
        with pytest.raises(NotAllowed, match=r"--allow-writes call\.create"):
            session.send(get_operation(roark, "call.create"), body={})
        assert session.sent_count == 0


def test_an_allowed_write_is_sent(roark: Spec) -> None:
    """`--allow-writes` allows only the named operation."""
    mock = Mock(roark)
    environ = {"ROARK_API_BEARER_TOKEN": mock.credentials["bearerToken"]}
    create, analyse = (
        get_operation(roark, "call.create"),
        get_operation(roark, "callAnalysis.create"),
    )
    assert create.body is not None
    assert create.body.json is not None
    with run_server({"roark": mock.handle}) as url:
        target = Target.connect(
            roark, f"{url}/roark", allow_writes=frozenset({create.id}), environ=environ
        )
        with Session(target) as session:
            body = create.body.json.examples["document"]
            assert session.send(create, body=body).ok
            with pytest.raises(NotAllowed):
                session.send(analyse, body=body)


def test_an_unreachable_server_is_a_target_error(roark: Spec, refusing: str) -> None:
    """An unreachable server is a TargetError that names the server but not the token."""
    with (
        Session(Target.connect(roark, refusing, environ=ENVIRON)) as session,
        pytest.raises(TargetError) as caught,
    ):
        session.send(get_operation(roark))
    assert refusing in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_closed_connection_is_a_target_error(roark: Spec) -> None:
    """A connection closed during a response is a TargetError that names the request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            for _ in range(2):  # a read whose connection broke is sent once more
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

        thread = threading.Thread(target=hang_up)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            Session(Target.connect(roark, url, environ=ENVIRON)) as session,
            pytest.raises(TargetError, match="no response to GET /v1/call"),
        ):
            session.send(get_operation(roark))
        thread.join()


def test_an_endless_response_is_a_target_error(open_session: Callable[..., Session]) -> None:
    """A response larger than the limit is a TargetError."""
    huge = HttpResponse(200, (("Content-Type", "application/json"),), b" " * (MAX_BODY + 1))
    session = open_session(lambda _: lambda request: huge)
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    with pytest.raises(TargetError, match="larger than 5,000,000 bytes"):
        session.send(operation)


def test_an_exhausted_budget_is_an_error_of_the_check(roark: Spec) -> None:
    """An exhausted request budget makes the check an error that names `--max-requests`."""
    mock = Mock(roark)
    environ = {"ROARK_API_BEARER_TOKEN": mock.credentials["bearerToken"]}
    with run_server({"roark": mock.handle}) as url:
        target = Target.connect(roark, f"{url}/roark", environ=environ)
        with Session(target, max_requests=3, rate=1000) as session:
            check = examine(session, get_operation(roark), "pages", listing.check_pages)
            assert (check.outcome, check.requests) == ("error", 3)
            assert "--max-requests" in check.detail
            with pytest.raises(BudgetExhausted):
                session.send(get_operation(roark))


def test_a_missing_variable_is_named(roark: Spec) -> None:
    """A missing environment variable is a UsageError that names it."""
    with pytest.raises(UsageError, match="ROARK_API_BEARER_TOKEN"):
        Target.connect(roark, "https://example.com", environ={})


@pytest.mark.parametrize("url", ["example.com", "ftp://x", "http://", "https://me:pw@host"])
def test_an_invalid_url_is_rejected(roark: Spec, url: str) -> None:
    """A URL that is not http(s), or has a password, is a UsageError that does not show the
    password.
    """
    with pytest.raises(UsageError) as caught:
        Target.connect(roark, url, environ=ENVIRON)
    assert ":pw" not in str(caught.value)


def test_curl_has_the_request_and_a_variable_for_the_token(
    roark: Spec, open_session: Callable[..., Session]
) -> None:
    """The curl command sends the same request with the token from the environment variable."""
    session = open_session()
    token = session.target.credentials["bearerToken"]
    session.send(get_operation(roark), {"searchText": "it's $HOME & `more`"})
    assert session.last is not None
    command = session.format_curl(session.last)
    assert token not in command
    script = command.replace("curl", "printf '%s\\n'", 1)
    environ = {"ROARK_API_BEARER_TOKEN": TOKEN, "PATH": "/usr/bin:/bin", "HOME": "/nowhere"}
    curl_arguments = subprocess.run(
        ["/bin/sh", "-c", script], env=environ, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    request = session.last.request
    assert curl_arguments[0] == session.target.base_url + request.target
    assert f"Authorization: Bearer {TOKEN}" in curl_arguments
    assert len(shlex.split(command)) == 2 + 2 * len(request.headers)


@pytest.mark.parametrize("name", ["revox", "zudu"])
def test_arguments_are_encoded_by_style(specs: dict[str, Spec], name: str) -> None:
    """A list without `explode` is joined by commas, and its strings are percent-encoded."""
    spec = specs[name]
    operation = get_operation(spec)
    arguments = {"page": 1, "page_size": 5, "statuses": ["a b", "c"]} if name == "revox" else {}
    request = outgoing.build_outgoing(spec, operation, arguments)
    expected = "page=1&page_size=5&statuses=a%20b,c" if name == "revox" else ""
    assert request.query == expected


def test_a_connection_that_was_closed_meanwhile_is_opened_again(roark: Spec) -> None:
    """Also for a write: the server closed it before it read the request."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
    counts: list[int] = []

    def serve(listener: socket.socket) -> None:
        for _ in range(2):
            with listener.accept()[0] as connection:
                counts.append(len(connection.recv(65_536)))
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        names = frozenset({"call.create"})
        target = Target.connect(roark, url, environ=ENVIRON, allow_writes=names)
        with Session(target, rate=1_000) as session:
            create = get_operation(roark, "call.create")
            statuses = [session.send(create, body={}).status for _ in range(2)]
        thread.join()
    assert (statuses, len(counts)) == ([200, 200], 2)
