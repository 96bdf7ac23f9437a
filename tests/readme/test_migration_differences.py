"""The differences between vendor packages and generated clients in docs/migration.md are true."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import requires
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import revox
import revox_client
import roark_analytics
import roark_client

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text()
THEIRS: Mapping[str, ModuleType] = {"roark": roark_analytics, "revox": revox}
OURS: Mapping[str, ModuleType] = {"roark": roark_client, "revox": revox_client}
RUNTIME = "driftline.runtime.errors"
KEYS = {"roark": "bearer_token", "revox": "api_key"}
CALL: Mapping[str, Any] = {
    "recording_url": "https://example.com/a.wav",
    "interface_type": "PHONE",
    "call_direction": "INBOUND",
}


def read_table(heading: str, index: int = 0) -> list[list[str]]:
    """Return the rows of a table below a heading, without backticks."""
    part = PAGE[PAGE.index(f"## {heading}\n") :]
    table = re.findall(r"(?:^\|.*\n)+", part, re.MULTILINE)[index]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return [[cell.replace("`", "") for cell in row] for row in rows]


ERRORS = read_table("Errors")
TRANSPORT_ERRORS: Mapping[str, type[httpx.TransportError]] = {
    "no response": httpx.ConnectError,
    "no response in time": httpx.ReadTimeout,
}


@pytest.mark.parametrize(("theirs", "ours"), [row[1:] for row in ERRORS], ids=lambda name: name)
def test_the_listed_error_classes_exist(theirs: str, ours: str) -> None:
    """Each error class in the table exists in both vendor packages and both clients."""
    for name, package in THEIRS.items():
        assert issubclass(getattr(package, theirs), package.APIError)
        errors = OURS[name].errors
        assert issubclass(getattr(errors, ours), errors.ApiError)


@pytest.mark.parametrize(("failure", "theirs", "ours"), ERRORS[2:], ids=lambda cell: cell)
def test_a_failed_post_raises_the_listed_error_classes(
    failure: str, theirs: str, ours: str
) -> None:
    """A POST with the failure of a row raises exactly the two classes of the row."""

    def respond(request: httpx.Request) -> httpx.Response:
        if failure in TRANSPORT_ERRORS:
            raise TRANSPORT_ERRORS[failure]("…", request=request)
        return httpx.Response(int(failure[:3]), json={"message": "…"})

    assert list_raised(respond, retries=0) == (theirs, ours)


Responder = Callable[[httpx.Request], httpx.Response]


def list_raised(respond: Responder, **options: Any) -> tuple[str, str]:
    """Return the error classes that both Roark packages raise for a call with this response.

    For the generated client it is the class of the runtime, not the subclass of the package.
    """
    transport = httpx.MockTransport(respond)
    http = roark_analytics.DefaultHttpxClient(transport=transport)
    with roark_analytics.Roark(bearer_token="key", http_client=http, max_retries=0) as theirs:
        try:
            page: Any = theirs.call.create(started_at="2026-01-02T03:04:05Z", **CALL)
            first = type(page).__name__
        except Exception as error:
            first = type(error).__name__
    with (
        roark_client.Roark(bearer_token="key", transport=transport, **options) as ours,
        pytest.raises(roark_client.errors.ApiError) as caught,
    ):
        ours.call.create(started_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), **CALL)
    classes = [base for base in type(caught.value).__mro__ if base.__module__ == RUNTIME]
    return first, classes[0].__name__


def test_a_body_that_is_not_json_raises_decoding_error() -> None:
    """The vendor's package raises `JSONDecodeError` or
    returns text; the client raises `DecodingError`.
    """
    headers = {"content-type": "application/json"}
    assert list_raised(lambda _: httpx.Response(200, content=b"{", headers=headers)) == (
        "JSONDecodeError",
        "DecodingError",
    )
    assert list_raised(lambda _: httpx.Response(200, html="<p>Hello")) == ("str", "DecodingError")


def test_redirects() -> None:
    """The vendor's package follows a redirect, and the client raises `RedirectError`."""

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/there":
            return httpx.Response(404)
        return httpx.Response(307, headers={"Location": "/there"})

    assert list_raised(respond) == ("NotFoundError", "RedirectError")


@pytest.mark.parametrize("vendor", OURS)
def test_no_credential(vendor: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a credential the vendor's package fails on construction, and the client on a call."""
    monkeypatch.delenv("ROARK_API_BEARER_TOKEN", raising=False)
    monkeypatch.delenv("REVOX_API_KEY", raising=False)
    name, package = vendor.capitalize(), OURS[vendor]
    with pytest.raises(getattr(THEIRS[vendor], f"{name}Error")):
        getattr(THEIRS[vendor], name)()
    with getattr(package, name)() as ours, pytest.raises(package.errors.ConfigurationError):
        ours.call.list(**({"page": 1, "page_size": 1} if vendor == "revox" else {}))


def test_only_the_vendors_package_resends_a_post() -> None:
    """After a 503 the vendor's package resends a POST
    without an idempotency key, and the client raises.
    """
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(503, headers={"Retry-After": "3600"})

    http = roark_analytics.DefaultHttpxClient(transport=httpx.MockTransport(respond))
    with (
        roark_analytics.Roark(bearer_token="key", http_client=http, max_retries=1) as theirs,
        pytest.raises(roark_analytics.InternalServerError) as caught,
    ):
        theirs.call.create(started_at="2026-01-02T03:04:05Z", **CALL)
    assert caught.value.request.headers["Authorization"] == "Bearer key"
    assert len(requests) == 2
    assert not any("idempotency" in name for request in requests for name in request.headers)
    requests.clear()
    list_raised(respond)
    assert [request.headers["User-Agent"].partition("/")[0] for request in requests][1:] == [
        "driftline"
    ]


@pytest.mark.parametrize(("name", "count"), [("roark-analytics", 6), ("revox", 6)])
def test_the_numbers_of_dependencies_are_those_of_the_page(name: str, count: int) -> None:
    """The vendor's packages have six dependencies and driftline four."""
    theirs, ours = (
        [requirement for requirement in requires(package) or () if "extra" not in requirement]
        for package in (name, "driftline")
    )
    assert len(theirs) == count
    assert len(ours) == 4
