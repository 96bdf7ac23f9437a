"""Hostile servers: each repeats the credentials that it gets, spelled in some way, somewhere."""

from __future__ import annotations

import gc
import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import anyio

from attack.exceptions import describe_exception
from attack.processes import Breach, RunOutcome, find_breaches, run, watch
from attack.spellings import SPELLINGS
from attack.vocabulary import STRINGS
from driftline.runtime import Api, AsyncClient, Client, Credential, Endpoint, Retries

# How a server may answer with a text: status, headers and body.
Place = Callable[[str], tuple[int, dict[str, str], bytes]]
_JSON = {"Content-Type": "application/json"}
_BOMB = 400_000_000
"""Bytes that a small answer unpacks to: more than any of ours may hold."""


@cache
def _pack(layers: int, bits: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    piece = bytes(1_000_000)
    body = b"".join([packer.compress(piece) for _ in range(_BOMB // len(piece))]) + packer.flush()
    for _ in range(layers - 1):
        body = gzip.compress(body)
    return body


def _bomb(coding: str, layers: int = 1, bits: int = 31) -> tuple[int, dict[str, str], bytes]:
    return 200, {**_JSON, "Content-Encoding": coding}, _pack(layers, bits)


PLACES: dict[str, Place] = {
    "message": lambda s: (401, _JSON, json.dumps({"message": f"bad {s}", "code": [s]}).encode()),
    "field": lambda s: (200, _JSON, json.dumps({"rooms": [{"id": s, s: s}]}).encode()),
    "text": lambda s: (500, {"Content-Type": "text/plain"}, f"no {s}".encode()),
    "at the edge": lambda s: (400, {"Content-Type": "text/html"}, f"{'.' * 195}{s}".encode()),
    "half of JSON": lambda s: (200, _JSON, json.dumps({"rooms": s}).encode()[:-2]),
    "header": lambda s: (429, {"X-Request-ID": _header(s), "Retry-After": "0"}, b"{}"),
    "deep": lambda s: (200, _JSON, b"[" * 100_000 + s.encode()),
    "links": lambda s: (200, {**_JSON, "Link": "<" * 60_000}, json.dumps({"rooms": [s]}).encode()),
    "number": lambda s: (200, {**_JSON, "X-Total": "9" * 5_000}, json.dumps({"rooms": s}).encode()),
    "deep header": lambda _: (200, {**_JSON, "X-Total": "[" * 50_000}, b"{}"),
    "redirect": lambda s: (302, {"Location": f"http://127.0.0.1:9/?{_header(s)}"}, b""),
    "gzip bomb": lambda _: _bomb("gzip"),
    "gzip bomb in gzip": lambda _: _bomb("gzip, gzip", layers=2),
    "deflate bomb": lambda _: _bomb("deflate", bits=15),
    "bare deflate bomb": lambda _: _bomb("deflate", bits=-15),
    "bomb of an error": lambda _: (500, *_bomb("gzip")[1:]),
    "unknown coding": lambda s: (200, {**_JSON, "Content-Encoding": "zstd, br"}, s.encode()),
    "many headers": lambda s: (200, {**_JSON, **{f"X-{n}": _header(s) for n in range(90)}}, b"{}"),
    "half a character": lambda s: (200, _JSON, json.dumps({"rooms": [s + "\ud800"]}).encode()),
    "hostile words": lambda s: (418, _JSON, json.dumps([*STRINGS, s]).encode()),
}
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Hotel", "version": "1"},
    "servers": [{"url": "http://127.0.0.1:9"}],
    "security": [{"key": []}],
    "paths": {
        "/rooms": {
            "get": {
                "operationId": "room.list",
                "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "Rooms.",
                        "headers": {"X-Total": {"schema": {"type": "integer"}}},
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["rooms"],
                                    "properties": {
                                        "rooms": {"type": "array", "items": {"type": "integer"}}
                                    },
                                }
                            }
                        },
                    },
                    "401": {"description": "Who?"},
                },
            }
        }
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "x-env": "HOTEL_KEY"},
        }
    },
}


def _header(text: str) -> str:
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text)


def attack_with_server(secret: str, location: str, spelling: str, folder: Path) -> Iterator[Breach]:
    """Run a client and the suite against a server that repeats the secret in this spelling."""
    (folder / "specs").mkdir(parents=True)
    (folder / "specs" / "hotel.json").write_text(json.dumps(SPEC), "utf-8")
    status, headers, body = PLACES[location](SPELLINGS[spelling](secret))
    with ThreadingHTTPServer(("127.0.0.1", 0), build_handler(status, headers, body)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        name = f"server ({location}, {spelling})"
        seen = watch(partial(_call, url, secret))
        yield from find_breaches(f"client, {name}", seen, folder, (secret,))
        seen = watch(partial(_check, url, secret, folder))
        yield from find_breaches(f"driftline check, {name}", seen, folder, (secret,))
        server.shutdown()


def build_handler(
    status: int,
    headers: dict[str, str],
    body: bytes,
    note: Callable[[str], object] = lambda _: None,
) -> type[BaseHTTPRequestHandler]:
    """Return a handler with one response to all requests; `note` receives method and target."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            note(f"{self.command} {self.path}")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_OPTIONS = do_POST = do_PUT = answer  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Nothing is printed."""

    return Handler


def _call(url: str, secret: str) -> RunOutcome:
    """Return all that the errors of both clients show."""
    api = Api("hotel", "1", url, None, (Credential("key", "key", "bearer", "Authorization"),), {})
    operation = Endpoint("room.list", "GET", "/rooms", security=(("key",),))
    once = Retries(attempts=1)
    descriptions = list[str]()

    def call() -> None:
        with Client(api, {"key": secret}, retries=once) as client:
            client.request(operation)

    async def call_async() -> None:
        async with AsyncClient(api, {"key": secret}, retries=once) as client:
            await client.request(operation)

    for attempt in (call, lambda: anyio.run(call_async)):
        try:
            attempt()
        except Exception as error:
            descriptions.append(describe_exception(error))
        gc.collect()  # what is measured is one call
    return RunOutcome("", 0, hidden_text="\n".join(descriptions))


def _check(url: str, secret: str, folder: Path) -> RunOutcome:
    os.chdir(folder)
    words = ("--max-requests", "40", "--rate", "1000", "--timeout", "5", "--report", "report")
    return run("check", "hotel", "--url", f"hotel={url}", *words, environ={"HOTEL_KEY": secret})
