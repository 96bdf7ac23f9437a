"""Runs a project's own tests, which are in contract_tests/ beside the registered checks."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from driftline.checks import Check
from driftline.project import Project
from driftline.suite.pytest.items import HARNESS, is_registered
from driftline.suite.run_state import Run

# Variables by which the environment would change the run.
_ENVIRONMENT = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST")
_UNWANTED_PLUGINS = (
    "terminal",
    "cacheprovider",
    "capture",
    "logging",
    "junitxml",
    "pastebin",
    "faulthandler",
    "threadexception",
    "unraisableexception",  # it collects garbage, five times over, at the end of each run
)


def run_own_tests(project: Project, run: Run) -> list[Check]:
    """Run the project's own tests, and record their checks in `run`.

    Returns the modules that could not be collected, as checks with an error.

    Raises:
        KeyboardInterrupt: the tests were interrupted.
    """
    suite = project.suite.resolve()
    harness = _Harness(run)
    with _isolate(suite):
        code = pytest.main(_build_arguments(suite), plugins=[harness])
    if run.error is not None:
        raise run.error
    if code == pytest.ExitCode.INTERRUPTED and not harness.uncollected:
        raise KeyboardInterrupt
    return harness.uncollected


def _build_arguments(suite: Path) -> list[str]:
    return [
        str(suite),
        f"--rootdir={suite}",
        f"--confcutdir={suite}",
        f"--config-file={os.devnull}",
        "--import-mode=importlib",
        "--assert=plain",
        "-Wignore",
        "--continue-on-collection-errors",
        *(f"-pno:{name}" for name in _UNWANTED_PLUGINS),
    ]


class _Harness:
    """The plugin that passes the run on and keeps collection errors."""

    def __init__(self, run: Run) -> None:
        setattr(self, HARNESS, run)
        self.uncollected: list[Check] = []
        self._run = run

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Deselect the registered checks, which have already run."""
        items[:] = [item for item in items if not is_registered(item)]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            detail = self._run.scrub(report.longreprtext)[-500:]
            check = Check(api="", operation="", name=report.nodeid, outcome="error", detail=detail)
            self.uncollected.append(check)


@contextmanager
def _isolate(suite: Path) -> Generator[None]:
    """Isolate the tests from an outer pytest run, and remove the suite's modules afterwards."""
    environment = {name: os.environ.pop(name) for name in _ENVIRONMENT if name in os.environ}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ |= environment
        if autoload is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = autoload
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(f"{suite}{os.sep}"):
                del sys.modules[name]
