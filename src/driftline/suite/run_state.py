"""The state of one run: its specs, a session for each API, and the checks so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import attrs

from driftline.checks import (
    COVERAGE,
    Check,
    Finding,
    Outcome,
    RegisteredCheck,
    Usage,
)
from driftline.errors import TargetError, UsageError
from driftline.openapi import Operation, Spec
from driftline.project import ApiSettings
from driftline.shard import Shard
from driftline.suite.fuzzing.examples import Examples
from driftline.suite.http.sender import TIMEOUT
from driftline.suite.http.session import MAX_REQUESTS, RATE, Session, SessionLimits
from driftline.suite.http.target import Handle, Target, rename_variables
from driftline.suite.missing import count_responses, find_missing, may_be_missing
from driftline.suite.operation_filter import ALL, OperationFilter
from driftline.suite.probe import Examination, examine

Progress = Callable[[Check | None, int, int], None]


class RunSettings(SessionLimits, total=False):
    """Further options of a run; `settings` override the others for single APIs."""

    shard: Shard
    examples: str
    own_tests: bool
    own_checks: Sequence[RegisteredCheck]
    selection: OperationFilter
    settings: Mapping[str, ApiSettings]


@attrs.frozen(kw_only=True)
class Options:
    """The options of a run; `handles` replace the mocks of APIs, by name.

    `run` is the ID of a live run, and `earlier_checks` has the checks of an interrupted one. Only
    operations of `shard` are checked. `examples` is the store for failing requests of fuzzing.
    """

    urls: Mapping[str, str] = attrs.field(factory=dict[str, str])
    allow_writes: frozenset[str] = frozenset()
    seed: int = 0
    max_requests: int = MAX_REQUESTS
    rate: int = RATE
    timeout: float = TIMEOUT
    run: str = ""
    earlier_checks: Sequence[Check] = ()
    shard: Shard = attrs.field(factory=Shard)
    examples: str = ""
    own_tests: bool = False
    own_checks: Sequence[RegisteredCheck] = ()
    selection: OperationFilter = ALL
    settings: Mapping[str, ApiSettings] = attrs.field(factory=dict[str, ApiSettings])
    handles: Mapping[str, Handle] = attrs.field(factory=dict[str, Handle], repr=False)


@attrs.frozen(eq=False)
class Subject:
    """An operation of a spec, as the subject of a check."""

    spec: Spec
    operation: Operation

    @property
    def id(self) -> str:
        return f"{self.spec.name}-{self.operation.id}"


def choose_subjects(
    specs: Sequence[Spec], shard: Shard, selection: OperationFilter = ALL
) -> Iterator[Subject]:
    """Return the selected operations of `specs` in this shard, in the order of the specs."""
    subjects = [
        Subject(spec, operation)
        for spec in specs
        for operation in spec.operations
        if selection.has(spec, operation)
    ]
    names = shard.select(subject.id for subject in subjects)
    return (subject for subject in subjects if subject.id in names)


class Run:
    """One run over some specs. It opens all sessions first, to reject invalid options early."""

    def __init__(
        self, specs: Sequence[Spec], options: Options, on_progress: Progress | None = None
    ) -> None:
        self.specs = tuple(specs)
        self.shard = options.shard
        self.selection = options.selection
        self.checks: list[Check] = []
        self.error: TargetError | None = None
        self.done = self.total = 0
        self._earlier_checks = {_name(check): check for check in options.earlier_checks}
        self._on_progress = on_progress
        self._planned_checks: tuple[tuple[str, str, str], ...] = ()
        self._check_names(options)
        examples = Examples.open(options.examples) if options.examples else None
        self.sessions = {spec.name: _open_session(spec, options, examples) for spec in self.specs}

    def _check_names(self, options: Options) -> None:
        names = {spec.name for spec in self.specs}
        operation_ids = {operation.id for spec in self.specs for operation in spec.operations}
        for name in (*options.urls, *options.handles):
            if name not in names:
                choices = ", ".join(sorted(names))
                raise UsageError(f"unknown API {name!r}", f"Choose one of: {choices}.")
        for name in sorted(options.allow_writes - operation_ids):
            choices = ", ".join(sorted(operation_ids))
            raise UsageError(f"unknown operation {name!r}", f"Choose one of: {choices}.")

    def list_subjects(self) -> tuple[Subject, ...]:
        return self._subjects

    @cached_property
    def _subjects(self) -> tuple[Subject, ...]:
        return tuple(choose_subjects(self.specs, self.shard, self.selection))

    def examine(self, subject: Subject, name: str, examination: Examination) -> Check:
        """Run one check, unless the interrupted run has already made it.

        Raises:
            TargetError: no server has responded yet.
        """
        session = self.sessions[subject.spec.name]
        earlier_check = self._earlier_checks.get((subject.spec.name, subject.operation.id, name))
        if earlier_check is not None:
            self._recall(earlier_check)
            return earlier_check
        check = examine(session, subject.operation, name, examination)
        self.stop_if_useless()
        return check

    def stop_if_useless(self, *, at_end: bool = False) -> None:
        """End the run if no server can be checked, or, at its end, if none accepted a credential.

        Raises:
            TargetError: no server has responded, or each rejects the credentials.
        """
        for session in self.sessions.values() if at_end else ():
            session.credential_watch.conclude()
        if all(session.is_useless for session in self.sessions.values()):
            for session in self.sessions.values():
                self.error = session.credential_watch.error or session.stop_error
                if self.error:
                    raise self.error

    def list_lost_servers(self) -> list[str]:
        """Return the servers that stopped responding."""
        return [name for name, session in self.sessions.items() if session.stop_error]

    def start(self, planned_checks: Sequence[tuple[str, str, str]]) -> None:
        """Announce the planned checks, each by API, operation and name."""
        self._planned_checks = tuple(planned_checks)
        self.total = total = len(self._planned_checks)
        if self._on_progress:
            self._on_progress(None, 0, total)

    def record(self, check: Check) -> None:
        """Record a check."""
        self.checks.append(check)
        self.done += 1
        if self._on_progress:
            self._on_progress(check, self.done, max(self.total, self.done))

    def adopt(self, check: Check) -> None:
        """Record a check of another process, once."""
        if not any(_name(recorded) == _name(check) for recorded in self.checks):
            self._recall(check)
            self.record(check)

    def _recall(self, check: Check) -> None:
        session = self.sessions[check.api]
        session.calls[check.operation] += check.requests
        session.ledger.recall(check.witnessed)

    def list_unmade(self) -> list[Check]:
        """Return the checks that the run did not reach, as errors."""
        completed = set(map(_name, self.checks))
        return [
            Check(
                api=api,
                operation=operation,
                name=name,
                outcome="error",
                detail="not run: the run was interrupted",
            )
            for api, operation, name in self._planned_checks
            if (api, operation, name) not in completed
        ]

    def list_usages(self) -> list[Usage]:
        """Return the usage of each live server."""
        usages = (session.measure_usage() for session in self.sessions.values())
        return [usage for usage in usages if usage is not None]

    def check_coverage(self, subject: Subject) -> Check:
        """Return the coverage of an operation.

        It is an error if the checks passed and covered nothing.
        """
        session = self.sessions[subject.spec.name]
        ledger, name = session.ledger, subject.operation.id
        if not session.stop_error and may_be_missing(session, subject.operation):
            check = examine(session, subject.operation, COVERAGE, find_missing)
            if check.findings:
                check = count_responses(check, session.statuses[name])
                return attrs.evolve(check, coverage=ledger.measure_coverage(name))
        subject_checks = [
            subject_check for subject_check in self.checks if _is_of(subject_check, subject)
        ]
        gap = ledger.describe_gap(name)
        if gap and session.stop_error:
            gap = str(session.stop_error)
        outcome: Outcome = "passed"
        not_made = [
            subject_check for subject_check in subject_checks if subject_check.outcome == "not-sent"
        ]
        was_made = any(
            subject_check.requests and subject_check.outcome != "not-sent"
            for subject_check in subject_checks
        )
        # The mock rejects no valid request, so only skipped checks explain missing coverage.
        is_explained = not_made and (self._is_mock(subject) or not was_made)
        lack = self._describe_lack(subject) if gap else ""
        if lack:
            outcome, gap = "not-sent", f"{gap}: {lack}"
        elif gap and (not self._can_call(subject) or is_explained):
            outcome = "not-sent"
        elif gap and all(subject_check.outcome != "drift" for subject_check in subject_checks):
            outcome = "error"
        return Check(
            api=subject.spec.name,
            operation=name,
            name=COVERAGE,
            outcome=outcome,
            detail=gap,
            coverage=ledger.measure_coverage(name),
        )

    def _is_mock(self, subject: Subject) -> bool:
        return self.sessions[subject.spec.name].target.is_mock

    def _describe_lack(self, subject: Subject) -> str:
        """Return which value the project has to configure.

        "" if no value is missing.
        """
        session, operation = self.sessions[subject.spec.name], subject.operation
        statuses = session.statuses[operation.id]
        if session.target.is_mock or any(not 400 <= status < 500 for status in statuses):
            return ""
        names = session.unknown_values.get(operation.id) or [
            parameter.name for parameter in operation.parameters if parameter.location == "path"
        ]
        if not names or not {404, 410, 400, 422, 409} & statuses.keys():
            return ""
        values = " and ".join(f'"{operation.id}.{name}"' for name in names)
        return f"no existing row is known; set {values} in the values of driftline.toml"

    def _can_call(self, subject: Subject) -> bool:
        target = self.sessions[subject.spec.name].target
        operation = subject.operation
        return target.is_mock or operation.is_read or operation.id in target.allow_writes

    def scrub(self, string: str) -> str:
        """Return `string` without credentials of any API."""
        for session in self.sessions.values():
            string = session.target.scrub(string)
        return string

    def close(self) -> None:
        for session in self.sessions.values():
            session.close()


def _open_session(spec: Spec, options: Options, examples: Examples | None) -> Session:
    settings = options.settings.get(spec.name, ApiSettings())
    return Session(
        _build_target(spec, options, settings),
        seed=options.seed,
        max_requests=settings.max_requests or options.max_requests,
        rate=settings.rate or options.rate,
        timeout=settings.timeout or options.timeout,
        run="" if spec.name not in options.urls else options.run,
        examples=examples,
        values=settings.values,
    )


def _build_target(spec: Spec, options: Options, settings: ApiSettings) -> Target:
    url = options.urls.get(spec.name)
    if url is None:
        return Target.mock(spec, seed=options.seed, handle=options.handles.get(spec.name))
    operation_ids = {operation.id for operation in spec.operations}
    allowed_writes = (options.allow_writes & operation_ids) | {*settings.allow_writes}
    renamed_spec = rename_variables(spec, settings.credentials)
    return Target.connect(renamed_spec, url, allow_writes=allowed_writes, headers=settings.headers)


def _name(check: Check) -> tuple[str, str, str]:
    return (check.api, check.operation, check.name)


def _is_of(check: Check, subject: Subject) -> bool:
    return (check.api, check.operation) == (subject.spec.name, subject.operation.id)


def explain(findings: Sequence[Finding]) -> str:
    """Format findings: message, clause, expected, got, and a command."""
    blocks = [
        "\n".join(
            line
            for line in (
                f"{finding.severity} {finding.id}: {finding.message}",
                f"  {finding.location} {finding.location.pointer}",
                f"  expected: {finding.expected}",
                f"  got:      {finding.got}",
                f"  seen:     {finding.count} times" if finding.count > 1 else "",
                f"  {finding.curl}" if finding.curl else "",
                f"  {finding.client}" if finding.client else "",
            )
            if line
        )
        for finding in findings
    ]
    return "\n".join(blocks)
