"""A server on the loopback interface that sends whatever bytes a test gives it."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from attrs import define, field
from click.testing import CliRunner, Result

from driftline.cli.group import driftline

__all__ = ["BadServer", "build_response", "check", "read_report", "run_bad_server"]

Say = Callable[["BadServer", socket.socket], object]


@define(eq=False)
class BadServer:
    """The URL of a bad server, the requests it received, and an event that ends every wait."""

    url: str = ""
    requests: list[bytes] = field(factory=list)
    ended: threading.Event = field(factory=threading.Event)

    @property
    def last(self) -> bytes:
        return self.requests[-1]

    def wait(self, seconds: float = 60.0) -> bool:
        """Wait until the test ends or `seconds` have passed; return whether the test has ended."""
        return self.ended.wait(seconds)


@contextmanager
def run_bad_server(say: Say) -> Iterator[BadServer]:
    """Serve each request with `say`, which sends the bytes; close the connection if it returns
    true.
    """
    server, listener = BadServer(), socket.create_server(("127.0.0.1", 0))
    server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    threads: list[threading.Thread] = []

    def respond_to_all(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := _read_request(connection):
                server.requests.append(request)
                if say(server, connection):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(
                    threading.Thread(target=respond_to_all, args=(connection,), daemon=True)
                )
                threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        server.ended.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(5)


def _read_request(connection: socket.socket) -> bytes:
    """Return one request with its body, or the bytes received so far if the client disconnected."""
    received_bytes = b""
    while b"\r\n\r\n" not in received_bytes:
        part = connection.recv(65536)
        if not part:
            return b""
        received_bytes += part
        if not received_bytes[:1].isalpha():  # TLS
            return received_bytes
    head, _, body = received_bytes.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def build_response(
    status: int = 200, body: bytes = b"{}", kind: str = "application/json", **headers: str
) -> bytes:
    """Return a complete response; header names are keyword arguments with `_` for `-`."""
    all_headers = {"content_type": kind, "content_length": str(len(body)), **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in all_headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "", ""]).encode() + body


def check(*arguments: str) -> Result:
    """Run `driftline check` in this process and fail on any exception but `SystemExit`."""
    result = CliRunner().invoke(driftline, ["check", *arguments, "--rate", "100000"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output, result.output
    return result


def read_report(folder: Path) -> dict[str, Any]:
    """Return the report that a check wrote to the folder."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report
