"""The console's server side: its files, its event stream, and the data it serves about the APIs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from importlib.metadata import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

import driftline.mock.admin.console
from driftline.mock import HttpRequest, HttpResponse, LoggedRequest, Mock, Site, run_server
from driftline.mock.admin.console import pages
from driftline.mock.admin.request_log import RequestLog
from driftline.openapi import Spec

STATIC = Path(driftline.mock.admin.console.__file__).parent / "static"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
CONSOLE_PATH = "/_driftline/console"


@pytest.fixture
def site(roark: Spec, pets: Spec) -> Site:
    return Site({"roark": Mock(roark, rows=3), "pet-store": Mock(pets, rows=3)})


def get(site: Site, path: str, method: str = "GET", **headers: str) -> HttpResponse:
    path, _, query = path.partition("?")
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return site.handle(HttpRequest(method, path, query, pairs))


def test_only_a_browser_gets_the_page(site: Site) -> None:
    """Only a browser's GET of `/` gets the console page;
    other clients and paths get their usual response.
    """
    assert get(site, "/", Accept=BROWSER).get_header("Content-Type") == "text/html; charset=utf-8"
    for accept in ("*/*", "application/json", "application/json, text/html;q=0.9", "", "text/"):
        assert get(site, "/", Accept=accept).status == 404
    assert get(site, "/", "POST", Accept=BROWSER).status == 404
    assert get(site, "/pet-store", Accept=BROWSER).status == 404
    assert b"driftline mock" not in get(site, "/pet-store/", Accept=BROWSER).body


def test_console_files_have_a_content_security_policy(site: Site) -> None:
    """Console files have a strict content security policy, and no other path serves a file."""
    names = [f for f in STATIC.iterdir() if f.is_file()]
    assert {"index.html", "main.js", "console.css", "docs.html"} <= {file.name for file in names}
    for file in names:
        response = get(site, f"{CONSOLE_PATH}/{file.name}")
        policy = response.get_header("Content-Security-Policy") or ""
        assert response.status == 200
        assert response.body == file.read_bytes()
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert ("require-trusted-types-for" in policy) == (not file.name.startswith("docs."))
    for path in ("/", "/nothing.js", "/../pages.py", "/swagger-ui", "/swagger-ui/LICENSE", ""):
        assert get(site, CONSOLE_PATH + path).status == 404
    assert get(site, f"{CONSOLE_PATH}/main.js", "POST").status == 405


@given(accept=st.text(), encoding=st.text(), tag=st.text())
@settings(max_examples=count_examples(60), deadline=None)
def test_any_header_gets_a_response(accept: str, encoding: str, tag: str) -> None:
    """Any `Accept`, `Accept-Encoding` or `If-None-Match` header gets a response."""
    site = Site({})
    headers = {"Accept": accept, "Accept_Encoding": encoding, "If_None_Match": tag}
    for path in ("/", f"{CONSOLE_PATH}/main.js"):
        assert get(site, path, **headers).status in {200, 304, 404}


def test_console_files_are_compressed_and_cached_by_etag(site: Site) -> None:
    """A console file is compressed with gzip if accepted, and a matching ETag gets a 304."""
    plain_response = get(site, f"{CONSOLE_PATH}/main.js")
    packed_response = get(site, f"{CONSOLE_PATH}/main.js", Accept_Encoding="gzip, br")
    assert gzip.decompress(packed_response.body) == plain_response.body
    second_response = get(
        site, f"{CONSOLE_PATH}/main.js", If_None_Match=str(plain_response.get_header("ETag"))
    )
    assert (second_response.status, second_response.body) == (304, b"")


def test_swagger_ui_is_served_from_its_package(site: Site) -> None:
    """The Swagger UI files are those of the installed package `flask-swagger-ui`."""
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        (file,) = [path for path in files("flask-swagger-ui") or () if path.match(f"dist/{name}")]
        assert get(site, f"{CONSOLE_PATH}/swagger-ui/{name}").body == file.read_binary()


def test_the_console_works_without_swagger_ui(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Swagger UI is not installed, its files return 404 and the console pages still work."""
    monkeypatch.setattr(pages, "find_spec", lambda _: None)
    pages._list_files.cache_clear()
    try:
        assert get(site, f"{CONSOLE_PATH}/swagger-ui/swagger-ui.css").status == 404
        assert get(site, f"{CONSOLE_PATH}/docs.html").status == 200
    finally:
        pages._list_files.cache_clear()


