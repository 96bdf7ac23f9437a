"""A server in a process of its own that always answers the mock's pages, as fast as it can.

It knows the bytes by the request's `limit`, so that what a server does weighs on no client.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

from bench.figures import CannotMeasure
from bench.pages import PAGE, ROOT, page

LIMITS = (1, PAGE)
END = b"\r\n\r\n"


def _answer(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + END + body


class _Fixed(asyncio.Protocol):
    """One connection: each request without a body gets a response as soon as it is there."""

    def __init__(self, answers: dict[int, bytes]) -> None:
        self._answers = [(f"limit={limit} ".encode(), answers[limit]) for limit in answers]
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._buffer = (self._buffer + data).split(END)
        for head in heads:
            line = head.partition(b"HTTP/1.1")[0]
            answer = next((body for limit, body in self._answers if line.endswith(limit)), None)
            self._transport.write(answer or b"HTTP/1.1 404 Not Found\r\nContent-Length: 0" + END)


async def _serve() -> None:
    answers = {limit: _answer(page(limit)) for limit in LIMITS}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Fixed(answers), "127.0.0.1", 0, backlog=256)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # Whoever started it holds its standard input; when that closes, there is nobody left to serve.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


@contextmanager
def run_server() -> Generator[str]:
    """Runs the server, and gives its URL.

    Raises:
        CannotMeasure: it did not start.
    """
    command = [sys.executable, "-m", "bench.server"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        try:
            port = process.stdout.readline().strip()
            if not port:
                raise CannotMeasure("the server that is to be called did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(_serve())
