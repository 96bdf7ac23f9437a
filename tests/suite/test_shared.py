"""The suite in several processes (pytest-xdist) merges the coverage of all workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import ROOT
from .pytest_runs import run_pytest

SPECS = f"--specs={ROOT / 'specs'}"


def test_two_workers_pass_with_merged_coverage() -> None:
    """With two workers, every test passes and the coverage of both is merged."""
    process = run_pytest("--api=zudu", "-n2", "--dist=load")
    assert (process.returncode, " passed" in process.stdout) == (0, True), (
        process.stdout + process.stderr
    )
    assert "was judged" not in process.stdout


@pytest.mark.parametrize("workers", ["-n0", "-n2"])
def test_an_operation_that_no_worker_called_fails_the_run(tmp_path: Path, workers: str) -> None:
    """An operation that no worker called fails the run once, with any number of workers."""
    suite = tmp_path / "contract_tests"
    suite.mkdir()
    (suite / "conftest.py").write_text('pytest_plugins = ["driftline.suite.pytest.plugin"]\n')
    (suite / "test_own.py").write_text("def test_nothing(operation): pass\n")
    process = run_pytest("--api=roark", workers, SPECS, folder=tmp_path)
    assert process.returncode == 1, process.stdout + process.stderr
    assert process.stdout.count("roark call.create: no response of call.create was judged") == 1


def test_a_finding_of_a_worker_fails_its_test(tmp_path: Path) -> None:
    """Drift that a worker finds fails its test, and the coverage adds no second failure."""
    suite = tmp_path / "contract_tests"
    suite.mkdir()
    (suite / "conftest.py").write_text('pytest_plugins = ["driftline.suite.pytest.plugin"]\n')
    (suite / "test_own.py").write_text(DRIFT)
    process = run_pytest("--api=zudu", "-n2", SPECS, folder=tmp_path)
    assert process.returncode == 1, process.stdout + process.stderr
    assert "breaking response.required.missing: it is missing" in process.stdout
    assert "was judged" not in process.stdout


DRIFT = """
def test_own(operation, examine):
    def drifting(probe):
        probe.report(
            "response.required.missing", "/paths", message="it is missing", expected="a", got="b"
        )
    examine(operation, drifting)
"""


@pytest.mark.parametrize("workers", ["-n1", "-n2"])
def test_a_live_server_is_not_called_by_workers(workers: str) -> None:
    """A live run with several workers is an error before any request."""
    environ = {"ROARK_API_BEARER_TOKEN": "secret-token"}
    process = run_pytest("--url=roark=http://127.0.0.1:9", workers, environ=environ)
    output = process.stdout + process.stderr
    assert (process.returncode, "single worker" in output) == (2, True), output
    assert "Traceback" not in output


def test_pytest_runs_a_shard() -> None:
    """`--shard` selects the tests of its operations, and the summary reports an empty shard."""
    process = run_pytest("--api=roark", "--shard=1/3", "--collect-only")
    ids = {line.partition("[")[2] for line in process.stdout.splitlines() if "::" in line}
    assert len({test_id.rpartition("roark-")[2] for test_id in ids}) == 1, process.stdout
    empty = run_pytest("--api=roark", "--shard=9/9")
    assert (empty.returncode, "shard 9/9: no operation" in empty.stdout) == (0, True), empty.stdout
    wrong_process = run_pytest("--shard=4/3")
    assert (
        wrong_process.returncode,
        "invalid shard" in wrong_process.stdout + wrong_process.stderr,
    ) == (2, True)
