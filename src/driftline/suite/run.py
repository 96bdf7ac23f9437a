"""Runs the contract suite in this process and returns its checks as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from typing import Unpack

from driftline.checks import COVERAGE, Check, Usage
from driftline.openapi import Spec
from driftline.project import Project
from driftline.suite.http.target import Handle
from driftline.suite.run_state import Options, Progress, Run, RunSettings
from driftline.suite.runner import Plan, Rank, StopWhen, plan_checks, run_checks


def _ignore_progress(check: Check | None, completed: int, total: int) -> None:
    """Ignore progress."""


def _ignore_usage(usages: Sequence[Usage]) -> None:
    """Ignore usage."""


def run_suite(
    project: Project,
    specs: Sequence[Spec],
    *,
    urls: Mapping[str, str] | None = None,
    allow_writes: Collection[str] = (),
    seed: int = 0,
    run_id: str = "",
    earlier_checks: Sequence[Check] = (),
    handles: Mapping[str, Handle] | None = None,
    on_progress: Progress = _ignore_progress,
    rank: Rank | None = None,
    stop_when: StopWhen | None = None,
    on_end: Callable[[Sequence[Usage]], None] = _ignore_usage,
    **terms: Unpack[RunSettings],
) -> list[Check]:
    """Run all checks over `specs`, against the mock or the servers at `urls`.

    `handles` replace the mocks of APIs. `rank` changes the order of the checks, and `stop_when`
    ends the run after a check. `run_id` is the ID of a live run. `earlier_checks` are included in
    the result and not repeated. `on_end` receives the usage of each live server. With `own_tests`
    in `terms`, pytest also runs the project's own tests in contract_tests/.

    Raises:
        UsageError: an API, operation, URL or environment variable is wrong or missing.
        TargetError: no server has ever responded.
    """
    options = Options(
        urls=urls or {},
        allow_writes=frozenset(allow_writes),
        seed=seed,
        run=run_id,
        earlier_checks=earlier_checks,
        handles=handles or {},
        **terms,
    )
    with closing(Run(specs, options, on_progress)) as run:
        plans = plan_checks(run, rank, options.own_checks)
        checks = _run_all(run, plans, stop_when, project if options.own_tests else None)
    on_end(run.list_usages())
    return checks


def _run_all(
    run: Run, plans: Sequence[Plan], stop_when: StopWhen | None, project: Project | None
) -> list[Check]:
    coverage = [(s.spec.name, s.operation.id, COVERAGE) for s in run.list_subjects()]
    run.start([*(plan.key for plan in plans), *coverage])
    uncollected: list[Check] = []
    try:
        complete = run_checks(run, plans, stop_when)
        if complete and project is not None:
            from driftline.suite.pytest.own_tests import run_own_tests  # noqa: PLC0415 - needs pytest

            uncollected = run_own_tests(project, run)
    except KeyboardInterrupt:
        return [*run.checks, *run.list_unmade()]
    if complete:
        run.stop_if_useless(at_end=True)
        for subject in run.list_subjects():
            run.record(run.check_coverage(subject))
    return [*run.checks, *uncollected]
