"""The URL of a recording leads to one: a WAV that can be played, and belongs to its row."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driftline.errors import UsageError
from driftline.mock import HttpRequest, Mock, MockTransport, Site, run_server
from driftline.openapi import load
from driftline.openapi.lint.rules import lint
from driftline.openapi.pointer import follow

SPECS = Path(__file__).parents[2] / "specs"
SPEC = """
openapi: 3.1.0
info: {title: Calls, version: "1"}
servers: [{url: https://calls.example}]
paths:
  /calls:
    get:
      operationId: call.list
      parameters:
        - {name: recording, in: query, schema: {type: string, format: uri}}
      x-listing:
        items: /data
        id: /id
        page: {style: single}
        size: {fixed: 100}
        filter: {recording: {field: /recording/url}}
      responses:
        "200":
          description: Calls.
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Call"}}
    post:
      operationId: call.create
      x-effect: {kind: create, of: call.list, item: ""}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Call"}
      responses:
        "201":
          description: The call.
          content: {application/json: {schema: {$ref: "#/components/schemas/Call"}}}
components:
  schemas:
    Call:
      type: object
      required: [id, state, seconds, recording]
      additionalProperties: false
      x-lifecycle:
        field: /state
        states: [rings, ended]
        created: rings
        begins: /begin
        duration: /seconds
        unit: s
        adds: {ended: [/seconds, /recording/url]}
        recordings: [/recording/url]
      properties:
        id: {type: string}
        state: {type: string, enum: [rings, ended]}
        begin: {type: string, format: date-time}
        seconds: {type: number, minimum: 0}
        recording:
          type: object
          additionalProperties: false
          properties:
            url: {type: string, format: uri}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spec whose recordings are deep in a row, and can be filtered by."""
    path = tmp_path_factory.mktemp("specs") / "calls.yaml"
    path.write_text(SPEC)
    assert lint(load(path)) == []
    return path


@pytest.fixture
def mock(path: Path) -> Mock:
    return Mock(load(path), rows=6)


@pytest.fixture
def client(mock: Mock) -> Iterator[httpx.Client]:
    """Without a port."""
    with httpx.Client(transport=MockTransport(mock.handle), base_url="http://in.process") as client:
        yield client


def rows(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/calls", params=query).json()["data"]
    return found


def list_recordings(client: httpx.Client) -> list[tuple[str, float]]:
    """The URLs of recordings, and how long each call was."""
    return [(r["recording"]["url"], r["seconds"]) for r in rows(client) if "url" in r["recording"]]


def seconds(content: bytes) -> float:
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = file.readframes(file.getnframes())
        assert len(samples) == 2 * file.getnframes()
        assert not samples or max(samples) > 0
        return file.getnframes() / file.getframerate()


@pytest.mark.parametrize("name", ["revox", "roark", "zudu"])
def test_every_recording_of_ours_can_be_played(name: str) -> None:
    """On a port, by whoever has the URL, no longer than the call; none names another server."""
    mock = Mock(load(SPECS / f"{name}.yaml"), rows=30)
    listing = next(each for each in mock.spec.operations if each.listing)
    headers = {
        each.wire_name: ("Bearer " if each.kind == "bearer" else "") + mock.credentials[each.name]
        for each in mock.spec.security_schemes.values()
    }
    with run_server(Site({name: mock})) as url, httpx.Client() as client:
        needed = {each.name: "20" for each in listing.parameters if each.required}
        needed |= {"page": "1"} if "page" in needed else {}
        answer = client.get(f"{url}/{name}{listing.path}", headers=headers, params=needed)
        assert answer.status_code == 200, answer.text
        found = follow(answer.json(), listing.listing.items if listing.listing else "")
        urls = [row.get("recordingUrl") or row.get("recording_url") for row in found]
        assert len([each for each in urls if each]) > 1
        for each in filter(None, urls):
            assert each.startswith(f"{url}/{name}/_driftline/recordings/")
            got = client.get(each)
            assert (got.status_code, got.headers["Content-Type"]) == (200, "audio/wav")
            assert 0 < seconds(got.content) <= 5


def test_it_is_as_long_as_the_call(client: httpx.Client, mock: Mock) -> None:
    """Up to five seconds; the same at each request, and another one for another row or seed."""
    for number, length in enumerate((0, 0.25, 2.5, 60)):
        fields = {"id": f"r{number}", "state": "ended", "seconds": length}
        mock.put("call.list", fields)
    found = dict(list_recordings(client))
    for url, length in found.items():
        assert seconds(client.get(url).content) == pytest.approx(min(length, 5), abs=0.001)
    bodies = {client.get(url).content for url in found}
    assert len(bodies) == len(found)
    assert {client.get(url).content for url in found} == bodies
    other = Mock(mock.spec, rows=6, seed=1)
    other.load(mock.snapshot())
    path = httpx.URL(next(iter(found))).raw_path.decode()
    assert other.handle(HttpRequest("GET", path)).body not in bodies


def test_a_call_is_recorded_once_it_has_ended(client: httpx.Client, mock: Mock) -> None:
    """Not before; and what the request brought along stays as it is."""
    sent = {"id": "a/b ö", "state": "rings", "seconds": 0, "recording": {}}
    made = client.post("/calls", json=sent).json()
    assert made["recording"] == {}
    assert client.get("/_driftline/recordings/call.list/a%2Fb%20%C3%B6/x.wav").status_code == 404
    mock.advance_clock(600)
    (row,) = (row for row in rows(client) if row["id"] == sent["id"])
    assert seconds(client.get(row["recording"]["url"]).content) == 5
    own = {**sent, "id": "own", "recording": {"url": "https://example.com/a.wav"}}
    assert client.post("/calls", json=own).json()["recording"] == own["recording"]


def test_no_address_is_kept(path: Path, mock: Mock) -> None:
    """Snapshots name no server, each answer that of who asks; the same request has one ETag."""
    first = mock.snapshot()
    site = Site({"calls": mock})
    with run_server(site) as url, run_server(site) as other:
        one, again, two = (httpx.get(f"{base}/calls/calls") for base in (url, url, other))
        assert one.headers["ETag"] == again.headers["ETag"]
        assert one.text.replace(url, "") == two.text.replace(other, "") != one.text
        plain = httpx.get(f"{url}/calls/calls", headers={"Accept-Encoding": "identity"})
        assert len(plain.content) == int(plain.headers["Content-Length"])
    assert mock.snapshot() == first == Mock(load(path), rows=6).snapshot()
    assert "127.0.0.1" not in str(first)


def test_it_can_be_filtered_by_and_sent_back(client: httpx.Client) -> None:
    """As it was answered, in a query and in a body."""
    url, _ = list_recordings(client)[0]
    assert [row["recording"]["url"] for row in rows(client, recording=url)] == [url]
    assert rows(client, recording="https://recordings.mock.example/x.wav") == []
    sent = {"id": "new", "state": "ended", "seconds": 1, "recording": {"url": url}}
    assert client.post("/calls", json=sent).json()["recording"]["url"] == url
    assert {row["id"] for row in rows(client, recording=url)} > {"new"}


@pytest.mark.parametrize("host", ['a"b', "a b", "", "ü", "a/b", "a\\"])
def test_a_strange_host_is_not_repeated(mock: Mock, host: str) -> None:
    """The answer stays JSON, with an address that nobody has."""
    answer = mock.handle(HttpRequest("GET", "/calls", headers=(("Host", host),)))
    assert "https://recordings.mock.invalid/call.list/" in str(answer.parse_json())


def test_what_http_has_for_files(mock: Mock) -> None:
    """HEAD, 304, ranges, 416 and If-Range, on a port; never compressed."""
    with run_server(Site({"calls": mock})) as base, httpx.Client() as client:
        (url, *_) = (
            row["recording"]["url"]
            for row in client.get(f"{base}/calls/calls").json()["data"]
            if "url" in row["recording"]
        )
        whole = client.get(url)
        size, tag = len(whole.content), whole.headers["ETag"]
        assert "Content-Encoding" not in whole.headers
        assert not tag.startswith("W/")
        head = client.head(url)
        assert head.content == b""
        assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}
        same = client.get(url, headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        part = client.get(url, headers={"Range": "bytes=44-1043"})
        assert (part.status_code, part.content) == (206, whole.content[44:1044])
        assert part.headers["Content-Range"] == f"bytes 44-1043/{size}"
        assert client.get(url, headers={"Range": "bytes=-10"}).content == whole.content[-10:]
        beyond = client.get(url, headers={"Range": f"bytes={size}-"})
        assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
        for given in ({"If-Range": '"old"', "Range": "bytes=0-1"}, {"Range": "bytes=0-1,4-5"}):
            assert client.get(url, headers=given).status_code == 200
        kept = client.get(url, headers={"If-Range": tag, "Range": "bytes=0-1"})
        assert (kept.status_code, kept.content) == (206, b"RI")
        assert client.post(url).status_code == 405
        assert client.options(url).headers["Allow"] == "GET, HEAD, OPTIONS"


@given(first=st.integers(0, 200_000), last=st.integers(0, 200_000) | st.none())
@settings(max_examples=40, deadline=None)
def test_any_range(first: int, last: int | None) -> None:
    """What comes is what a slice of the whole would be, or there is nothing of it."""
    whole = _RECORDING.handle(HttpRequest("GET", _PATH)).body
    span = f"bytes={first}-{'' if last is None else last}"
    got = _RECORDING.handle(HttpRequest("GET", _PATH, headers=(("Range", span),)))
    if first >= len(whole) or (last is not None and last < first):
        assert got.status == 416
    else:
        assert (got.status, got.body) == (206, whole[first : None if last is None else last + 1])


@given(st.lists(st.text("af/%._-0123456789é\"'"), min_size=3, max_size=3).map("/".join))
@settings(max_examples=60, deadline=None)
@example("call.list/%ff/x")
@example("call.list/%ed%a0%80/x")
def test_any_path(text: str) -> None:
    """Below the recordings there is one, or 404."""
    path = f"/_driftline/recordings/{text.encode().decode('latin-1')}.wav"
    assert _RECORDING.handle(HttpRequest("GET", path)).status == 404


@given(
    st.sampled_from(["If-None-Match", "If-Match", "If-Range", "If-Modified-Since"]),
    st.text(st.characters(codec="latin-1")) | st.just("*"),
    st.text(st.characters(codec="latin-1")).map("bytes={}".format) | st.just("bytes=0-9"),
)
@settings(max_examples=60, deadline=None)
def test_any_condition(name: str, value: str, span: str) -> None:
    """An answer, and with a body only what is one."""
    headers = ((name, value), ("Range", span))
    got = _RECORDING.handle(HttpRequest("GET", _PATH, headers=headers))
    assert got.status in {200, 206, 304, 412, 416}
    assert got.status not in {304, 412} or got.body == b""


_RECORDING = Mock(load(SPECS / "zudu.yaml"), rows=8)
_URLS = [row.get("recording_url") for row in _RECORDING.list_rows("call.list")]
_PATH = httpx.URL(next(filter(None, _URLS))).path
_PATH = f"/_driftline/recordings{_PATH}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[/recording/url]", "[/seconds]", "recording '/seconds' is not a string"),
        ("recordings: [/recording/url]", "recordings: [/tape]", "x-lifecycle points to '/tape'"),
    ],
)
def test_lint_holds_it_against_the_rows(tmp_path: Path, old: str, new: str, said: str) -> None:
    """What is no text, or not there, can be no recording."""
    text = SPEC.replace("adds: {ended: [/seconds, /recording/url]}", "adds: {}")
    assert old in text
    path = tmp_path / "calls.yaml"
    path.write_text(text.replace(old, new))
    assert said in "\n".join(str(problem) for problem in lint(load(path)))


def test_a_file_of_another_vocabulary_is_refused(path: Path, tmp_path: Path) -> None:
    """Its rows have other URLs."""
    old = tmp_path / "calls.yaml"
    old.write_text(SPEC.replace("        recordings: [/recording/url]\n", ""))
    Mock(load(old), rows=2, db=tmp_path / "rows.db").close()
    with pytest.raises(UsageError, match="belong to another spec"):
        Mock(load(path), rows=2, db=tmp_path / "rows.db")
