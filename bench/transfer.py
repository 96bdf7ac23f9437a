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
    """Return CPU seconds and MB of each client's process by round, for upload and download."""
    rounds_by_transfer: dict[str, dict[str, Rounds]] = {}
    with tempfile.TemporaryDirectory() as folder, _run_server(size) as url:
        sent, download = Path(folder) / "sent", Path(folder) / "kept"
        with sent.open("wb") as file:
            file.truncate(size)
        for transfer, path in (("upload", sent), ("download", download)):
            figures: dict[str, list[dict[str, float]]] = {OURS: [], HTTPX: []}
            for number, name in generate_turns(list(figures), rounds):
                who = "ours" if name == OURS else "httpx"
                # Neither has to make room for its file beside the one before.
                download.unlink(missing_ok=True)
                figure = report("-m", "bench.transferring", who, transfer, url, str(path))
                if number >= 0:
                    figures[name].append(figure)
            rounds_by_transfer[transfer] = {
                "cpu": {
                    n: tuple(process_figure["cpu"] for process_figure in f)
                    for n, f in figures.items()
                },
                "size": {
                    n: tuple(process_figure["largest"] / 1e6 for process_figure in f)
                    for n, f in figures.items()
                },
            }
    return rounds_by_transfer


def measure(rounds: int) -> list[Comparison]:
    """Compare ours with httpx."""
    comparisons: list[Comparison] = []
    for transfer, rounds_by_metric in measure_transfer(SIZE, min(rounds, _ROUNDS)).items():
        subject = f"{transfer} of 1 GB"
        cpu, size = Target("at most", 1.2), Target("at most", 80, of="figure")
        names = (OURS, HTTPX)
        comparisons += [
            compare(
                rounds_by_metric["cpu"],
                *names,
                cpu,
                measurement="transfer",
                subject=subject,
                unit="CPU s",
            ),
            compare(
                rounds_by_metric["size"],
                *names,
                size,
                measurement="transfer",
                subject=subject,
                unit="MB",
            ),
        ]
    return comparisons
