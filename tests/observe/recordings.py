"""Recordings in every format, built from the traffic of a mock."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs
import yaml

from driftline.mock import HttpRequest, HttpResponse, Mock
from driftline.observe import Observation, observe
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.http.session import Session
from driftline.suite.http.target import Target

__all__ = [
    "BASE",
    "FORMS",
    "ROOT",
    "Tape",
    "build_entry",
    "build_har",
    "list_found",
    "observe_bytes",
    "open_session",
    "request_page",
    "write_drift_log",
    "write_recording",
]

ROOT = Path(__file__).parents[2]
BASE = "https://api.roark.ai"
Pair = tuple[HttpRequest, HttpResponse]


@attrs.frozen
class Tape:
    """A wrapper of a mock's handler that records requests and responses."""

    handle: Callable[[HttpRequest], HttpResponse]
    pairs: list[Pair] = attrs.field(factory=list[Pair])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.handle(request)
        self.pairs.append((request, response))
        return response


def open_session(
    spec: Spec, fault: Any = None, seed: int = 0, rows: int = 250
) -> tuple[Session, Tape]:
    """Return a session with a mock, optionally faulty, and the recording of its traffic."""
    mock = Mock(spec, rows=rows, seed=seed)
    tape = Tape(fault(mock.handle) if fault else mock.handle)
    return Session(Target.mock(spec, seed=seed, handle=tape)), tape


def request_page(mock: Mock, headers: Sequence[tuple[str, str]] = (), **query: Any) -> Pair:
    """Return a request of one page of calls and its response."""
    token = ("Authorization", f"Bearer {mock.credentials['bearerToken']}")
    request = HttpRequest("GET", "/v1/call", urlencode(query), (token, *headers))
    return request, mock.handle(request)


def _build_url(request: HttpRequest, base: str) -> str:
    return base + request.path + (f"?{request.query}" if request.query else "")


def build_entry(
    request: HttpRequest, response: HttpResponse, base: str = BASE, **content: Any
) -> dict[str, Any]:
    """Return a HAR entry as a browser writes it."""
    post_data = {"mimeType": "application/json", "text": request.body.decode("utf-8", "replace")}
    kind = dict(response.headers).get("Content-Type", "")
    body_text = response.body.decode("utf-8", "replace")
    return {
        "startedDateTime": "2024-01-01T00:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": request.method,
            "url": _build_url(request, base),
            "headers": [
                {"name": ":method", "value": request.method},
                *_name_headers(request.headers),
            ],
            **({"postData": post_data} if request.body else {}),
        },
        "response": {
            "status": response.status,
            "headers": _name_headers(response.headers),
            "content": {"size": len(response.body), "mimeType": kind, "text": body_text, **content},
        },
    }


def _name_headers(headers: Any) -> list[dict[str, str]]:
    return [{"name": name.lower(), "value": value} for name, value in headers]


def _pack(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    encoded_body = base64.b64encode(response.body).decode()
    return build_entry(request, response, text=encoded_body, encoding="base64")


def build_har(entries: Sequence[Any]) -> bytes:
    """Return a HAR file."""
    log = {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "pages": []}
    return json.dumps({"log": {**log, "entries": list(entries)}}).encode()


def _build_vcrpy_interaction(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    return {
        "request": {
            "method": request.method,
            "uri": _build_url(request, BASE),
            "body": request.body.decode() or None,
            "headers": _group_headers(request.headers),
        },
        "response": {
            "status": {"code": response.status, "message": "OK"},
            "headers": _group_headers(response.headers),
            "body": {"string": response.body.decode()},
        },
    }


def _build_ruby_interaction(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    interaction = _build_vcrpy_interaction(request, response)
    encoded_body = base64.b64encode(response.body).decode()
    interaction["request"] |= {
        "method": request.method.lower(),
        "body": {"string": "", "encoding": ""},
    }
    interaction["request"]["body"]["string"] = request.body.decode()
    interaction["response"]["body"] = {"encoding": "ASCII-8BIT", "base64_string": encoded_body}
    return interaction


def _group_headers(headers: Any) -> dict[str, list[str]]:
    values_by_name: dict[str, list[str]] = {}
    for name, value in headers:
        values_by_name.setdefault(name, []).append(value)
    return values_by_name


def _build_binary_interaction(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    interaction = _build_vcrpy_interaction(request, response)
    interaction["response"]["body"]["string"] = response.body
    return interaction


def _write_cassette(make: Any, name: str) -> Callable[[Sequence[Pair]], bytes]:
    def write(pairs: Sequence[Pair]) -> bytes:
        return yaml.dump({name: [make(*pair) for pair in pairs], "version": 1}).encode()

    return write


FORMS: dict[str, Callable[[Sequence[Pair]], bytes]] = {
    "HAR": lambda pairs: build_har([build_entry(*pair) for pair in pairs]),
    "HAR with base64": lambda pairs: build_har([_pack(*pair) for pair in pairs]),
    "HAR with a byte order mark": lambda pairs: (
        b"\xef\xbb\xbf" + build_har([build_entry(*p) for p in pairs])
    ),
    "vcrpy YAML": _write_cassette(_build_vcrpy_interaction, "interactions"),
    "vcrpy YAML with bytes": _write_cassette(_build_binary_interaction, "interactions"),
    "vcrpy JSON": lambda pairs: json.dumps(
        {"version": 1, "interactions": [_build_vcrpy_interaction(*pair) for pair in pairs]}
    ).encode(),
    "Ruby VCR": _write_cassette(_build_ruby_interaction, "http_interactions"),
}


def write_recording(pairs: Sequence[Pair], form: str = "HAR") -> bytes:
    """Return the recording in one of the formats."""
    return FORMS[form](pairs)


def write_drift_log(*events: Any) -> bytes:
    """Return a drift log."""
    stream = io.BytesIO()
    for event in events:
        stream.write(json.dumps(event).encode() + b"\n")
    return stream.getvalue()


def observe_bytes(folder: Path, content: bytes, **options: Any) -> Observation:
    """Return the observation of one recording."""
    path = folder / "recording"
    path.write_bytes(content)
    return observe(Project(ROOT), [str(path)], **options)


def list_found(observation: Observation) -> set[tuple[str, str, str]]:
    """Return the operation, ID and clause of each finding."""
    findings = observation.report.findings
    return {(finding.operation, finding.id, finding.location.pointer) for finding in findings}
