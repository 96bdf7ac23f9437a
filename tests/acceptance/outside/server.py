"""The server of an independent application: orders in memory, with a flaw on request."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FLAW = sys.argv[1] if len(sys.argv) > 1 else ""
ORDERS: list[dict[str, Any]] = [
    {"id": f"o{number}", "item": f"thing {number}", "note": None} for number in range(40)
]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self.headers.get("X-Key") != "secret":
            self.answer(401, {"error": "no key"})
        elif url.path == "/orders":
            self.list_rows(dict(parse_qsl(url.query)))
        else:
            name, _, part = url.path.removeprefix("/orders/").partition("/")
            orders = [order for order in ORDERS if order["id"] == name]
            if not orders:
                self.answer(404, {})
            elif part == "invoice":
                self.send(200, "application/pdf", b"%PDF-1.4\n%%EOF\n")
            else:
                self.answer(200, orders[0])

    def list_rows(self, query: dict[str, str]) -> None:
        try:
            offset, limit = int(query.get("offset", 0)), int(query.get("limit", 10))
        except ValueError:
            return self.answer(400, {})
        if offset < 0 or not 1 <= limit <= 50:
            return self.answer(400, {})
        if FLAW:
            offset = 0
        rows = [dict(order) for order in ORDERS[offset : offset + limit]]
        if FLAW:
            rows = [{"id": row["id"], "item": row["item"]} for row in rows]
        return self.answer(200, {"data": rows, "total": len(ORDERS)})

    def answer(self, status: int, body: Any) -> None:
        self.send(status, "application/json", json.dumps(body).encode())

    def send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_HEAD(self) -> None:
        self.send_response(405)
        self.send_header("Allow", "GET")
        self.end_headers()

    def do_OPTIONS(self) -> None:
        self.do_HEAD()

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


server = HTTPServer(("127.0.0.1", 0), Handler)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
