"""The mock under load: a process that is started, killed, measured, and whose log is read."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import attrs
import httpx

from bench.figures import CannotMeasure
from bench.pages import ROOT

FAULTS = (
    "latency=lognormal(2ms,0.5) share=0.2",
    "429 retry-after=1 share=0.02",
    "503 share=0.02",
    "credentials=expired share=0.01",
    "reset=request share=0.01",
    "reset=before share=0.01",
    "reset=body share=0.01",
    "reset=after share=0.01",
    "truncate share=0.01",
    "body=html share=0.01",
    "body=half share=0.01",
    "drip=1ms/4096 share=0.01",
)
START = 30.0
"""Seconds that a start may take."""


@attrs.frozen
class Line:
    """A line of the mock's log: the status that it sent, and the faults that it injected."""

    status: int | None
    faults: tuple[str, ...]


class Served:
    """A mock of three APIs on one file; `lines` has its log lines by number of the request."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.lines: dict[int, list[Line]] = {}
        self.said: list[str] = []
        self._folder, self._port = folder, port
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def size(self) -> int:
        """Bytes of memory that the process has now."""
        assert self._process is not None  # noqa: S101
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def start(self) -> None:
        """Starts it on the file, which is made if it is not there, and waits until it serves.

        Raises:
            CannotMeasure: it does not serve.
        """
        rules = [word for rule in FAULTS for word in ("--fault", rule)]
        where = ["--port", str(self._port), "--db", str(self._folder / "rows.db")]
        command = [sys.executable, "-m", "driftline", "mock", *where, "--log", "json", *rules]
        pipe, null = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, stdout=null, stderr=pipe, text=True
        )
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        end = time.monotonic() + START
        while not self._is_ready():
            if time.monotonic() > end or self._process.poll() is not None:
                raise CannotMeasure("the mock did not start: " + " ".join(self.said[-3:]))
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it as a machine that loses its power would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Asks it to end, and gives its exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: int) -> int:
        assert self._process is not None  # noqa: S101
        assert self._reader is not None  # noqa: S101
        self._process.send_signal(number)
        code = self._process.wait(START)
        self._reader.join(START)
        assert self._process.stderr is not None  # noqa: S101
        self._process.stderr.close()
        return code

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_driftline/ready").status_code == 200
        except httpx.TransportError:
            return False

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None  # noqa: S101
        for text in process.stderr:
            try:
                line: dict[str, Any] = json.loads(text)
                number = int(dict(parse_qsl(line["query"]))["soak"])
            except (ValueError, KeyError):
                if not text.startswith('{"time"'):
                    self.said.append(text.strip())
                continue
            log_line = Line(line["status"], tuple(line["faults"]))
            self.lines.setdefault(number, []).append(log_line)
