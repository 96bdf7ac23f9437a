"""HTTP on the loopback interface, shared by the three servers of this package."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

KINDS = ("application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"')


@dataclass
class PlainRequest:
    """A request, with header names in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: Any, body: bytes) -> PlainRequest:
        """Build a request from the method, the target and pairs of headers."""
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        lower = {name.lower(): value for name, value in headers}
        return cls(method, unquote(parts.path), pairs, lower, body)

    def all(self, name: str) -> list[str]:
        """Return every value of a query parameter."""
        return [value for key, value in self.query if key == name]


@dataclass
class PlainResponse:
    """A response: a status, headers, and a value that is sent as JSON."""

    status: int
    value: Any = None
    headers: list[tuple[str, str]] = field(default_factory=list)

    def body(self) -> bytes:
        """Return the value as JSON, or no bytes for None."""
        if self.value is None:
            return b""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":")).encode()


class PlainApi:
    """A server of one API: `routes` maps a method and a path to a handler."""

    name = ""
    seed = 0
    routes: dict[tuple[str, str], Callable[[PlainRequest], PlainResponse]]

    def handle(self, request: PlainRequest) -> PlainResponse:
        """Return the response, with extra headers that the vendors' pages do not mention."""
        methods = {method for method, path in self.routes if path == request.path}
        if not methods:
            response = self.problem(404, "nothing here")
        elif request.method == "OPTIONS":
            response = PlainResponse(
                204, None, [("Allow", ", ".join(sorted(methods | {"OPTIONS"})))]
            )
        else:
            method = "GET" if request.method == "HEAD" else request.method
            respond = self.routes.get((method, request.path))
            response = respond(request) if respond else self.problem(405, "not like this")
        kind = [("Content-Type", KINDS[self.seed % 3])] if response.value is not None else []
        tag = hashlib.sha256(response.body()).hexdigest()[:16]
        extra = [("ETag", f'W/"{tag}"'), ("X-Request-Id", tag[::-1]), ("Vary", "Accept-Encoding")]
        return PlainResponse(response.status, response.value, [*kind, *extra, *response.headers])

    def problem(self, status: int, message: str) -> PlainResponse:
        """Return an error; its body depends on the seed, since the vendors' pages do not describe
        it.
        """
        if self.seed % 2:
            return PlainResponse(status, {"message": f"{message}!"})
        return PlainResponse(status, {"error": {"code": status, "detail": message}})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "plain/1"
    apis: dict[str, PlainApi]
    lock: threading.Lock

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        first, _, api_path = self.path.lstrip("/").partition("/")
        api = self.apis.get(first)
        with self.lock:
            request = PlainRequest.of(self.command, f"/{api_path}", self.headers.items(), body)
            response = api.handle(request) if api else PlainResponse(404)
        self._send(response, api.seed if api else 0)

    def _send(self, response: PlainResponse, seed: int) -> None:
        content, headers = response.body(), list(response.headers)
        if "gzip" in (self.headers.get("Accept-Encoding") or "") and content and seed % 3 != 1:
            content = gzip.compress(content)
            headers.append(("Content-Encoding", "gzip"))
        is_chunked = bool(content) and seed % 2 == 0
        if is_chunked:
            headers.append(("Transfer-Encoding", "chunked"))
        elif response.status != 204:
            headers.append(("Content-Length", str(len(content))))
        if self.command == "HEAD":
            content = b""
        lines = [f"HTTP/1.1 {response.status} Whatever", f"Date: {formatdate(usegmt=True)}"]
        lines += ["Server: plain/1", *(f"{name}: {value}" for name, value in headers)]
        framed_content = _frame_chunks(content) if is_chunked and content else content
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + framed_content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _frame_chunks(content: bytes) -> bytes:
    parts = [content[i : i + 777] for i in range(0, len(content), 777)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignore errors, since a client may disconnect at any time."""


@contextmanager
def run_plain_server(apis: dict[str, PlainApi]) -> Iterator[str]:
    """Serve each API below its name, on a free port, and yield the base URL."""
    handler = type("Handler", (_Handler,), {"apis": apis, "lock": threading.Lock()})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
