"""Recordings in every form, made of what a mock was asked and what it answered."""

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
    "bytes_of",
    "entry",
    "har",
    "list_found",
    "log",
    "observe_bytes",
    "page",
    "session",
]

ROOT = Path(__file__).parents[2]
BASE = "https://api.roark.ai"
Pair = tuple[HttpRequest, HttpResponse]


@attrs.frozen
class Tape:
    """Stands in for a mock, and keeps what goes over the wire."""

    handle: Callable[[HttpRequest], HttpResponse]
    pairs: list[Pair] = attrs.field(factory=list[Pair])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.handle(request)
        self.pairs.append((request, response))
        return response


def session(spec: Spec, fault: Any = None, seed: int = 0, rows: int = 250) -> tuple[Session, Tape]:
    """A session with the mock, broken by a fault, and what it sends and gets."""
    mock = Mock(spec, rows=rows, seed=seed)
    tape = Tape(fault(mock.handle) if fault else mock.handle)
    return Session(Target.mock(spec, seed=seed, handle=tape)), tape


def page(mock: Mock, headers: Sequence[tuple[str, str]] = (), **query: Any) -> Pair:
    """One page of the calls, asked for with the right token."""
    token = ("Authorization", f"Bearer {mock.credentials['bearerToken']}")
    request = HttpRequest("GET", "/v1/call", urlencode(query), (token, *headers))
    return request, mock.handle(request)


def _url(request: HttpRequest, base: str) -> str:
    return base + request.path + (f"?{request.query}" if request.query else "")


def entry(
    request: HttpRequest, response: HttpResponse, base: str = BASE, **content: Any
) -> dict[str, Any]:
    """An entry of a HAR file, as a browser writes it."""
    sent = {"mimeType": "application/json", "text": request.body.decode("utf-8", "replace")}
    kind = dict(response.headers).get("Content-Type", "")
    text = response.body.decode("utf-8", "replace")
    return {
        "startedDateTime": "2024-01-01T00:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": request.method,
            "url": _url(request, base),
            "headers": [
                {"name": ":method", "value": request.method},
                *_name_headers(request.headers),
            ],
            **({"postData": sent} if request.body else {}),
        },
        "response": {
            "status": response.status,
            "headers": _name_headers(response.headers),
            "content": {"size": len(response.body), "mimeType": kind, "text": text, **content},
        },
    }


def _name_headers(headers: Any) -> list[dict[str, str]]:
    return [{"name": name.lower(), "value": value} for name, value in headers]


def _pack(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    text = base64.b64encode(response.body).decode()
    return entry(request, response, text=text, encoding="base64")


def har(entries: Sequence[Any]) -> bytes:
    """A HAR file."""
    log = {"version": "1.2", "creator": {"name": "tests", "version": "1"}, "pages": []}
    return json.dumps({"log": {**log, "entries": list(entries)}}).encode()


def _vcrpy(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    return {
        "request": {
            "method": request.method,
            "uri": _url(request, BASE),
            "body": request.body.decode() or None,
            "headers": _many(request.headers),
        },
        "response": {
            "status": {"code": response.status, "message": "OK"},
            "headers": _many(response.headers),
            "body": {"string": response.body.decode()},
        },
    }


def _ruby(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    made = _vcrpy(request, response)
    packed = base64.b64encode(response.body).decode()
    made["request"] |= {"method": request.method.lower(), "body": {"string": "", "encoding": ""}}
    made["request"]["body"]["string"] = request.body.decode()
    made["response"]["body"] = {"encoding": "ASCII-8BIT", "base64_string": packed}
    return made


def _many(headers: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    return found


def _binary(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    made = _vcrpy(request, response)
    made["response"]["body"]["string"] = response.body
    return made


def _cassette(make: Any, name: str) -> Callable[[Sequence[Pair]], bytes]:
    def write(pairs: Sequence[Pair]) -> bytes:
        return yaml.dump({name: [make(*pair) for pair in pairs], "version": 1}).encode()

    return write


FORMS: dict[str, Callable[[Sequence[Pair]], bytes]] = {
    "HAR": lambda pairs: har([entry(*pair) for pair in pairs]),
    "HAR with base64": lambda pairs: har([_pack(*pair) for pair in pairs]),
    "HAR with a byte order mark": lambda pairs: b"\xef\xbb\xbf" + har([entry(*p) for p in pairs]),
    "vcrpy YAML": _cassette(_vcrpy, "interactions"),
    "vcrpy YAML with bytes": _cassette(_binary, "interactions"),
    "vcrpy JSON": lambda pairs: json.dumps(
        {"version": 1, "interactions": [_vcrpy(*pair) for pair in pairs]}
    ).encode(),
    "Ruby VCR": _cassette(_ruby, "http_interactions"),
}


def bytes_of(pairs: Sequence[Pair], form: str = "HAR") -> bytes:
    """The recording in one of the forms."""
    return FORMS[form](pairs)


def log(*events: Any) -> bytes:
    """A drift log."""
    out = io.BytesIO()
    for event in events:
        out.write(json.dumps(event).encode() + b"\n")
    return out.getvalue()


def observe_bytes(folder: Path, content: bytes, **options: Any) -> Observation:
    """What comes of one recording."""
    path = folder / "recording"
    path.write_bytes(content)
    return observe(Project(ROOT), [str(path)], **options)


def list_found(observation: Observation) -> set[tuple[str, str, str]]:
    """Operation, id and clause of each finding."""
    findings = observation.report.findings
    return {(each.operation, each.id, each.location.pointer) for each in findings}
