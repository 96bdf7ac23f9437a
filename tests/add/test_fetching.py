"""A document is had from a file, a URL or a package; whatever else is there is said in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from add.documents import plain
from driftline.add import fetch as fetching
from driftline.add.document import read_document
from driftline.add.fetch import Fetched, fetch
from driftline.errors import DriftlineError, SpecError, UsageError

DOCUMENT = json.dumps(plain()).encode()
Answer = Callable[[httpx.Request], httpx.Response]


def web(place: str, answer: Answer) -> Fetched:
    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        return fetch(place, client=client)


def test_a_url_is_shown_without_what_may_be_secret() -> None:
    """User, password and query are sent, and neither kept nor shown; the last place is known."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path == "/old":
            return httpx.Response(302, headers={"Location": "/v2/openapi.json"})
        return httpx.Response(200, content=DOCUMENT)

    found = web("https://me:pw@x.com/old?key=s3cret", answer)
    assert asked[0].endswith("/old?key=s3cret")
    assert found == Fetched(DOCUMENT, "https://x.com/old", "https://x.com/v2/openapi.json")


REFUSED: dict[str, tuple[str, Answer, str]] = {
    "a status": ("https://x.com/a", lambda _: httpx.Response(404), "x.com/a answered 404"),
    "no end of redirects": (
        "https://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "/a"}),
        "more than 5 times",
    ),
    "a redirect to a file": (
        "http://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "file:///etc/passwd"}),
        "redirects to file://",
    ),
    "a redirect to plain http": (
        "https://x.com/a",
        lambda _: httpx.Response(302, headers={"Location": "http://x.com/b"}),
        "redirects to http://",
    ),
    "too much": (
        "https://x.com/a",
        lambda _: httpx.Response(200, content=b"x" * 1001),
        "more than 0 MB",
    ),
    "another scheme": ("ftp://x.com/a", lambda _: httpx.Response(200), "ftp:// is not read"),
    "no host": ("https:///a", lambda _: httpx.Response(200), "names no host"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_the_web_gives_that_is_no_document(
    case: tuple[str, Answer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, with a remedy, and without the query."""
    place, answer, said = case
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)
    with pytest.raises(UsageError) as caught:
        web(f"{place}?key=s3cret", answer)
    assert said in caught.value.message
    assert caught.value.hint
    assert "s3cret" not in str(caught.value)


def test_a_server_that_does_not_answer_is_named() -> None:
    """And so is why."""

    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(UsageError, match=r"https://x\.com/a cannot be fetched: refused"):
        web("https://x.com/a", answer)


def test_a_package_is_looked_into_and_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what is in its own folder can be had."""
    (tmp_path / "shop_sdk").mkdir()
    (tmp_path / "shop_sdk" / "__init__.py").write_text("raise RuntimeError\n")
    (tmp_path / "shop_sdk" / "api.json").write_bytes(DOCUMENT)
    (tmp_path / "secret.json").write_bytes(DOCUMENT)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert fetch("package:shop_sdk/api.json").content == DOCUMENT
    assert "shop_sdk" not in sys.modules
    for place in ("shop_sdk/../secret.json", "shop_sdk/no.json", "no_such/api.json", "shop_sdk"):
        with pytest.raises(UsageError):
            fetch(f"package:{place}")


NONE: dict[str, tuple[bytes, str, int]] = {
    "a page": (b"\n<!DOCTYPE html><html>", "a web page (HTML)", 1),
    "Swagger 2": (b"info: {}\nswagger: '2.0'\n", "this is Swagger 2.0", 2),
    "OpenAPI 4": (b'{"openapi": "4.0.0", "paths": {"/": {}}}', "this is OpenAPI 4.0.0", 1),
    "AsyncAPI": (b"asyncapi: 2.0.0\n", "AsyncAPI", 1),
    "an overlay": (b"overlay: 1.0.0\n", "this is an overlay", 1),
    "a list": (b"[1]", "no OpenAPI document", 1),
    "no path": (b"openapi: 3.1.0\npaths: {}\n", "describes no path", 2),
    "Latin 1": (b"openapi: 3.1.0\ninfo: \xe9\n", "no UTF-8", 2),
    "broken JSON": (b'{"openapi": "3.1.0",\n "info"', "not JSON", 2),
    "a bomb": (b"a: &a [x,x]\nb: &b [" + b"*a," * 50 + b"]\n", "no OpenAPI document", 1),
}


@pytest.mark.parametrize("case", NONE.values(), ids=NONE)
def test_what_is_no_document_is_called_by_its_name(case: tuple[bytes, str, int]) -> None:
    """With its line and what to do."""
    content, said, line = case
    with pytest.raises(SpecError) as caught:
        read_document(Fetched(content, "https://x.com/api"))
    (problem,) = caught.value.problems
    assert said in problem.message
    assert (str(problem.location.file), problem.location.line) == ("x.com/api", line)
    assert problem.hint


def test_yaml_is_1_2_and_a_mark_at_its_begin_is_none() -> None:
    """`no` is a text; a byte order mark is no part of the document."""
    text = "\ufeffopenapi: 3.1.0\ninfo: {title: no, version: 12:30}\npaths: {/a: {}}\n"
    found = read_document(Fetched(text.encode(), "api.yaml"))
    assert found.suffix == ".yaml"
    assert found.source.data["info"] == {"title": "no", "version": "12:30"}


def test_there_is_no_such_file(tmp_path: Path) -> None:
    """Nor is a folder one."""
    for place in (tmp_path, tmp_path / "x.json"):
        with pytest.raises(DriftlineError):
            fetch(str(place))
