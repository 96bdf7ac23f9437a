"""The contract suite beside `schemathesis run`: what each finds on the same servers, at what cost.

The servers are the mock of one spec, and mutants of it that the drill makes: one of each common
kind. Seeds are fixed, so that one run of each is enough.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import attrs

from bench.children import report
from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.pages import ROOT
from driftline.contract.run import run_suite
from driftline.drill.clauses import mutants
from driftline.mock import Handle, Mock, Request, Response, running
from driftline.project import Project
from driftline.spec import Spec, load

__all__ = ["MUTANTS", "Outcome", "comparisons", "handle_of", "measure"]

API = "revox"
SPEC = ROOT / "specs" / f"{API}.yaml"
OURS, THEIRS = "driftline", "schemathesis run"
MUTANTS = (
    "response.status/other",
    "response.content-type/wrong",
    "response.json/truncated",
    "response.required/calls[].id",
    "response.undocumented/calls[]",
    "response.enum/calls[].result",
    "parameter.maximum.accepted/page",
    "parameter.enum.refused/statuses[]/initializing",
    "security.accepted/apiKey/missing",
    "listing.page/row-twice",
    "listing.size/more",
    "listing.filter/statuses/ignored",
)
"""By the end of their IDs."""


@attrs.frozen
class Outcome:
    """What one run found, with how many requests, in how many seconds of its process."""

    findings: int
    requests: int
    seconds: float


def measure(rounds: int) -> list[Comparison]:
    """Requests and seconds on each server, and on how many of the mutants anything was found.

    Raises:
        CannotMeasure: a mutant is there no more, or a run failed.
    """
    del rounds
    spec = load(SPEC)
    found = {name: (_ours(name), _theirs(spec, name)) for name in ("", *MUTANTS)}
    return comparisons(found)


def comparisons(found: dict[str, tuple[Outcome, Outcome]]) -> list[Comparison]:
    """What the outcomes by mutant come to; "" is the right mock."""
    made: list[Comparison] = []
    for name, (ours, theirs) in found.items():
        labels = (f"{OURS}: {_told(ours)}", f"{THEIRS}: {_told(theirs)}")
        what = name or "the right mock"
        requests = (float(ours.requests), float(theirs.requests))
        made.append(_beside(what, labels, requests, "requests", Target("at most", 0.5)))
        made.append(_beside(what, labels, (ours.seconds, theirs.seconds), "s", None))
    noticed = [sum(bool(pair[side].findings) for name, pair in found.items() if name)
               for side in (0, 1)]  # fmt: skip
    what, labels = f"of {len(found) - 1} mutants noticed", (OURS, THEIRS)
    return [*made, _beside(what, labels, (noticed[0], noticed[1]), "mutants", None)]


def _told(outcome: Outcome) -> str:
    return f"{outcome.findings} finding{'s' * (outcome.findings != 1)}"


def _beside(
    what: str,
    labels: tuple[str, str],
    figures: tuple[float, float],
    unit: str,
    target: Target | None,
) -> Comparison:
    # The labels may be alike but for the name: they are keys here.
    rounds = {label: (figure,) for label, figure in zip(labels, figures, strict=True)}
    return compare(rounds, *labels, target, measurement="suite", what=what, unit=unit)


def handle_of(spec: Spec, mock: Mock, name: str) -> Handle:
    """The server that `name` stands for.

    Raises:
        CannotMeasure: there is no such mutant.
    """
    if not name:
        return mock.handle
    for mutant in mutants(spec):
        if mutant.id.endswith(f"/{name}"):
            return mutant.handle(mock, 0)
    raise CannotMeasure(f"{API} has no mutant {name}")


def _ours(name: str) -> Outcome:
    started = time.perf_counter()
    made = report("-m", "bench.suite", name)
    return Outcome(made["findings"], made["requests"], time.perf_counter() - started)


def _run_ours(name: str) -> dict[str, int]:
    """The whole suite, in this process, as `driftline check` runs it."""
    logging.getLogger("driftline").disabled = True
    spec = load(SPEC)
    checks = run_suite(Project(ROOT), [spec], handles={API: handle_of(spec, Mock(spec), name)})
    keys = {finding.key for check in checks for finding in check.findings}
    return {"findings": len(keys), "requests": sum(check.requests for check in checks)}


def _theirs(spec: Spec, name: str) -> Outcome:
    """All checks, all phases, with the right credential, over the loopback interface."""
    mock, calls = Mock(spec), list[None]()
    served = _counted(handle_of(spec, mock, name), calls)
    (credential,) = mock.credentials.values()
    with tempfile.TemporaryDirectory() as folder, running({API: served}) as url:
        file = Path(folder) / "report.json"
        command = [
            *(str(Path(sys.executable).parent / "schemathesis"), "run", str(SPEC)),
            *("--url", f"{url}/{API}", "--checks", "all", "--seed", "1"),
            *("--header", f"Authorization: Bearer {credential}"),
            *("--generation-database", "none", "--report", "json"),
            *("--report-json-path", str(file)),
        ]
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # of requests made to be wrong
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
        )
        seconds = time.perf_counter() - started
        if done.returncode not in {0, 1} or not file.is_file():
            raise CannotMeasure(f"{THEIRS} ended with {done.returncode}")
        made = json.loads(file.read_text())
    return Outcome(made["test_cases"]["unique_failures"], len(calls), seconds)


def _counted(handle: Handle, calls: list[None]) -> Callable[[Request], Response]:
    def counting(request: Request) -> Response:
        calls.append(None)
        return handle(request)

    return counting


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run_ours(sys.argv[1])))
