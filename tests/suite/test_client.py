"""The suite finds a client that misreads responses; `test_run` covers the correct one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attrs
import httpx
import pytest

from driftline.mock import HttpRequest, HttpResponse
from driftline.suite.examinations import client
from driftline.suite.http.session import Session
from driftline.suite.probe import examine

PATH = "/paths/~1v1~1call/get/responses/200/content/application~1json"


def build_package(read_body: Callable[[Any, Callable[[object], None]], Any]) -> Any:
    """Return a stand-in for a generated client that returns `read_body` of each response body."""

    class Client:
        def __init__(self, *, transport: httpx.MockTransport, on_drift: Any, **_: Any) -> None:
            self.handle, self.on_drift = transport.handler, on_drift

        def request(self, _: str, **__: Any) -> Any:
            response: Any = self.handle(httpx.Request("GET", "http://roark.mock/v1/call"))
            is_json = "json" in response.headers["content-type"]
            return read_body(response.json() if is_json else response.text, self.on_drift)

        def close(self) -> None:
            """Do nothing, since nothing is open."""

    class AsyncClient(Client):
        async def request(self, _: str, **__: Any) -> Any:
            return super().request(_)

        async def aclose(self) -> None:
            """Do nothing, since nothing is open."""

    return SimpleNamespace(Roark=Client, AsyncRoark=AsyncClient)


def forget(body: Any, _: Any) -> Any:
    body["pagination"].pop("nextCursor", None)
    return body


def reject_body(body: Any, _: Any) -> Any:
    return [{"INBOUND": 1}[call["callDirection"]] for call in body["data"]]


def report_drift(body: Any, on_drift: Callable[[object], None]) -> Any:
    on_drift("what is this?")
    return body


CASES = {
    "a field is lost": (forget, "client.changed", f"{PATH}/schema"),
    "a value is rejected": (reject_body, "client.rejected", PATH),
    "drift is reported": (report_drift, "client.drift", f"{PATH}/schema"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_client_that_misreads_a_response_is_found(
    case: tuple[Any, str, str],
    open_session: Callable[..., Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both clients are tested, and the finding names the response that they misread."""
    read_body, kind, pointer = case
    monkeypatch.setattr(client, "import_client", lambda _: build_package(read_body))
    session = open_session()
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    check = examine(session, operation, "client", client.check_client_against_schema)
    assert (kind, pointer) in {(f.id, f.location.pointer) for f in check.findings}, check


def test_a_correct_client_has_no_finding(
    open_session: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that returns every body unchanged has no finding."""
    monkeypatch.setattr(client, "import_client", lambda _: build_package(keep))
    session = open_session()
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    assert (
        examine(session, operation, "client", client.check_client_against_schema).outcome
        == "passed"
    )


def keep(body: Any, _: Any) -> Any:
    return body


@pytest.mark.parametrize("read_body", [reject_body, keep])
def test_another_media_type_is_not_a_fault_of_the_client(
    read_body: Callable[..., Any],
    open_session: Callable[..., Session],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If CSV replaces JSON, the finding is about the server, even if the client rejects it."""

    def serve_csv(handle: Callable[[HttpRequest], HttpResponse]) -> Any:
        del handle
        return lambda _: HttpResponse(200, (("Content-Type", "text/csv"),), b"a,b\r\n")

    monkeypatch.setattr(client, "import_client", lambda _: build_package(read_body))
    session = open_session(serve_csv)
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    check = examine(session, operation, "client", client.check_client_against_server)
    assert [finding.id for finding in check.findings] == ["response.content-type.undocumented"], (
        check
    )


def test_a_missing_client_is_an_error_with_a_hint(
    open_session: Callable[..., Session], tmp_path: Path
) -> None:
    """An API without a generated client is an error with a hint, not a pass."""
    session = open_session()
    spec_without_client = attrs.evolve(session.spec, path=tmp_path / "specs" / "roark.yaml")
    session = Session(attrs.evolve(session.target, spec=spec_without_client))
    operation = session.spec.find_operation("call.list")
    assert operation is not None
    check = examine(session, operation, "client", client.check_client_against_schema)
    assert check.outcome == "error"
    assert "driftline generate roark" in check.detail
