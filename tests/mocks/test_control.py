"""The control API: faults, rows, requests and readiness below the reserved prefix."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.errors import UsageError
from driftline.mock import (
    HttpRequest,
    HttpResponse,
    LoggedRequest,
    Mock,
    Site,
    is_loopback,
    run_server,
)
from driftline.mutation.drifts import MutantDrifts
from driftline.openapi import Spec
from mocks.calling import build_credentials

CONTROL_PATH = "/_driftline"


@pytest.fixture
def log() -> list[LoggedRequest]:
    return []


@pytest.fixture
def site(roark: Spec, pets: Spec, log: list[LoggedRequest]) -> Site:
    mocks = {"roark": Mock(roark, rows=5), "pet-store": Mock(pets, rows=5)}
    return Site(mocks, drifts=MutantDrifts(), log=log.append)


def send_control(
    site: Site, method: str, path: str, body: Any = None, **headers: str
) -> HttpResponse:
    path, _, query = path.partition("?")
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )
    return site.handle(
        HttpRequest(method, CONTROL_PATH + path, query, tuple(headers.items()), content)
    )


def test_the_control_api_is_ready_and_lists_its_operations(site: Site) -> None:
    """`/ready` responds, and the index lists every method and path, each of which works."""
    assert send_control(site, "GET", "/ready").parse_json() == {
        "ready": True,
        "apis": ["roark", "pet-store"],
    }
    index = send_control(site, "GET", "/").parse_json()
    assert index["apis"] == {"roark": "/roark", "pet-store": "/pet-store"}
    assert "PUT /_driftline/faults" in index["control"]
    assert send_control(site, "GET", "").parse_json() == index
    for entry in index["control"]:
        method, path = entry.split()
        body = send_control(site, "GET", "/snapshot").body if "snapshot" in path else STATE
        response = site.handle(HttpRequest(method, path, "", (), body))
        assert response.status in {200, 204}, entry


STATE = b'{"rules": [], "speed": 1, "step": 1}'


def test_faults_are_replaced_appended_and_removed(site: Site) -> None:
    """PUT replaces the rules, POST appends, and DELETE
    removes them; the body is JSON or one rule per line.
    """
    response = send_control(site, "PUT", "/faults", {"rules": ["roark: 503 next=1"], "seed": 7})
    assert (response.status, response.parse_json()["seed"]) == (200, 7)
    send_control(site, "POST", "/faults", b"pet-store: 429\n\nlatency=1s\n")
    rules = [entry["rule"] for entry in send_control(site, "GET", "/faults").parse_json()["rules"]]
    assert rules == ["roark: 503 next=1", "pet-store: 429", "latency=1.0s"]
    assert site.handle(HttpRequest("GET", "/roark/v1/call")).status == 503
    assert send_control(site, "GET", "/faults").parse_json()["rules"][0]["left"] == 0
    assert send_control(site, "DELETE", "/faults").status == 204
    assert list(site.faults) == []


WRONG_REQUESTS: list[tuple[str, Any, int, str]] = [
    ("PUT /faults", {"rules": ["roark: 429", "nope"]}, 400, "unknown word 'nope'"),
    ("PUT /faults", {"rules": "429"}, 400, "expected a list of rules"),
    ("PUT /faults", {"rules": [429]}, 400, "expected a list of rules"),
    ("PUT /faults", ["429"], 400, "expected a list of rules"),
    ("PUT /faults", {"rules": [], "seed": True}, 400, "expected a whole number"),
    ("PUT /faults", b"{", 400, "not JSON"),
    ("PUT /faults", b"\xff", 400, "not JSON"),
    ("POST /faults", {"rules": [], "seed": 1}, 400, "Set it with PUT"),
    ("POST /reset?api=shop", None, 400, "unknown API 'shop'"),
    ("GET /drifts?api=shop", None, 400, "unknown API 'shop'"),
    ("GET /requests?limit=x", None, 400, "limit=x: expected a whole number"),
    ("GET /rows?listing=pets.list", None, 400, "requires api="),
    ("GET /rows?api=pet-store&listing=dogs.list", None, 400, "Use one of: pets.list"),
    (
        "GET /rows?api=pet-store&listing=pets.list&offset=-1",
        None,
        400,
        "offset=-1: expected a whole number",
    ),
    ("PUT /snapshot", b"NaN", 400, "not JSON"),
    ("PUT /snapshot", [], 400, "expected an object"),
    ("PUT /snapshot", {}, 400, "contains no snapshot"),
    ("PUT /snapshot", {"shop": {}}, 400, "unknown API 'shop'"),
    ("PUT /snapshot", {"pet-store": {"version": 2}}, 400, "not a snapshot of a mock"),
    ("PUT /clock", {"speed": -1}, 400, "expected a number from 0 to 10000"),
    ("PUT /clock", {"speed": True}, 400, "invalid speed: expected a number"),
    ("POST /clock", {"step": 1e300}, 400, "invalid step: expected a number"),
    ("GET /clock?api=shop", None, 400, "unknown API 'shop'"),
    ("GET /nowhere", None, 404, "/_driftline/faults"),
    ("PATCH /faults", None, 405, "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
]


@pytest.mark.parametrize(("request_line", "body", "status", "expected_detail"), WRONG_REQUESTS)
def test_an_invalid_control_request_is_a_problem_response(
    site: Site, request_line: str, body: Any, status: int, expected_detail: str
) -> None:
    """An invalid control request gets a problem response as in RFC 9457 and changes nothing."""
    response = send_control(site, *request_line.split(), body)
    assert response.status == status
    assert expected_detail in response.parse_json()["detail"]
    assert response.get_header("Content-Type") == "application/problem+json"
    assert list(site.faults) == []


def test_a_request_from_another_site_is_rejected(site: Site) -> None:
    """A request whose `Origin` is another site is rejected with 403."""
    for origin, status in {"http://evil.example": 403, "http://mock": 204, "http://[": 403}.items():
        response = send_control(site, "POST", "/reset", Origin=origin, Host="mock")
        assert response.status == status


def test_reset_restores_rows_and_rule_counts(site: Site) -> None:
    """`/reset` restores the rows of one API or of all, and restarts the counts of the rules."""
    mock = Mock(site.control.mocks["pet-store"].spec)  # type: ignore[union-attr]
    headers, query = build_credentials(mock)
    site.faults.set("roark: 503 next=1")
    site.handle(HttpRequest("GET", "/roark/v1/call"))

    def list_pets() -> list[Any]:
        rows: list[Any] = site["pet-store"](
            HttpRequest("GET", "/pets", query, headers)
        ).parse_json()
        return rows

    before = list_pets()
    headers = (*headers, ("Content-Type", "application/json"))
    pet = b'{"name": "Rex", "kind": "dog", "owner": null}'
    assert site["pet-store"](HttpRequest("POST", "/pets", query, headers, pet)).status == 201
    assert list_pets() != before
    send_control(site, "POST", "/reset?api=roark")
    assert list_pets() != before
    send_control(site, "POST", "/reset")
    assert list_pets() == before
    assert site.faults.to_dict()["rules"][0]["left"] == 1


def test_loading_a_snapshot_restores_its_rows(site: Site) -> None:
    """Loading a snapshot restores its rows and removes those created since."""
    snapshot = send_control(site, "GET", "/snapshot?api=pet-store").parse_json()
    assert list(snapshot) == ["pet-store"]
    mock = site.control.mocks["pet-store"]
    assert mock is not None
    headers, query = build_credentials(mock)
    headers = (*headers, ("Content-Type", "application/json"))
    pet = b'{"name": "Rex", "kind": "dog", "owner": null}'
    assert site["pet-store"](HttpRequest("POST", "/pets", query, headers, pet)).status == 201
    listing = "/rows?api=pet-store&listing=pets.list&limit=2"
    page = send_control(site, "GET", listing).parse_json()
    assert (page["total"], page["offset"], len(page["rows"])) == (6, 0, 2)
    assert page["rows"][0]["name"] == "Rex"
    assert (
        send_control(site, "GET", f"{listing}&offset=1").parse_json()["rows"][0] == page["rows"][1]
    )
    assert send_control(site, "PUT", "/snapshot", snapshot).status == 204
    assert send_control(site, "GET", "/snapshot?api=pet-store").parse_json() == snapshot
    assert (
        send_control(site, "GET", "/rows").parse_json()["listings"]["pet-store"]["pets.list"] == 5
    )


def test_an_invalid_snapshot_changes_nothing(site: Site) -> None:
    """An invalid snapshot names the violating row, and changes no API."""
    before = send_control(site, "GET", "/snapshot").parse_json()
    snapshot = send_control(site, "GET", "/snapshot").parse_json()
    del snapshot["roark"]["listings"]["call.list"][1:]
    snapshot["pet-store"]["listings"]["pets.list"][3]["data"]["name"] = 7
    response = send_control(site, "PUT", "/snapshot", snapshot)
    assert response.status == 400
    assert "row 3 of pets.list violates the spec: /name" in response.parse_json()["detail"]
    assert send_control(site, "GET", "/snapshot").parse_json() == before


def test_the_clock_is_stopped_stepped_and_sped_up(site: Site) -> None:
    """The clock of one API or of all can be stepped, run and stopped."""
    assert send_control(site, "GET", "/clock").parse_json()["clock"]["roark"]["speed"] == 0
    before = send_control(site, "GET", "/clock?api=roark").parse_json()["clock"]["roark"]["now"]
    assert before == "2026-08-20T11:33:20.000Z"
    send_control(site, "POST", "/clock?api=roark", {"step": 90.5})
    times = send_control(site, "GET", "/clock").parse_json()["clock"]
    assert (times["roark"]["now"], times["pet-store"]["now"]) == (
        "2026-08-20T11:34:50.500Z",
        before,
    )
    run = send_control(site, "PUT", "/clock", {"speed": 10}).parse_json()["clock"]
    assert [api["speed"] for api in run.values()] == [10, 10]
    assert (
        send_control(site, "PUT", "/clock", {"speed": 0}).parse_json()["clock"]["roark"]["speed"]
        == 0
    )


def test_drifts_are_listed(site: Site) -> None:
    """`/drifts` lists the drift IDs that a fault rule accepts."""
    drifts = send_control(site, "GET", "/drifts?api=roark").parse_json()["drifts"]
    assert "roark/call.list/response.status/other" in drifts["roark"]
    assert list(drifts) == ["roark"]


def test_requests_are_kept_and_logged_without_secrets(site: Site, log: list[LoggedRequest]) -> None:
    """Requests are logged, latest first, with their responses; credentials are redacted."""
    secret = "s3cr3t-of-mine"
    headers = (("Authorization", f"Bearer {secret}"), ("Cookie", secret), ("X-Own", "shown"))
    site.faults.set("roark: latency=1s next=1")
    site["roark"](HttpRequest("GET", "/v1/call", "limit=1", headers))
    query = f"x=1&key={secret}&api%5FTOKEN={secret}"
    site["pet-store"](HttpRequest("POST", "/pets", query, (("X-Api-Key", secret),), b"\xff{"))
    entries = send_control(site, "GET", "/requests").parse_json()["requests"]
    assert [(entry["number"], entry["api"]) for entry in entries] == [
        (2, "pet-store"),
        (1, "roark"),
    ]
    first = entries[1]
    assert (first["operation"], first["status"], first["query"]) == ("call.list", 401, "limit=1")
    assert first["faults"] == ["roark: latency=1.0s next=1"]
    assert first["delay_ms"] == 1000
    assert ["X-Own", "shown"] in first["request"]["headers"]
    assert "message" in first["response"]["body"]
    lines = [request.build_log_line() for request in log]
    assert [line["path"] for line in lines] == ["/v1/call", "/pets"]
    assert secret not in json.dumps([entries, lines])
    assert entries[0]["query"] == "x=1&key=***&api%5FTOKEN=***"
    assert len(send_control(site, "GET", "/requests?limit=1").parse_json()["requests"]) == 1
    assert send_control(site, "DELETE", "/requests").status == 204
    assert send_control(site, "GET", "/requests").parse_json() == {"requests": []}


def test_the_log_has_the_full_reason_of_a_rejection(site: Site, log: list[LoggedRequest]) -> None:
    """The log has the full reason of a rejection, even
    if the response omits it, with secrets redacted.
    """
    mock = site.control.mocks["roark"]
    assert mock is not None
    headers, query = build_credentials(mock)
    site["roark"](HttpRequest("GET", "/v1/call", f"{query}&limit=1000&sortBy=mood", headers))
    site["roark"](HttpRequest("GET", "/v1/call", query, headers))
    site["roark"](HttpRequest("HEAD", "/v1/nowhere", "", headers))
    wrong_reason, right_reason, nowhere = (request.build_log_line()["why"] for request in log)
    assert "'limit'" in wrong_reason
    assert "'sortBy'" in wrong_reason
    assert right_reason == ""
    assert nowhere == "no operation has this path"
    entries = send_control(site, "GET", "/requests").parse_json()["requests"]
    assert [entry["why"] for entry in entries] == [nowhere, right_reason, wrong_reason]
    request = HttpRequest("GET", "/", "token=s3cr3t&x=1")
    response = HttpResponse(400, reason="query parameter 'token': \"s3cr3t\" is too short")
    logged_request = LoggedRequest(1, "", "", "", request, response, 0, 0.0)
    assert logged_request.build_log_line()["why"] == "query parameter 'token': \"***\" is too short"


def test_the_log_keeps_200_requests_with_truncated_bodies(
    site: Site, log: list[LoggedRequest]
) -> None:
    """The log keeps the last 200 requests with truncated bodies and their full length."""
    headers = (("Authorization", "Bearer mock-roark-bearer-token"), ("Accept-Encoding", "gzip"))
    for _ in range(250):
        site["roark"](HttpRequest("POST", "/v1/call", "", headers, bytes(100_000)))
    site["roark"](HttpRequest("GET", "/v1/call", "", headers))
    requests = site.recent.list()
    assert len(requests) == 200
    assert len(requests[1].request.body) < 20_000
    assert requests[0].response.body.startswith(b"{")
    assert requests[0].response.get_header("Content-Length") == str(
        log[-1].build_log_line()["bytes"]
    )


def test_the_control_prefix_is_not_an_api_name(roark: Spec) -> None:
    """`_driftline` is not a valid API name."""
    with pytest.raises(UsageError, match="invalid API name _driftline"):
        Site({"_driftline": Mock(roark, rows=1)})


PATHS = [
    "/",
    "/clock",
    "/drifts",
    "/ready",
    "/requests",
    "/reset",
    "/rows",
    "/snapshot",
    "/faults",
]


@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "X"]),
    path=st.sampled_from(PATHS) | st.text(),
    query=st.text(),
    body=st.binary() | st.text().map(str.encode),
)
@settings(max_examples=count_examples(150), deadline=None)
def test_any_control_request_gets_a_response_below_500(
    method: str, path: str, query: str, body: bytes
) -> None:
    """Any request below the control prefix gets a response below 500 and raises no exception."""
    from mocks.conftest import SPECS

    site = SITES.setdefault("site", Site({"pet-store": Mock(SPECS["pet-store"], rows=2)}))
    response = site.handle(HttpRequest(method, CONTROL_PATH + path, query, (), body))
    assert 200 <= response.status < 500


SITES: dict[str, Site] = {}


def test_the_control_api_works_over_the_network(site: Site) -> None:
    """The control API works over the network with any HTTP client."""
    with run_server(site) as url:
        assert httpx.get(f"{url}/_driftline/ready").json()["ready"] is True
        head = httpx.head(f"{url}/_driftline/ready")
        assert (head.status_code, head.content) == (200, b"")
        httpx.put(f"{url}/_driftline/faults", content="roark/call.list: 429 retry-after=2")
        assert httpx.get(f"{url}/roark/v1/call").headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("url", "is_own"),
    [
        ("http://127.0.0.1:80", True),
        ("http://[::1]:80", True),
        ("http://localhost:80", True),
        ("http://0.0.0.0:80", False),
        ("http://[::]:80", False),
        ("http://mock.example:80", False),
    ],
)
def test_only_a_loopback_address_counts_as_local(url: str, is_own: bool) -> None:
    """Only a loopback address counts as local."""
    assert is_loopback(url) is is_own
