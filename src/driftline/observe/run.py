"""Compares recorded traffic with the specs, entry by entry."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import attrs

from driftline import __version__
from driftline.checks import Check
from driftline.errors import RecordingError, UsageError
from driftline.observe.judging import Judge, build_recorded_exchange
from driftline.observe.matching import Address, Matcher, parse_address
from driftline.observe.readers import (
    STDIN,
    Entry,
    Event,
    RecordingSource,
    UnreadEntry,
    open_recording,
    read,
)
from driftline.openapi import Operation, Spec, find, load
from driftline.printable import make_printable
from driftline.project import Project
from driftline.report import RECORDED, Report, ReportedApi, build_cleaner, redact_check

Progress = Callable[[str, int, int, int], None]
"""Receives the file, its read bytes, its size (0: unknown), and the number of entries."""


def _ignore_progress(file: str, read: int, size: int, entries: int) -> None:
    """Ignore progress."""


@attrs.frozen(kw_only=True)
class FileSummary:
    """The numbers of entries in one file. `unread` counts those without an exchange, by reason."""

    name: str
    kind: str
    entries: int
    match_count: int
    operations: int
    unread: Mapping[str, int]
    bodiless: int
    error: str


@attrs.frozen(kw_only=True)
class Observation:
    """The report, the content of the files, and the number of requests without a spec."""

    report: Report
    files: tuple[FileSummary, ...]
    unmatched_requests: Mapping[str, int]
    uncovered: tuple[str, ...]


def observe(
    project: Project,
    files: Sequence[str],
    names: Sequence[str] = (),
    *,
    urls: Mapping[str, Sequence[str]] | None = None,
    specs: Path | None = None,
    progress: Progress = _ignore_progress,
) -> Observation:
    """Check the recordings `files` (`-`: standard input) against the specs of the APIs `names`.

    Without names, all specs are used. `urls` has base URLs by API, in addition to the servers of
    the specs.

    Raises:
        UsageError: an API or URL is wrong, or no recorded request matches a spec.
        SpecError: a spec cannot be used at all.
        RecordingError: no file could be read.
    """
    start_time, clock = datetime.now(UTC), perf_counter()
    loaded_specs = [load(path) for path in find(specs or project.specs, names)]
    for name in urls or {}:
        if name not in {spec.name for spec in loaded_specs}:
            known_names = ", ".join(spec.name for spec in loaded_specs)
            raise UsageError(f"unknown API {name!r} in --url", f"Choose one of: {known_names}.")
    run = _ObserveRun(loaded_specs, Matcher(loaded_specs, urls or {}))
    lines, errors = list[FileSummary](), list[RecordingError]()
    for file in files:
        line, error = run.judge_file(file, progress)
        lines.append(line)
        errors += [error] if error else []
    run.require_match(lines, errors)
    return run.build_observation(project, lines, start_time, perf_counter() - clock)


class _ObserveRun:
    """One run, with a judge for each recorded operation."""

    def __init__(self, specs: Sequence[Spec], matcher: Matcher) -> None:
        self._specs = specs
        self._matcher = matcher
        self._judges: dict[tuple[str, str], Judge] = {}
        self._unmatched_requests = UnmatchedRequests()
        self._recognized_count = 0

    def judge_file(
        self, file: str, progress: Progress
    ) -> tuple[FileSummary, RecordingError | None]:
        """Judge the entries of a file, up to its end or an error."""
        name = "standard input" if file == STDIN else make_printable(file)
        unread_counts, operations = Counter[str](), set[tuple[str, str]]()
        kind, entries, match_count, error = "", 0, 0, None
        bodiless = self._bodiless
        byte_count, size = 0, 0

        def report_progress(count: int) -> None:
            nonlocal byte_count
            byte_count = count
            progress(name, byte_count, size, entries)

        try:
            with open_recording(file, name) as recording_file:
                size = recording_file.size
                recording = read(
                    RecordingSource(
                        name, recording_file.stream, report_progress, recording_file.read_attachment
                    )
                )
                kind = recording.kind
                for entry in recording.entries:
                    entries += 1
                    operation_key = self._judge_entry(entry, name, unread_counts)
                    match_count += operation_key is not None
                    operations |= {operation_key} if operation_key else set()
        except RecordingError as recording_error:
            error = recording_error
        line = FileSummary(
            name=name,
            kind=kind,
            entries=entries,
            match_count=match_count,
            operations=len(operations),
            unread=unread_counts,
            bodiless=self._bodiless - bodiless,
            error=str(error or ""),
        )
        return line, error

    @property
    def _bodiless(self) -> int:
        return sum(judge.bodiless for judge in self._judges.values())

    def _judge_entry(
        self, entry: Entry, file: str, unread_counts: Counter[str]
    ) -> tuple[str, str] | None:
        """Judge an entry; return its API and operation, if any."""
        if isinstance(entry, Event):
            return self._judge_event(entry, file)
        address = parse_address(entry.url)
        if isinstance(entry, UnreadEntry):
            unread_counts[entry.reason] += 1
            self._recognized_count += address is not None and self._matcher.has_path(address)
            return None
        match = self._matcher.match(entry.method, address) if address else None
        if (
            match is None
            and address
            and entry.method == "OPTIONS"
            and self._matcher.has_path(address)
        ):
            # Browsers send it before the documented request.
            unread_counts["a preflight"] += 1
            self._recognized_count += 1
            return None
        if match is None:
            self._unmatched_requests.add(entry.method, address)
            return None
        self._get_judge(match.spec, match.operation).add(
            build_recorded_exchange(match, entry, file)
        )
        return match.spec.name, match.operation.id

    def _judge_event(self, event: Event, file: str) -> tuple[str, str] | None:
        specs = [spec for spec in self._specs if event.api in {"", spec.name}]
        candidates = [(spec, o) for spec in specs if (o := spec.find_operation(event.operation))]
        if len(candidates) != 1 or not self._get_judge(*candidates[0]).note(event, file):
            self._unmatched_requests.add_event(event)
            return None
        spec, operation = candidates[0]
        return spec.name, operation.id

    def _get_judge(self, spec: Spec, operation: Operation) -> Judge:
        key = spec.name, operation.id
        if key not in self._judges:
            self._judges[key] = Judge(spec, operation)
        return self._judges[key]

    def require_match(self, lines: Sequence[FileSummary], errors: Sequence[RecordingError]) -> None:
        """Raise an error if no entry was judged."""
        if any(line.match_count for line in lines):
            return
        if self._recognized_count and not errors:
            return
        if errors:
            raise errors[0]
        entries = sum(line.entries for line in lines)
        most_frequent = "; ".join(
            f"{request} ({count})"
            for request, count in self._unmatched_requests.list_most_frequent(3)
        )
        requests = f", but {most_frequent}" if most_frequent else ""
        files = ", ".join(line.name for line in lines)
        bases = ", ".join(dict.fromkeys(base for _, base in self._matcher.bases)) or "none"
        raise UsageError(
            f"{files}: none of {entries} entries matches an operation of a spec{requests}",
            f"Pass --url API=URL for another base URL; the specs have {bases}.",
        )

    def build_observation(
        self, project: Project, lines: Sequence[FileSummary], start_time: datetime, seconds: float
    ) -> Observation:
        """Return the result of the run."""
        checks = [check for judge in self._sort_judges() for check in judge.build_checks()]
        checks += [_build_reading_check(line, self._unmatched_requests) for line in lines]
        clean = build_cleaner(_collect_secrets(self._specs))
        judged_apis = {name for name, _ in self._judges}
        report = Report(
            apis=tuple(
                ReportedApi.build(spec, RECORDED)
                for spec in self._specs
                if spec.name in judged_apis
            ),
            checks=tuple(redact_check(check, clean, project.root) for check in checks),
            started=start_time,
            seconds=seconds,
            version=__version__,
        )
        uncovered = (
            f"{spec.name} {operation.id}"
            for spec in self._specs
            if spec.name in judged_apis
            for operation in spec.operations
            if (spec.name, operation.id) not in self._judges
        )
        unmatched_requests = {
            clean(request): count
            for request, count in self._unmatched_requests.list_most_frequent()
        }
        return Observation(
            report=report,
            files=tuple(lines),
            unmatched_requests=unmatched_requests,
            uncovered=tuple(uncovered),
        )

    def _sort_judges(self) -> Iterator[Judge]:
        for spec in self._specs:
            for operation in spec.operations:
                if (spec.name, operation.id) in self._judges:
                    yield self._judges[spec.name, operation.id]


def _build_reading_check(line: FileSummary, unmatched_requests: UnmatchedRequests) -> Check:
    """Return the result of reading a file, as a check for reports."""
    detail = line.error or f"{line.name}: {line.match_count} of {line.entries} entries checked"
    most_frequent = "; ".join(
        f"{request} ({count})" for request, count in unmatched_requests.list_most_frequent(20)
    )
    if most_frequent and not line.error:
        detail += f"; in all files, not in any spec: {most_frequent}"
    return Check(
        api="",
        operation="",
        name="reading",
        outcome="error" if line.error else "passed",
        detail=detail,
    )


def _collect_secrets(specs: Sequence[Spec]) -> dict[str, str]:
    """Return the credentials in the environment, which a recording may contain."""
    return {
        scheme.env: os.environ.get(scheme.env, "")
        for spec in specs
        for scheme in spec.security_schemes.values()
        if scheme.env
    }


_MAX_REQUESTS = 1000
"""Maximum distinct requests; further ones are counted by host."""
_MAX_LENGTH = 40


class UnmatchedRequests:
    """Counts requests that no spec documents, by method and path."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, method: str, address: Address | None) -> None:
        """Count a request."""
        if address is None:
            self._add("not http", "not http")
            return
        host, slash, path = address.host_and_path.partition("/")
        redacted_path = "/".join(map(_redact_segment, (slash + path).split("/")))
        verb = method if re.fullmatch(r"[A-Z]{1,10}", method) else "?"
        self._add(f"{verb} {host}{redacted_path}", host)

    def add_event(self, event: Event) -> None:
        """Count a line of a drift log."""
        api, operation = (name[:_MAX_LENGTH] for name in (event.api, event.operation))
        kind = event.kind[:_MAX_LENGTH]
        self._add(f"{kind} in {operation} of {api or 'an unnamed API'}", "others")

    def _add(self, request: str, fallback: str) -> None:
        is_counted = request in self._counts or len(self._counts) < _MAX_REQUESTS
        self._counts[request if is_counted else fallback] += 1

    def list_most_frequent(self, number: int | None = None) -> list[tuple[str, int]]:
        """Return the most frequent requests first."""
        return self._counts.most_common(number)


def _redact_segment(segment: str) -> str:
    """Return a path segment with IDs and possible tokens masked."""
    name = segment.partition(";")[0]
    is_id = name.isdigit() or len(name) > _MAX_LENGTH
    is_token = len(name) >= 16 and any(char.isdigit() for char in name)
    return "…" if is_id or is_token else name
