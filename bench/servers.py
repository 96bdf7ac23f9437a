"""The servers that are compared, each in a process of its own: the mock, Prism and Starlette."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import attrs

from bench.figures import CannotMeasure
from bench.pages import ROOT

PRISM = "5.14.2"
HEADERS = {"Authorization": "Bearer mock-roark-bearer-token", "Accept": "application/json"}
STARLETTE = (sys.executable, "-m", "bench.starlette_server", "{port}")
_PROC = Path("/proc")
_WAIT = 60.0


def mock(rows: int) -> Sequence[str]:
    """The command that serves our mock of Roark."""
    script = shutil.which("driftline", path=str(Path(sys.executable).parent))
    if script is None:
        raise CannotMeasure("driftline is not installed beside this Python")
    return (script, "mock", "roark", "--rows", str(rows), "--port", "{port}")


def build_prism_command() -> Sequence[str]:
    """Return the command that serves the spec by Prism, which npm installs into `.cache`.

    Raises:
        CannotMeasure: it cannot be installed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise CannotMeasure("node and npm, which Prism needs, are not on the PATH")
    folder = ROOT / ".cache" / f"prism-{PRISM}"
    script = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not script.exists():
        package = f"@stoplight/prism-cli@{PRISM}"
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", package]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603
        if done.returncode or not script.exists():
            reason = done.stderr.strip().splitlines() or ["npm did not install it"]
            raise CannotMeasure(f"Prism cannot be installed: {reason[-1]}")
    spec = str(ROOT / "specs" / "roark.yaml")
    return (node, str(script), "mock", "--port", "{port}", "--verboseLevel", "error", spec)


@attrs.frozen(eq=False)
class Running:
    """A server that answers, and how long it took from its process's start to the first answer."""

    pid: int
    url: str
    seconds: float

    def measure_cpu(self) -> float:
        """CPU seconds of the process so far."""
        fields = (_PROC / str(self.pid) / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measure_resident(self) -> float:
        """Megabytes of the process in memory."""
        pages = (_PROC / str(self.pid) / "statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def run_server(
    command: Sequence[str], path: str, headers: Mapping[str, str] = HEADERS
) -> Generator[Running]:
    """Starts a server, `{port}` in its command being one that is free; ends it at the end.

    Raises:
        CannotMeasure: it does not answer GET `path` with 200, or this system has no /proc.
    """
    if not _PROC.exists():
        raise CannotMeasure(f"there is no {_PROC}: only Linux tells of other processes there")
    port = _find_free_port()
    filled = [word.replace("{port}", str(port)) for word in command]
    quiet = subprocess.DEVNULL
    start = time.perf_counter()
    with subprocess.Popen(filled, cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet) as process:  # noqa: S603
        try:
            _wait_for_response(process, port, path, headers)
            seconds = time.perf_counter() - start
            yield Running(process.pid, f"http://127.0.0.1:{port}", seconds)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()


def _find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port: int = bound.getsockname()[1]
    return port


def _wait_for_response(
    process: subprocess.Popen[bytes], port: int, path: str, headers: Mapping[str, str]
) -> None:
    """Waits for the first response."""
    until = time.monotonic() + _WAIT
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=_WAIT)
        try:
            connection.request("GET", path, headers=dict(headers))
            status = connection.getresponse().status
        except (OSError, HTTPException):
            if process.poll() is not None or time.monotonic() > until:
                raise CannotMeasure(f"{process.args!r} did not start") from None
            time.sleep(0.005)
            continue
        finally:
            connection.close()
        if status != 200:
            raise CannotMeasure(f"a server answered {path} by {status}")
        return
