"""`scripts/outside`: the mock beside `schemathesis run`, and the suite beside planted faults."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import attrs
import click

from bench.faulty import AppResult, find_snapshot, format_results, measure_faults
from bench.pages import ROOT
from bench.suite import run_plainly
from driftline.mock import Mock, Site, run_server
from driftline.openapi import Spec, load

PATIENCE = 1800
SUMMARY = "SUMMARY"


@attrs.frozen
class Verdict:
    """The exit code of one run, of which only 0 is right, its summary, and its duration."""

    code: int
    output: str
    seconds: float


def run_outside(spec: Spec, file: Path, seed: int, *options: str) -> Verdict:
    """Runs it plain against the mock on a port of this machine, with the right credentials."""
    mock = Mock(spec)
    with tempfile.TemporaryDirectory() as folder, run_server(Site({spec.name: mock})) as url:
        command = [*run_plainly(spec, file, url, seed), *options]
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        seconds = time.perf_counter() - started
    output = (done.stdout + done.stderr).strip()
    return Verdict(done.returncode, output.rpartition(SUMMARY)[2].strip("= \n"), seconds)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Compare driftline with what others made."""


@main.command("mocks")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True)
def check_mocks(files: tuple[Path, ...], seeds: int) -> None:
    """Run `schemathesis run` with all checks against the mock of each document, seed by seed.

    FILE is an OpenAPI 3.1 document; with none named, the project's own and two foreign ones. Exit
    code 1: there was a failure.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # of requests made to be wrong
    own = [*(ROOT / "specs").glob("*.yaml"), *(ROOT / "tests/acceptance/specs").iterdir()]
    failed = 0
    for file in files or sorted(own):
        spec = load(file)
        for seed in range(1, seeds + 1):
            verdict = run_outside(spec, file, seed)
            outcome = (
                "no failure" if verdict.code == 0 else f"exit code {verdict.code}\n{verdict.output}"
            )
            click.echo(f"{spec.name}, seed {seed}, {verdict.seconds:.0f} s: {outcome}")
            failed += verdict.code != 0
    click.echo(f"{failed} runs with failures")
    click.get_current_context().exit(1 if failed else 0)


@main.command("faults")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--python", default=sys.executable, help="Python that has the servers' dependencies.")
@click.option("--only", default="*", metavar="GLOB", help="Run only apps of this name.")
def count_faults(folder: Path, python: str, only: str) -> None:
    """Run driftline and schemathesis against the faulty servers of a snapshot.

    FOLDER is a checkout of schemathesis or RESTler: `bench/faulty.toml` lists their faults.
    """
    results = list[AppResult]()
    for result in measure_faults(find_snapshot(folder), folder, python, only):
        click.echo(f"{result.app}: {result.seconds:.0f} s", err=True)
        results.append(result)
    click.echo(format_results(results))


if __name__ == "__main__":
    main(prog_name="scripts/outside")
