"""HAR files of browsers, proxies and tools: read, and judged only by what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from driftline.errors import RecordingError, UsageError
from driftline.mock import Mock
from driftline.observe import Observation
from driftline.openapi import load

from .recordings import ROOT, build_entry, build_har, observe_bytes, request_page

MOCK = Mock(load(ROOT / "specs" / "roark.yaml"), rows=4)


def build_right_entry() -> Any:
    """Return a valid entry."""
    return build_entry(*request_page(MOCK, limit=2))


def change_entry(part: str, **fields: Any) -> Any:
    """Return an entry with changed fields in its request, response or content."""
    entry = build_right_entry()
    node = entry["response"]["content"] if part == "content" else entry[part] if part else entry
    for name, value in fields.items():
        if value is None and name.startswith("no_"):
            node.pop(name.removeprefix("no_"), None)
        else:
            node[name] = value
    return entry


URL = build_right_entry()["request"]["url"]
ODD_ENTRIES = {
    "a size of 0 and no text": change_entry("content", size=0, text=None),
    "a size of -1 and no text": change_entry("content", size=-1, no_text=None),
    "no content": change_entry("response", no_content=None),
    "no headers at all": change_entry("response", headers=[], content={"text": "{}", "size": 2}),
    "base64 that is none": change_entry("content", encoding="base64"),
    "a charset": change_entry("content", mimeType="application/json; charset=UTF-8"),
    "comments": change_entry("", comment="by hand", _securityState="secure"),
    "a duration of -1": change_entry("", time=-1),
    "an infinite duration": change_entry("", time="1e999"),
    "no duration": change_entry("", no_time=None),
    "cookies": change_entry("response", cookies=[{"name": "a", "value": "b"}]),
    "cookies that are not a list": change_entry("response", cookies="a=b"),
    "an empty body of a read": change_entry("request", postData={"mimeType": "", "text": ""}),
    "capitals": change_entry(
        "request", url=URL.replace("https://api.roark.ai", "HTTPS://API.ROARK.AI")
    ),
    "the usual port": change_entry("request", url=URL.replace("api.roark.ai", "api.roark.ai:443")),
    "a fragment": change_entry("request", url=URL + "#top"),
    "a method in small letters": change_entry("request", method="get"),
    "an empty text for a received body": build_entry(
        *request_page(MOCK, [("Content-Length", "2")], limit=2), text="", size=0
    ),
    "a huge body": change_entry("", comment="x" * 2_000_000),
}


@pytest.mark.parametrize("case", ODD_ENTRIES)
def test_an_unusual_but_valid_entry_has_no_finding(case: str, tmp_path: Path) -> None:
    """An unusual but valid entry is matched and has no finding."""
    entry = ODD_ENTRIES[case]
    if case == "no headers at all":
        entry = build_right_entry()
        entry["response"]["headers"] = []
        entry["response"]["content"].pop("mimeType", None)
    observation = observe_bytes(tmp_path, build_har([entry]))
    assert observation.report.findings == []
    assert observation.files[0].match_count == 1


LOCAL = "made by the browser, not the server"
UNJUDGED_ENTRIES = {
    "blocked": (change_entry("response", status=0), "no response"),
    "from the cache": (change_entry("response", status=304), "served from a cache"),
    "a preflight": (change_entry("request", method="OPTIONS"), "a preflight"),
    "another protocol": (change_entry("response", status=101), "another protocol"),
    "no response": (change_entry("", response=None), "no response"),
    "a service worker": (change_entry("response", _fetchedViaServiceWorker=True), LOCAL),
    "a redirect of the browser": (change_entry("response", status=307, _transferSize=0), LOCAL),
}


@pytest.mark.parametrize("kind", UNJUDGED_ENTRIES)
def test_an_entry_without_a_response_is_counted_but_not_judged(kind: str, tmp_path: Path) -> None:
    """An entry without a server's response is counted by reason and not judged."""
    entry, reason = UNJUDGED_ENTRIES[kind]
    observation = observe_bytes(tmp_path, build_har([entry]))
    assert observation.files[0].unread == {reason: 1}
    assert observation.report.findings == []
    assert observation.unmatched_requests == {}
    assert observation.report.exit_code == 0


@pytest.mark.parametrize(
    "url",
    [
        "data:text/plain,x",
        "chrome-extension://abc/x.js",
        "wss://api.roark.ai/v1/call",
        "blob:x",
        "",
    ],
)
def test_an_entry_whose_url_is_not_http_is_skipped(url: str, tmp_path: Path) -> None:
    """An entry whose URL is not HTTP is skipped."""
    observation = observe_bytes(
        tmp_path, build_har([change_entry("request", url=url), build_right_entry()])
    )
    assert observation.files[0].match_count == 1
    assert observation.report.findings == []


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("has_mark", [True, False])
def test_utf_16_is_read_with_or_without_a_byte_order_mark(
    encoding: str, tmp_path: Path, *, has_mark: bool
) -> None:
    """UTF-16 is read with a byte order mark; without one only little-endian is recognised."""
    recording = build_har([build_right_entry(), change_entry("", comment="ü😀" * 40_000)]).decode()
    mark = "\ufeff" if has_mark and encoding != "utf-16" else ""
    content = (mark + recording).encode(encoding)
    if encoding == "utf-16-be" and not has_mark:
        with pytest.raises(RecordingError, match="not UTF-8"):
            observe_bytes(tmp_path, content)
        return
    assert observe_bytes(tmp_path, content).files[0].match_count == 2


def test_a_wrong_response_in_an_unusual_entry_is_found(tmp_path: Path) -> None:
    """A wrong response in an unusual entry is still found."""
    body = json.loads(build_right_entry()["response"]["content"]["text"])
    del body["data"][0]["projectId"]
    entry = change_entry("content", text=json.dumps(body), size=-1)
    entry["response"]["headers"] = []
    (finding,) = observe_bytes(tmp_path, build_har([entry])).report.findings
    assert finding.id == "response.required.missing"


def observe_at(tmp_path: Path, url: str) -> Observation:
    return observe_bytes(tmp_path, build_har([build_right_entry()]), urls={"roark": [url]})


@pytest.mark.parametrize("url", ["https://user:hunter2@api.roark.ai", "https://u:hunter2@x:port"])
def test_a_url_with_a_password_is_rejected_without_quoting_it(url: str, tmp_path: Path) -> None:
    """A URL with a password is rejected with an error that does not quote it."""
    with pytest.raises(UsageError) as caught:
        observe_at(tmp_path, url)
    assert "hunter2" not in str(caught.value)
