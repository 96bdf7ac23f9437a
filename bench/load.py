"""A client that asks a server for one thing over and over, on connections that it keeps.

It looks no further into a response than to its end, so that one processor is left to the server.
"""

from __future__ import annotations

import itertools
import re
import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

from bench.figures import CannotMeasure

CONNECTIONS = 8
PATIENCE = 60.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


def build_request(url: str, headers: Mapping[str, str]) -> bytes:
    """The text of a request."""
    parts = urlsplit(url)
    lines = [f"GET {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


class _Connection:
    """One connection, on which a request goes as soon as the response before it is there."""

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests = requests
        self._left = 0
        self._head = b""

    def send(self) -> None:
        self._left, self._head = -1, b""
        self.socket.sendall(next(self._requests))

    def read_available(self) -> bool:
        """Read the available bytes; return whether the response is complete.

        Raises:
            CannotMeasure: it is not the expected response.
        """
        data = self.socket.recv(1 << 20)
        if self._left < 0:
            self._head += data
            head, blank, body = self._head.partition(b"\r\n\r\n")
            if blank:
                length = _LENGTH.search(head + b"\r\n")
                if not head.startswith(b"HTTP/1.1 200") or length is None:
                    raise CannotMeasure(f"a server answered {head[:60]!r}")
                self._left = int(length[1]) - len(body)
        else:
            self._left -= len(data)
        if not data:
            raise CannotMeasure("a server closed the connection")
        return not self._left


def count_responses(urls: Sequence[str], headers: Mapping[str, str], seconds: float) -> int:
    """Return the number of responses in `seconds`, over several connections at once.

    The connections request the URLs, all of one server, in turns.

    Raises:
        CannotMeasure: the server does not respond, or with another status than 200.
    """
    parts = urlsplit(urls[0])
    address = parts.hostname or "", parts.port or 80
    requests = itertools.cycle([build_request(url, headers) for url in urls])
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(CONNECTIONS):
            connection = _Connection(address, requests)
            stack.enter_context(connection.socket)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        answered, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            events = selector.select(PATIENCE)
            if not events:
                raise CannotMeasure("a server does not answer")
            for key, _ in events:
                if key.data.read_available():
                    answered += 1
                    key.data.send()
        return answered
