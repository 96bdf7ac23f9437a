"""Serves one port by several processes, each of which answers whoever it is that comes to it."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from socket import socket
from typing import Any

from driftline.errors import DriftlineError, TargetError
from driftline.mock.server import GRACE, bound_to, server_of, url_of
from driftline.mock.site import Site

__all__ = ["serve_many"]

_CANNOT_START = 3
_GLANCE = 0.2
"""Seconds between two looks at whether anything is to be done."""


def serve_many(
    make: Callable[[], Site],
    workers: int,
    host: str = "127.0.0.1",
    port: int = 8080,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serves what `make`, called in each worker, makes, until it is interrupted or terminated.

    A worker that dies is started again. `on_ready` is told the URL once connections are taken.
    To be called in the main thread, where signals come; `make` has to be one that can be pickled.

    Raises:
        TargetError: the port cannot be opened, or a worker cannot start.
        KeyboardInterrupt: it was interrupted.
    """
    with bound_to(host, port) as bound, _asked_to_stop() as asked:
        if on_ready is not None:
            on_ready(url_of(host, bound))
        team = _Team(make, bound)
        try:
            team.start(workers)
            while not asked:
                team.look_after(f"{host}:{port}")
        finally:
            team.stop()
    if signal.SIGINT in asked:
        raise KeyboardInterrupt


@contextmanager
def _asked_to_stop() -> Generator[list[int]]:
    """The signals that have come meanwhile."""
    asked: list[int] = []

    def note(number: int, _: object) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Team:
    """The processes, which end when their parent says so, or is no more."""

    def __init__(self, make: Callable[[], Site], bound: socket) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._alive, self._held = self._context.Pipe(duplex=False)
        self._arguments: tuple[Any, ...] = (make, bound, self._alive)
        self._workers: list[SpawnProcess] = []

    def start(self, count: int) -> None:
        for _ in range(count):
            worker = self._context.Process(target=_work, args=self._arguments, daemon=True)
            worker.start()
            self._workers.append(worker)

    def look_after(self, place: str) -> None:
        """Waits a little; starts a worker for each that has died.

        Raises:
            TargetError: it could not even start.
        """
        wait([worker.sentinel for worker in self._workers], _GLANCE)
        dead = [worker for worker in self._workers if worker.exitcode is not None]
        if any(worker.exitcode == _CANNOT_START for worker in dead):
            raise TargetError(place, "a worker cannot start", "What it said stands above.")
        self._workers = [worker for worker in self._workers if worker not in dead]
        self.start(len(dead))

    def stop(self) -> None:
        """Lets each finish what it has begun, for a while."""
        self._held.close()
        for worker in self._workers:
            worker.join(2 * GRACE)
            if worker.exitcode is None:
                worker.kill()
                worker.join()
        self._alive.close()


def _work(make: Callable[[], Site], bound: socket, alive: Connection) -> None:
    """Serves until the parent closes its end, or ends."""
    # A terminal, or what runs services, sends a signal to all of them: the parent decides.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    try:
        server = server_of(make())
    except DriftlineError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(_CANNOT_START)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    while thread.is_alive() and not alive.poll(_GLANCE):
        pass
    server.should_exit = True
    thread.join()
