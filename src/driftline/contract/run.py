"""Runs the contract suite in this process, and gives back its checks as data."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

import pytest

from driftline.contract.items import HARNESS, check_of
from driftline.contract.state import Options, Progress, Run, Terms
from driftline.contract.target import ROWS, Handle
from driftline.findings import Check, Usage
from driftline.project import Project
from driftline.spec.model import Spec

__all__ = ["ROWS", "Rank", "run_suite"]

Rank = Callable[[str, str], int | None]
"""When a check is made, by its operation and name: the lowest first, None not at all."""

# What would let the surroundings of this process into the run.
_SURROUNDINGS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST")


def _quiet(check: Check | None, done: int, total: int) -> None:
    """Progress that nobody watches."""


def _unheard(usages: Sequence[Usage]) -> None:
    """Figures that nobody asks for."""


def run_suite(
    project: Project,
    specs: Sequence[Spec],
    *,
    urls: Mapping[str, str] | None = None,
    allow_writes: Sequence[str] = (),
    seed: int = 0,
    run_id: str = "",
    known: Sequence[Check] = (),
    handles: Mapping[str, Handle] | None = None,
    on_progress: Progress = _quiet,
    rank: Rank | None = None,
    stop_when: Callable[[Check], bool] | None = None,
    on_end: Callable[[Sequence[Usage]], None] = _unheard,
    **terms: Unpack[Terms],
) -> list[Check]:
    """One run of `project.suite` over `specs`: the mock, or the servers at `urls`.

    `handles` takes the place of an API's mock. `rank` gives the checks another order, and
    `stop_when` ends the run after a check. A live run has the ID `run_id`; the checks `known` are
    taken over and not made again. `on_end` is told what was used of each live server. May be
    called again, and from within a test.

    Raises:
        UsageError: an API, operation, URL or environment variable is wrong or missing.
        TargetError: no server has ever answered.
    """
    options = Options(
        urls=urls or {},
        allow_writes=frozenset(allow_writes),
        seed=seed,
        run=run_id,
        known=known,
        handles=handles or {},
        **terms,
    )
    harness = _Harness(Run(specs, options, on_progress), rank, stop_when)
    suite = project.suite.resolve()
    with _alone(suite):
        code = pytest.main(_arguments(suite), plugins=[harness])
    on_end(harness.run.usages())
    return harness.checks(interrupted=code == pytest.ExitCode.INTERRUPTED and stop_when is None)


def _arguments(suite: Path) -> list[str]:
    quiet = (
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
    return [
        str(suite),
        f"--rootdir={suite}",
        f"--confcutdir={suite}",
        f"--config-file={os.devnull}",
        "--import-mode=importlib",
        "--assert=plain",
        "-Wignore",
        "--continue-on-collection-errors",
        *(f"-pno:{name}" for name in quiet),
    ]


class _Harness:
    """The plugin that hands the run over, and keeps what could not even be collected."""

    def __init__(
        self, run: Run, rank: Rank | None, stop_when: Callable[[Check], bool] | None
    ) -> None:
        setattr(self, HARNESS, run)
        self.run = run
        self.unread: list[Check] = []
        self._rank = rank
        self._stop_when = stop_when

    def checks(self, *, interrupted: bool) -> list[Check]:
        """Every check of the run, those that it did not come to as errors; or its own error."""
        if self.run.error is not None:
            raise self.run.error
        return [*self.run.checks, *(self.run.unmade() if interrupted else ()), *self.unread]

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Puts the checks in the order that was asked for."""
        if self._rank is not None:
            ranks = {item: self._rank(*check_of(item)) for item in items}
            kept = [item for item in items if ranks[item] is not None]
            items[:] = sorted(kept, key=lambda item: ranks[item] or 0)

    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """Ends the run after a check that is enough."""
        last = self.run.checks[-1:]
        if self._stop_when is not None and any(map(self._stop_when, last)):
            item.session.shouldstop = "enough is known"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            detail = self.run.scrub(report.longreprtext)[-500:]
            check = Check(api="", operation="", name=report.nodeid, outcome="error", detail=detail)
            self.unread.append(check)


@contextmanager
def _alone(suite: Path) -> Generator[None]:
    """Nothing of the caller's pytest run gets in, and no module of the suite stays behind."""
    kept = {name: os.environ.pop(name) for name in _SURROUNDINGS if name in os.environ}
    autoload = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        os.environ |= kept
        if autoload is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = autoload
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(f"{suite}{os.sep}"):
                del sys.modules[name]
