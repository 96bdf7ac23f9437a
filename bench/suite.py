"""Compares the findings and the cost of the contract suite with those of `schemathesis run`.

The servers are the mocks of all specs, and mutants of one that the drill makes: one of each common
kind. Neither side stops at the first failure. Seeds are fixed, so that one run of each is enough.
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
from driftline.checks.outgoing import build_outgoing
from driftline.mock import Handle, HttpRequest, HttpResponse, Mock, run_server
from driftline.mutation.clauses import generate_mutants
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.suite.http.target import ROWS, Target as Server
from driftline.suite.run import run_suite

APIS = ("revox", "roark", "zudu")
API = "revox"
"""The mutants are of this one."""
OURS, THEIRS = "driftline", "schemathesis run"
MUTANTS = (
    "response.status/other",
    "response.content-type/wrong",
    "response.json/truncated",
    "response.required/calls[].id",
    "response.undocumented/calls[]",
    "response.enum/calls[].result",
    "parameter.maximum.accepted/page",
    "parameter.enum.rejected/statuses[]/initializing",
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


Outcomes = dict[str, tuple[Outcome, Outcome]]
"""Ours and theirs."""


def measure(rounds: int) -> list[Comparison]:
    """Compare requests and seconds on each server, and the number of mutants with findings.

    Raises:
        CannotMeasure: a mutant no longer exists, or a run failed.
    """
    del rounds
    right = {api: _run_both(api, "") for api in APIS}
    return compare_outcomes(right, {name: _run_both(API, name) for name in MUTANTS})


def compare_outcomes(right: Outcomes, mutants: Outcomes) -> list[Comparison]:
    """Return the comparisons of right mocks, by API, and of mutants, by name."""
    comparisons: list[Comparison] = []
    right_mocks = {f"the right mock of {api}": pair for api, pair in right.items()}
    for subject, (ours, theirs) in (right_mocks | mutants).items():
        labels = (f"{OURS}: {_format_count(ours)}", f"{THEIRS}: {_format_count(theirs)}")
        requests = (float(ours.requests), float(theirs.requests))
        comparisons.append(_compare_both(subject, labels, requests, "requests", None))
        comparisons.append(
            _compare_both(subject, labels, (ours.seconds, theirs.seconds), "s", None)
        )
    labels = (OURS, THEIRS)
    request_counts = [float(sum(pair[side].requests for pair in right.values())) for side in (0, 1)]
    half = Target("at most", 0.5)
    comparisons.append(
        _compare_both(
            "all right mocks", labels, (request_counts[0], request_counts[1]), "requests", half
        )
    )
    noticed = [sum(bool(pair[side].findings) for pair in mutants.values()) for side in (0, 1)]
    subject = f"of {len(mutants)} mutants noticed"
    return [*comparisons, _compare_both(subject, labels, (noticed[0], noticed[1]), "mutants", None)]


def _format_count(outcome: Outcome) -> str:
    return f"{outcome.findings} finding{'s' * (outcome.findings != 1)}"


def _compare_both(
    subject: str,
    labels: tuple[str, str],
    figures: tuple[float, float],
    unit: str,
    target: Target | None,
) -> Comparison:
    # The labels may be alike but for the name: they are keys here.
    rounds = {label: (figure,) for label, figure in zip(labels, figures, strict=True)}
    return compare(rounds, *labels, target, measurement="suite", subject=subject, unit=unit)


def handle_of(spec: Spec, mock: Mock, name: str) -> Handle:
    """Return the handler of the mutant `name`, or of the mock if it is empty.

    Raises:
        CannotMeasure: the mutant does not exist.
    """
    if not name:
        return mock.handle
    for mutant in generate_mutants(spec):
        if mutant.id.endswith(f"/{name}"):
            return mutant.handle(mock, 0)
    raise CannotMeasure(f"{spec.name} has no mutant {name}")


def _run_both(api: str, name: str) -> tuple[Outcome, Outcome]:
    return _run_ours(api, name), _run_theirs(load(_find_file(api)), name)


def _find_file(api: str) -> Path:
    return ROOT / "specs" / f"{api}.yaml"


def _run_ours(api: str, name: str) -> Outcome:
    started = time.perf_counter()
    totals = report("-m", "bench.suite", api, name)
    return Outcome(totals["findings"], totals["requests"], time.perf_counter() - started)


def _count_ours(api: str, name: str) -> dict[str, int]:
    """The whole suite, in this process, as `driftline check` runs it."""
    logging.getLogger("driftline").disabled = True
    spec = load(_find_file(api))
    handle = handle_of(spec, Mock(spec, rows=ROWS), name)
    checks = run_suite(Project(ROOT), [spec], handles={api: handle})
    keys = {finding.key for check in checks for finding in check.findings}
    return {"findings": len(keys), "requests": sum(check.requests for check in checks)}


def _run_theirs(spec: Spec, name: str) -> Outcome:
    """All checks, all phases, with the right credential, over the loopback interface."""
    mock, calls = Mock(spec, rows=ROWS), list[None]()
    served = _count_calls(handle_of(spec, mock, name), calls)
    with tempfile.TemporaryDirectory() as folder, run_server({spec.name: served}) as url:
        file = Path(folder) / "report.json"
        command = [
            *(*run_plainly(spec, _find_file(spec.name), url, seed=1), "--continue-on-failure"),
            *("--report", "json", "--report-json-path", str(file)),
        ]
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # of requests made to be wrong
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
        )
        seconds = time.perf_counter() - started
        if done.returncode not in {0, 1} or not file.is_file():
            raise CannotMeasure(f"{THEIRS} ended with {done.returncode}")
        totals = json.loads(file.read_text())
    return Outcome(totals["test_cases"]["unique_failures"], len(calls), seconds)


def run_plainly(spec: Spec, file: Path, url: str, seed: int) -> list[str]:
    """`schemathesis run` with all checks against a server of `url`, with the right credentials."""
    return [
        *(str(Path(sys.executable).parent / "schemathesis"), "run", str(file.absolute())),
        *("--url", f"{url}/{spec.name}", "--checks", "all", "--seed", str(seed)),
        *(*_list_credentials(spec), "--generation-database", "none"),
    ]


def _list_credentials(spec: Spec) -> list[str]:
    """Return the right credentials as options of schemathesis."""
    operation = spec.operations[0]
    right = Server.mock(spec).choose_credentials(operation)
    headers = build_outgoing(spec, operation, {}, credentials=right).headers
    return [text for name, value in headers for text in ("--header", f"{name}: {value}")]


def _count_calls(handle: Handle, calls: list[None]) -> Callable[[HttpRequest], HttpResponse]:
    def count(request: HttpRequest) -> HttpResponse:
        calls.append(None)
        return handle(request)

    return count


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_count_ours(*sys.argv[1:3])))
