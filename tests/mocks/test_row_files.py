"""Files of rows: a URL that `x-lifecycle` declares a file can be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from examples import count_examples
from hypothesis import example, given, settings, strategies as st

from driftline.errors import UsageError
from driftline.mock import HttpRequest, Mock, MockTransport, Site, run_server
from driftline.openapi import load
from driftline.openapi.lint.rules import lint

SPEC = """
openapi: 3.1.0
info: {title: Prints, version: "1"}
servers: [{url: https://prints.example}]
paths:
  /prints:
    get:
      operationId: print.list
      parameters:
        - {name: sheet, in: query, schema: {type: string, format: uri}}
      x-listing:
        items: /data
        id: /id
        page: {style: single}
        size: {fixed: 100}
        filter: {sheet: {field: /sheet/url}}
      responses:
        "200":
          description: Prints.
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: {type: array, items: {$ref: "#/components/schemas/Print"}}
    post:
      operationId: print.create
      x-effect: {kind: create, of: print.list, item: ""}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Print"}
      responses:
        "201":
          description: The print.
          content: {application/json: {schema: {$ref: "#/components/schemas/Print"}}}
components:
  schemas:
    Print:
      type: object
      required: [id, state, sheet]
      additionalProperties: false
      x-lifecycle:
        field: /state
        states: [waits, done]
        created: waits
        lasts: {waits: [10, 20]}
        adds: {done: [/sheet/url]}
        files: {/sheet/url: application/pdf}
      properties:
        id: {type: string}
        state: {type: string, enum: [waits, done]}
        sheet:
          type: object
          additionalProperties: false
          properties:
            url: {type: string, format: uri}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a spec whose rows have a nested file URL that can be filtered by."""
    path = tmp_path_factory.mktemp("specs") / "prints.yaml"
    path.write_text(SPEC)
    assert lint(load(path)) == []
    return path


@pytest.fixture
def mock(path: Path) -> Mock:
    return Mock(load(path), rows=6)


@pytest.fixture
def client(mock: Mock) -> Iterator[httpx.Client]:
    """Return an in-process client of the mock."""
    with httpx.Client(transport=MockTransport(mock.handle), base_url="http://in.process") as client:
        yield client


def list_rows(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/prints", params=query).json()["data"]
    return rows


def list_urls(client: httpx.Client) -> list[str]:
    return [row["sheet"]["url"] for row in list_rows(client) if "url" in row["sheet"]]


def test_each_file_can_be_fetched(client: httpx.Client) -> None:
    """Each file URL points to the mock and returns the documented media type."""
    assert len(list_urls(client)) > 1
    for url in list_urls(client):
        assert url.startswith("http://in.process/_driftline/files/")
        response = client.get(url)
        assert (response.status_code, response.headers["Content-Type"]) == (200, "application/pdf")
        assert response.content.startswith(b"%PDF")


def test_a_file_url_appears_when_its_state_is_reached(client: httpx.Client, mock: Mock) -> None:
    """The file URL appears when the state with it is reached; a URL in the request is kept."""
    new_row = {"id": "a/b ö", "state": "waits", "sheet": {}}
    assert client.post("/prints", json=new_row).json()["sheet"] == {}
    assert client.get("/_driftline/files/print.list/a%2Fb%20%C3%B6/sheet%2Furl").status_code == 404
    mock.advance_clock(9)
    assert [row["sheet"] for row in list_rows(client) if row["id"] == new_row["id"]] == [{}]
    mock.advance_clock(11)
    (row,) = (row for row in list_rows(client) if row["id"] == new_row["id"])
    assert client.get(row["sheet"]["url"]).status_code == 200
    own_row = {**new_row, "id": "own", "sheet": {"url": "https://example.com/a.pdf"}}
    assert client.post("/prints", json=own_row).json()["sheet"] == own_row["sheet"]


def test_snapshots_contain_no_host(path: Path, mock: Mock) -> None:
    """Snapshots contain no host; responses use the host of the request and have a stable ETag."""
    first = mock.snapshot()
    site = Site({"prints": mock})
    with run_server(site) as url, run_server(site) as other_url:
        first_response, same_response, two = (
            httpx.get(f"{base}/prints/prints") for base in (url, url, other_url)
        )
        assert first_response.headers["ETag"] == same_response.headers["ETag"]
        assert (
            first_response.text.replace(url, "")
            == two.text.replace(other_url, "")
            != first_response.text
        )
        plain_response = httpx.get(f"{url}/prints/prints", headers={"Accept-Encoding": "identity"})
        assert len(plain_response.content) == int(plain_response.headers["Content-Length"])
    assert mock.snapshot() == first == Mock(load(path), rows=6).snapshot()
    assert "127.0.0.1" not in str(first)


def test_a_file_url_works_as_a_filter_and_in_a_body(client: httpx.Client) -> None:
    """A file URL works as a filter and in a request body."""
    url = list_urls(client)[0]
    assert [row["sheet"]["url"] for row in list_rows(client, sheet=url)] == [url]
    assert list_rows(client, sheet="https://files.mock.example/x.pdf") == []
    row = {"id": "new", "state": "done", "sheet": {"url": url}}
    assert client.post("/prints", json=row).json()["sheet"]["url"] == url
    assert {row["id"] for row in list_rows(client, sheet=url)} > {"new"}


@pytest.mark.parametrize("host", ['a"b', "a b", "", "ü", "a/b", "a\\"])
def test_an_invalid_host_is_replaced_in_the_urls(mock: Mock, host: str) -> None:
    """An invalid `Host` is replaced by a placeholder host in the URLs."""
    response = mock.handle(HttpRequest("GET", "/prints", headers=(("Host", host),)))
    assert "https://files.mock.invalid/print.list/" in str(response.parse_json())


def test_file_urls_support_head_304_ranges_and_options(mock: Mock) -> None:
    """File URLs support HEAD, 304, ranges and OPTIONS, reject POST, and are never compressed."""
    with run_server(Site({"prints": mock})) as base, httpx.Client(base_url=base) as client:
        (url, *_) = (
            row["sheet"]["url"]
            for row in client.get("/prints/prints").json()["data"]
            if "url" in row["sheet"]
        )
        whole_response = client.get(url)
        assert "Content-Encoding" not in whole_response.headers
        head = client.head(url)
        assert (head.content, head.headers["ETag"]) == (b"", whole_response.headers["ETag"])
        not_modified_response = client.get(
            url, headers={"If-None-Match": whole_response.headers["ETag"]}
        )
        assert (not_modified_response.status_code, not_modified_response.content) == (304, b"")
        part = client.get(url, headers={"Range": "bytes=4-9"})
        assert (part.status_code, part.content) == (206, whole_response.content[4:10])
        assert client.post(url).status_code == 405
        assert client.options(url).headers["Allow"] == "GET, HEAD, OPTIONS"


@given(st.lists(st.text("af/%._-0123456789é\"'"), min_size=1, max_size=3).map("/".join))
@settings(max_examples=count_examples(60), deadline=None)
@example("print.list/%ff/x")
@example("print.list/%ed%a0%80/x")
def test_any_other_path_below_the_files_is_a_404(path: Path, string: str) -> None:
    """Any other path below the files returns 404."""
    mock = Mock(load(path), rows=1)
    file_path = f"/_driftline/files/{string.encode().decode('latin-1')}"
    assert mock.handle(HttpRequest("GET", file_path)).status == 404


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{/sheet/url: app", "{/sheet: app", "file '/sheet' is not a string"),
        ("{/sheet/url: app", "{/tape: app", "x-lifecycle points to '/tape'"),
        ("lasts: {waits:", "lasts: {gone:", "has a time for 'gone', which is not one of its"),
    ],
)
def test_lint_reports_an_invalid_file_field(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Lint reports a file field that is missing or not a string, and an unknown state."""
    assert old in SPEC
    path = tmp_path / "prints.yaml"
    path.write_text(SPEC.replace(old, new))
    assert message in "\n".join(str(problem) for problem in lint(load(path)))


def test_a_database_without_declared_file_urls_is_rejected(path: Path, tmp_path: Path) -> None:
    """A database whose spec declared no file URLs is rejected."""
    old = tmp_path / "prints.yaml"
    old.write_text(SPEC.replace("        files: {/sheet/url: application/pdf}\n", ""))
    Mock(load(old), rows=2, db=tmp_path / "rows.db").close()
    with pytest.raises(UsageError, match="belong to another spec"):
        Mock(load(path), rows=2, db=tmp_path / "rows.db")
