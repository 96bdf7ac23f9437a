"""1 GB up and down: CPU time and memory of a fresh process, beside plain httpx."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.children import report
from bench.figures import CannotMeasure, Comparison, Rounds, Target, compare
from bench.pages import ROOT
from bench.rounds import generate_turns

SIZE = 1_000_000_000
OURS, HTTPX = "driftline", "httpx"
_ROUNDS = 3
"""A gigabyte is moved eight times in each."""


@contextmanager
def _run_server(size: int) -> Generator[str]:
    command = [sys.executable, "-m", "bench.transfer_server", str(size)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            port = server.stdout.readline().strip() if server.stdout else ""
            if not port:
                raise CannotMeasure("the server did not start")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def measure_transfer(size: int, rounds: int) -> dict[str, dict[str, Rounds]]:
    """By upload and download: CPU seconds and MB of each client's process, round by round."""
    found: dict[str, dict[str, Rounds]] = {}
    with tempfile.TemporaryDirectory() as folder, _run_server(size) as url:
        sent, kept = Path(folder) / "sent", Path(folder) / "kept"
        with sent.open("wb") as file:
            file.truncate(size)
        for way, path in (("upload", sent), ("download", kept)):
            figures: dict[str, list[dict[str, float]]] = {OURS: [], HTTPX: []}
            for number, name in generate_turns(list(figures), rounds):
                who = "ours" if name == OURS else "httpx"
                # Neither has to make room for its file beside the one before.
                kept.unlink(missing_ok=True)
                figure = report("-m", "bench.transferring", who, way, url, str(path))
                if number >= 0:
                    figures[name].append(figure)
            found[way] = {
                "cpu": {n: tuple(each["cpu"] for each in f) for n, f in figures.items()},
                "size": {n: tuple(each["largest"] / 1e6 for each in f) for n, f in figures.items()},
            }
    return found


def measure(rounds: int) -> list[Comparison]:
    """Ours against httpx."""
    made: list[Comparison] = []
    for way, found in measure_transfer(SIZE, min(rounds, _ROUNDS)).items():
        what = f"{way} of 1 GB"
        cpu, size = Target("at most", 1.2), Target("at most", 80, of="figure")
        names = (OURS, HTTPX)
        made += [
            compare(found["cpu"], *names, cpu, measurement="transfer", what=what, unit="CPU s"),
            compare(found["size"], *names, size, measurement="transfer", what=what, unit="MB"),
        ]
    return made
