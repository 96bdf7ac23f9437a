"""Checks that spec, generated client, and mock or server agree: `driftline check`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Unpack

import attrs

from driftline import __version__
from driftline.check.live import LiveJournal, run_id
from driftline.check.settings import (
    Severities,
    expand_writes,
    merge_settings,
    validate_settings,
)
from driftline.check.spec_checks import check_freshness, check_spec
from driftline.checks import Check, Usage
from driftline.errors import UsageError
from driftline.openapi import SUFFIXES, Spec, find, load
from driftline.project import FILE, Project, ProjectConfiguration
from driftline.report import Report, ReportedApi, build_cleaner, redact_check, redact_url
from driftline.shard import Shard
from driftline.suite import (
    ALL,
    Handle,
    OperationFilter,
    RunSettings,
    choose_subjects,
    load_own_checks,
    rename_variables,
    run_suite,
)

Progress = Callable[[Check | None, int, int], None]
"""Called with each completed check, the number of completed ones, and the total (0: unknown)."""


def _ignore_progress(check: Check | None, completed: int, total: int) -> None:
    """Discard the progress."""


def check(
    project: Project,
    names: Sequence[str] = (),
    *,
    urls: Mapping[str, str] | None = None,
    allow_writes: Sequence[str] = (),
    seed: int = 0,
    run: str | None = None,
    folder: Path | None = None,
    resumed: bool = False,
    handles: Mapping[str, Handle] | None = None,
    progress: Progress = _ignore_progress,
    specs: Path | None = None,
    configuration: ProjectConfiguration | None = None,
    **run_settings: Unpack[RunSettings],
) -> Report:
    """Check the APIs `names` (default: all) against their mocks, or the servers at `urls`.

    `handles` replace the mocks of APIs, `specs` and `configuration` the project's own. The settings
    select operations and limit the requests to a live server. A live run has the ID `run` and
    stores its checks in `folder`; with `resumed`, it continues an interrupted run.

    Raises:
        UsageError: an API, operation, URL or environment variable is wrong or missing.
        FileError: driftline.toml refers to an API, operation or check that does not exist.
        SpecError: a spec cannot be used at all.
        TargetError: no server responded.
    """
    started, urls = (datetime.now(UTC), perf_counter()), urls or {}
    configuration = configuration or ProjectConfiguration(path=project.root / FILE)
    loaded_specs = _load_specs(specs or project.specs, names, urls, configuration)
    part, selection = run_settings.get("shard", Shard()), run_settings.get("selection", ALL)
    selection.check(loaded_specs)
    writes = expand_writes(loaded_specs, allow_writes)
    options: dict[str, Any] = {"urls": urls, "allow_writes": writes}
    options |= {"seed": seed, "settings": merge_settings(configuration, loaded_specs, run_settings)}
    live = LiveJournal.build(project, loaded_specs, **options, folder=folder, resumed=resumed)
    options["own_checks"] = load_own_checks(configuration)
    suite = partial(run_suite, project, loaded_specs, **options, handles=handles, **run_settings)
    secrets = _collect_secrets(loaded_specs, urls, configuration)
    handling = partial(_CheckHandling, progress, Severities.build(configuration, urls), secrets)
    run_checks = partial(_run_checks, project, loaded_specs, urls, run=run, handling=handling)
    apis, checks = run_checks(part=(part, selection), live=live, suite=suite)
    report = _build_report(apis, checks, started)
    return attrs.evolve(report, seed=seed, shard=part)


def _build_report(
    apis: tuple[ReportedApi, ...], checks: tuple[Check, ...], started: tuple[datetime, float]
) -> Report:
    started_at, clock = started
    return Report(
        apis=apis,
        checks=checks,
        started=started_at,
        seconds=perf_counter() - clock,
        version=__version__,
    )


def _run_checks(
    project: Project,
    specs: Sequence[Spec],
    urls: Mapping[str, str],
    *,
    part: tuple[Shard, OperationFilter],
    live: LiveJournal,
    suite: Callable[..., list[Check]],
    run: str | None,
    handling: Callable[..., _CheckHandling],
) -> tuple[tuple[ReportedApi, ...], tuple[Check, ...]]:
    """Return the APIs of which this part has an operation, and their checks."""
    earlier, usages = live.load_earlier(), list[Usage]()
    current_run = run_id(earlier.run if run is None else run) if urls else ""
    suite = partial(suite, run_id=current_run, earlier_checks=earlier.checks, on_end=usages.extend)
    parts = _select_parts(specs, *part)
    complete_specs = [spec for spec in specs if any(spec.name == part.name for part in parts)]
    checks: tuple[Check, ...] = ()
    if parts:
        with live.keep_journal(current_run, earlier.checks) as record_check:
            # Generated code covers all operations: it cannot be compared for a selection.
            spec_checks = (
                (check_spec,) if part[1] else (check_spec, partial(check_freshness, project))
            )
            checks = _collect_checks(
                project,
                complete_specs,
                urls,
                spec_checks=spec_checks,
                suite=suite,
                handling=handling(record_check),
            )
    return tuple(_build_api(part, urls, usages, earlier.checks) for part in parts), checks


def _select_parts(specs: Sequence[Spec], shard: Shard, selection: OperationFilter) -> list[Spec]:
    """Return the specs with only the operations of a part, without specs that have none."""
    if shard.count == 1 and not selection:
        return list(specs)
    ids = {
        (subject.spec.name, subject.operation.id)
        for subject in choose_subjects(specs, shard, selection)
    }
    reduced_specs = (
        attrs.evolve(s, operations=tuple(o for o in s.operations if (s.name, o.id) in ids))
        for s in specs
    )
    return [spec for spec in reduced_specs if spec.operations]


def _load_specs(
    folder: Path, names: Sequence[str], urls: Mapping[str, str], configuration: ProjectConfiguration
) -> list[Spec]:
    specs = [load(path) for path in find(folder, names)]
    _check_names(specs, urls)
    # The file may also be about APIs of the project that are not in a folder of --specs.
    folders = {folder, Project(configuration.path.parent).specs}
    paths = [path for f in folders if f.is_dir() for path in f.iterdir()]
    known_names = {path.stem for path in paths if path.suffix in SUFFIXES}
    validate_settings(configuration, specs, known_names)
    return specs


@attrs.frozen
class _CheckHandling:
    """How each check is rated, redacted, reported as progress, and recorded in the journal."""

    progress: Progress
    severities: Severities
    secrets: Mapping[str, str]
    record: Callable[[Check], None]


def _collect_checks(
    project: Project,
    specs: Sequence[Spec],
    urls: Mapping[str, str],
    *,
    spec_checks: Sequence[Callable[[Spec], Check]],
    suite: Callable[..., list[Check]],
    handling: _CheckHandling,
) -> tuple[Check, ...]:
    """Return the checks that need no server, and those of the suite, without any secret."""
    clean = build_cleaner(handling.secrets, _list_wire_names(specs))

    judged_checks: dict[int, tuple[Check, Check]] = {}

    def judge(check: Check) -> Check:
        """Return the check as it is reported; that of a large document takes long to clean."""
        if id(check) not in judged_checks:
            judged_check = redact_check(handling.severities.apply(check), clean, project.root)
            judged_checks[id(check)] = check, judged_check
        return judged_checks[id(check)][1]

    counter = _CheckCounter(handling.progress, len(spec_checks) * len(specs), judge)
    checks = [
        counter.count_own(check_one_spec(spec)) for spec in specs for check_one_spec in spec_checks
    ]
    with _silence_logs():
        suite_checks = suite(on_progress=counter.build_progress(handling.record))
    checks += [_rewrite_commands(check, urls) for check in suite_checks] + counter.list_missing(
        suite_checks
    )
    return tuple(map(judge, checks))


@contextmanager
def _silence_logs() -> Generator[None]:
    """Disable the log of the clients: the suite reports their drift events as findings."""
    logger = logging.getLogger("driftline")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _check_names(specs: Sequence[Spec], urls: Mapping[str, str]) -> None:
    names = [spec.name for spec in specs]
    for name in urls:
        if name not in names:
            message = f"unknown API {name!r} in --url"
            raise UsageError(message, f"Choose one of the checked APIs: {', '.join(names)}.")


def _build_api(
    spec: Spec, urls: Mapping[str, str], usages: Sequence[Usage], earlier: Sequence[Check]
) -> ReportedApi:
    if spec.name not in urls:
        return ReportedApi.build(spec)
    usage = next((candidate for candidate in usages if candidate.api == spec.name), None)
    earlier_count = sum(check.api == spec.name and check.coverage is None for check in earlier)
    if usage is not None and earlier_count:
        note = f"{earlier_count} checks are from an earlier part of this run"
        usage = attrs.evolve(usage, notes=(note, *usage.notes))
    return ReportedApi.build(spec, redact_url(urls[spec.name]), usage)


def _collect_secrets(
    specs: Sequence[Spec], urls: Mapping[str, str], configuration: ProjectConfiguration
) -> dict[str, str]:
    """Return the credentials of live servers by variable; those of a mock are not secret."""
    live = (spec for spec in specs if spec.name in urls)
    return {
        scheme.env: os.environ.get(scheme.env, "")
        for spec in live
        for scheme in rename_variables(
            spec, configuration.get_api(spec.name).credentials
        ).security_schemes.values()
        if scheme.env
    }


def _list_wire_names(specs: Sequence[Spec]) -> list[str]:
    """Return the headers, parameters and cookies in which credentials are sent."""
    return [scheme.wire_name for spec in specs for scheme in spec.security_schemes.values()]


def _rewrite_commands(check: Check, urls: Mapping[str, str]) -> Check:
    """Return a check whose curl commands call `driftline mock`.

    The mock in this process has no address.
    """
    if check.api in urls or not check.findings:
        return check
    inside, outside = f"http://{check.api}.mock", f"http://127.0.0.1:8080/{check.api}"
    findings = (
        attrs.evolve(finding, curl=finding.curl.replace(inside, outside))
        for finding in check.findings
    )
    return attrs.evolve(check, findings=tuple(findings))


class _CheckCounter:
    """Counts our own checks and those of the suite, and detects when the suite stopped early.

    Each check is passed on in the form that `judge` returns.
    """

    def __init__(self, progress: Progress, own_count: int, judge: Callable[[Check], Check]) -> None:
        self._progress = progress
        self._judge = judge
        self._own_count = own_count
        self._done_count = self._expected_count = 0
        progress(None, 0, 0)

    def count_own(self, check: Check) -> Check:
        """Count and report one of our own checks, and return it."""
        self._done_count += 1
        self._progress(self._judge(check), self._done_count, 0)
        return check

    def build_progress(self, record: Callable[[Check], None]) -> Progress:
        """Return the progress function for the suite, which also passes each check to `record`."""

        def report_progress(check: Check | None, completed: int, total: int) -> None:
            self._expected_count = total
            judged_check = None if check is None else self._judge(check)
            if judged_check is not None:
                record(judged_check)
            self._progress(judged_check, self._own_count + completed, self._own_count + total)

        return report_progress

    def list_missing(self, checks: Sequence[Check]) -> list[Check]:
        """Return an error if the suite made no check, or fewer than expected."""
        if checks and len(checks) >= self._expected_count:
            return []
        detail = f"the suite stopped after {len(checks)} of {self._expected_count} checks"
        return [Check(api="", operation="", name="suite", outcome="error", detail=detail)]
