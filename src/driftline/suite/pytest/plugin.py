"""The pytest plugin of `contract_tests/`: options, one test per operation, recorded checks.

The suite's conftest.py names it in `pytest_plugins`; other pytest runs do not load it. With
pytest-xdist, each worker has its own run, and sends each check to the controller.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from driftline import openapi
from driftline.checks import COVERAGE, SUBSETS, Check
from driftline.errors import DriftlineError, TargetError, UsageError
from driftline.project import Project
from driftline.shard import Shard
from driftline.suite.http.target import parse_url_pairs
from driftline.suite.probe import Examination
from driftline.suite.pytest.items import HARNESS, PLANNED, find_check_name, find_subject
from driftline.suite.run_state import Options, Run, Subject, explain
from driftline.suite.runner import plan_checks

Examine = Callable[[Subject, Examination], None]

PROPERTY = "driftline-check"
_RUN: pytest.StashKey[Run] = pytest.StashKey()
_IS_OWN: pytest.StashKey[bool] = pytest.StashKey()
"""Whether the plugin started the run; otherwise, the harness checks the coverage."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a contract run."""
    group = parser.getgroup("driftline", "contract suite")
    group.addoption("--api", action="append", default=[], metavar="NAME", help="only this API")
    group.addoption(
        "--url", action="append", default=[], metavar="API=URL", help="a live server, not the mock"
    )
    group.addoption(
        "--allow-writes",
        action="append",
        default=[],
        metavar="OPERATION",
        help="send this write to a live server too",
    )
    group.addoption("--shard", default="1/1", metavar="I/N", help="run only shard I of N")
    group.addoption(
        "--examples",
        default="",
        metavar="PLACE",
        help="keep failing examples in a directory or at redis://…",
    )
    group.addoption("--specs", default=None, metavar="DIR", help="directory of the specs")
    group.addoption("--seed", type=int, default=0, help="seed for mock data and generated requests")
    group.addoption(
        "--max-requests",
        type=int,
        default=2000,
        metavar="N",
        help="maximum number of requests to each live server",
    )
    group.addoption(
        "--rate",
        type=int,
        default=10,
        metavar="N",
        help="maximum requests per second to a live server",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Open the run: that of the harness, or one built from the options."""
    if _is_shared(config) and config.option.url:
        message = "live runs need a single worker: budget and rate apply to the whole run"
        pytest.exit(str(UsageError(message, "Leave out -n, or pass -n 0.")), returncode=2)
    plugins = config.pluginmanager.get_plugins()
    brought = (getattr(plugin, HARNESS, None) for plugin in plugins)
    harness_run: Run | None = next(filter(None, brought), None)
    config.stash[_RUN] = harness_run or _start_run(config)
    config.stash[_IS_OWN] = harness_run is None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the connections."""
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.close()


def _start_run(config: pytest.Config) -> Run:
    arguments: Any = config.option
    try:
        specs = (
            Path(arguments.specs)
            if arguments.specs
            else Project.find(config.invocation_params.dir).specs
        )
        options = Options(
            urls=dict(parse_url_pairs(arguments.url)),
            allow_writes=frozenset(arguments.allow_writes),
            seed=arguments.seed,
            max_requests=arguments.max_requests,
            rate=arguments.rate,
            shard=Shard.parse(arguments.shard),
            examples=arguments.examples,
        )
        paths = openapi.find(specs, arguments.api)
        return Run([openapi.load(path) for path in paths], options)
    except DriftlineError as error:
        pytest.exit(str(error), returncode=2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize a test by the operations of its argument, or by the planned checks."""
    run = metafunc.config.stash[_RUN]
    if PLANNED in metafunc.fixturenames:
        plans = plan_checks(run)
        metafunc.parametrize(PLANNED, [pytest.param(plan, id=plan.id) for plan in plans])
    for name, belongs in SUBSETS.items():
        if name in metafunc.fixturenames and not _is_parametrized(metafunc, name):
            subjects = [
                subject
                for subject in run.list_subjects()
                if belongs(subject.spec, subject.operation)
            ]
            metafunc.parametrize(
                name, [pytest.param(subject, id=subject.id) for subject in subjects]
            )


def _is_parametrized(metafunc: pytest.Metafunc, name: str) -> bool:
    """Return whether a test parametrizes the argument itself."""
    for mark in metafunc.definition.iter_markers("parametrize"):
        names: str | Sequence[str] = mark.args[0] if mark.args else mark.kwargs["argnames"]
        if name in (
            [argument.strip() for argument in names.split(",")] if isinstance(names, str) else names
        ):
            return True
    return False


def pytest_collection_finish(session: pytest.Session) -> None:
    """Announce the planned checks."""
    run = session.config.stash[_RUN]
    pairs = ((find_subject(item), find_check_name(item)) for item in session.items)
    planned_keys = [
        (subject.spec.name, subject.operation.id, name) for subject, name in pairs if subject
    ]
    if _is_whole(session):
        planned_keys += [
            (subject.spec.name, subject.operation.id, COVERAGE) for subject in run.list_subjects()
        ]
    run.start(planned_keys)


@pytest.fixture
def examine(request: pytest.FixtureRequest) -> Examine:
    """Run one examination on one operation, record the check, and fail on drift."""
    run = request.config.stash[_RUN]
    item: pytest.Item = request.node

    def call(subject: Subject, examination: Examination) -> None:
        __tracebackhide__ = True
        name = find_check_name(item)
        try:
            check = run.examine(subject, name, examination)
        except TargetError as error:
            pytest.exit(str(error), returncode=2)
        _record(item, run, check)
        if check.outcome == "not-sent":
            pytest.skip(check.detail)
        if check.outcome != "passed":
            explanation = explain(check.findings)
            pytest.fail("\n".join(filter(None, (explanation, check.detail))), pytrace=False)

    return call


def _record(item: pytest.Item, run: Run, check: Check) -> None:
    item.user_properties.append((PROPERTY, check.to_dict()))
    run.record(check)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record a test that failed before its check as a check with an error."""
    report = yield
    subject = find_subject(item)
    is_recorded = any(name == PROPERTY for name, _ in item.user_properties)
    if report.failed and subject is not None and not is_recorded:
        run = item.config.stash[_RUN]
        detail = str(call.excinfo.value) if call.excinfo else report.longreprtext
        check = Check(
            api=subject.spec.name,
            operation=subject.operation.id,
            name=find_check_name(item),
            outcome="error",
            detail=run.scrub(detail)[:500],
            seconds=call.duration,
        )
        _record(item, run, check)
        report.user_properties = item.user_properties
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Record the check of a worker once, although later reports repeat it."""
    config: pytest.Config | None = getattr(getattr(report, "node", None), "config", None)
    run = config.stash.get(_RUN, None) if config else None
    if run is not None:
        for name, value in report.user_properties:
            if name == PROPERTY:
                run.adopt(Check.from_dict(cast("dict[str, Any]", value)))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Check the coverage of each operation, if the whole suite ran.

    Not for a server that stopped responding, and not in a worker, which has only a part of the run.
    """
    run = session.config.stash.get(_RUN, None)
    if run is None or run.error is not None or _is_worker(session.config):
        return
    if run.list_lost_servers():
        session.exitstatus = 2
    is_part = not session.config.stash[_IS_OWN] or not _is_whole(session)
    if is_part or exitstatus == pytest.ExitCode.INTERRUPTED:
        return
    for subject in run.list_subjects():
        check = run.check_coverage(subject)
        run.record(check)
        is_ok = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
        if check.outcome == "error" and is_ok:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the shard, the uncovered operations, and violated assumptions."""
    run = config.stash.get(_RUN, None)
    if run is not None and run.shard.count > 1:
        names = ", ".join(subject.id for subject in run.list_subjects()) or "no operation"
        terminalreporter.write_line(f"shard {run.shard}: {names}")
    for check in run.checks if run else ():
        if check.coverage and check.outcome == "error":
            line = f"{check.api} {check.operation}: {check.detail}"
            terminalreporter.write_line(line, red=True)
        elif check.outcome == "passed" and check.findings:
            terminalreporter.write_line(explain(check.findings), yellow=True)


def _is_worker(config: pytest.Config) -> bool:
    """Return whether this process is a worker of pytest-xdist."""
    return hasattr(config, "workerinput")


def _is_shared(config: pytest.Config) -> bool:
    """Return whether this process is the controller of pytest-xdist."""
    return not _is_worker(config) and getattr(config.option, "dist", "no") != "no"


def _is_whole(session: pytest.Session) -> bool:
    """Return whether the whole suite was run.

    Not with -k, -m, --lf or the like, with a single file, or after an early end.
    """
    config, option = session.config, session.config.option
    if session.shouldstop or session.shouldfail:
        return False
    narrowed = ("keyword", "markexpr", "lf", "failedfirst", "stepwise", "deselect", "collectonly")
    if any(getattr(option, name, None) for name in narrowed):
        return False
    return all("::" not in arg and not arg.endswith(".py") for arg in config.args)