def test_the_served_spec_differs_only_in_its_servers(site: Site, roark: Spec) -> None:
    """The served spec differs from the file only in
    `servers`; the API list has credentials and operations.
    """
    spec_document = get(site, "/_driftline/spec/roark").parse_json()
    assert [server["url"] for server in spec_document["servers"]] == ["/roark"]
    assert {**spec_document, "servers": 0} == {
        **json.loads(json.dumps(roark.document)),
        "servers": 0,
    }
    apis = {api["name"]: api for api in get(site, "/_driftline/apis").parse_json()["apis"]}
    (credential,) = apis["roark"]["credentials"]
    assert credential["value"] == "mock-roark-bearer-token"
    listing = next(
        operation for operation in apis["roark"]["operations"] if operation["id"] == "call.list"
    )
    assert (listing["method"], listing["path"], listing["tag"]) == ("GET", "/v1/call", "call")


def parse_events(stream_bytes: bytes) -> Iterator[tuple[str, Any]]:
    for block in stream_bytes.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        if "event" in fields:
            yield fields["event"], json.loads(fields["data"])


def list_request_numbers(stream_bytes: bytes) -> list[int]:
    reports = [data for name, data in parse_events(stream_bytes) if name == "requests"]
    return [request["number"] for data in reports for request in data["requests"]]


def test_the_event_stream_sends_each_change_once(site: Site) -> None:
    """The event stream starts with the current state and then sends each change once."""
    get(site, "/roark/v1/call")
    listen = get(site, "/_driftline/events").live
    assert listen is not None
    first = listen()
    assert [name for name, _ in parse_events(first)] == ["hello", "faults", "requests"]
    assert list_request_numbers(first) == [1]
    assert listen() == b""
    site.faults.set("roark: 503")
    get(site, "/roark/v1/call")
    second = listen()
    assert [name for name, _ in parse_events(second)] == ["faults", "requests"]
    assert list_request_numbers(second) == [2]
    site.recent.clear()
    assert [name for name, _ in parse_events(listen())] == ["cleared"]
    assert get(site, "/_driftline/events", "HEAD").live is None


def test_a_flood_of_requests_is_counted_and_not_sent(site: Site) -> None:
    """Of many requests at once, the stream sends the latest fifty and the number it skipped."""
    listen = get(site, "/_driftline/events").live
    assert listen is not None
    listen()
    for _ in range(120):
        get(site, "/roark/v1/call")
    stream_bytes = listen()
    assert list_request_numbers(stream_bytes) == list(range(120, 70, -1))
    assert [data["skipped"] for name, data in parse_events(stream_bytes) if name == "requests"] == [
        70
    ]


def build_logged_request(number: int, run: str = "") -> LoggedRequest:
    headers = (("X-Driftline-Run", run),) if run else ()
    request = HttpRequest("GET", "/", "", headers)
    return LoggedRequest(number, "", "", "", request, HttpResponse(200), 0, 0.0)


def list_numbers(recent: RequestLog) -> Sequence[int]:
    return [logged_request.number for logged_request in recent.list()]


def test_a_test_run_does_not_evict_other_requests() -> None:
    """The requests of a test run are kept separately and do not evict those of other clients."""
    recent = RequestLog(max_entries=3)
    recent.keep(build_logged_request(recent.take_number()))
    for _ in range(9):
        recent.keep(build_logged_request(recent.take_number(), "nightly"))
    recent.keep(build_logged_request(recent.take_number()))
    assert list_numbers(recent) == [11, 10, 9, 8, 1]
    assert [logged_request.build_summary()["run"] for logged_request in recent.list()][::2] == [
        None,
        "nightly",
        None,
    ]
    logged_request = recent.find(9)
    assert logged_request is not None
    assert logged_request.number == 9
    assert recent.find(2) is None
    recent.clear()
    assert list_numbers(recent) == []


def test_an_open_event_stream_does_not_prevent_stopping(site: Site) -> None:
    """An open event stream does not prevent the server from stopping, and ends with it."""
    with httpx.Client() as client:
        with run_server(site) as url:
            events_url = f"{url}/_driftline/events"
            with client.stream("GET", events_url) as response:
                assert response.headers["Content-Type"] == "text/event-stream"
                assert next(response.iter_lines()) == "retry: 1000"
            listening = client.send(client.build_request("GET", events_url), stream=True)
            lines = listening.iter_lines()
            assert next(lines) == "retry: 1000"
        assert "event: hello" in list(lines)


def test_removing_one_rule_keeps_the_others(site: Site) -> None:
    """Removing one rule keeps the others and their
    counts; an unknown rule is a 400 and changes nothing.
    """
    site.faults.set("roark: 503", "roark: latency=1ms", "roark: 503")
    get(site, "/roark/v1/call")
    site.faults.remove("roark: 503")
    rules = [(rule["rule"], rule["matches"]) for rule in site.faults.to_dict()["rules"]]
    assert rules == [("roark: latency=0.001s", 1), ("roark: 503", 1)]
    assert get(site, "/_driftline/faults?rule=roark:%20404", "DELETE").status == 400
    assert len(list(site.faults)) == 2
    assert get(site, "/_driftline/faults?rule=roark:%20503", "DELETE").status == 204
    assert len(list(site.faults)) == 1
