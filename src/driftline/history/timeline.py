"""The timeline of each clause over many runs: first and last seen, and flakiness."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import attrs

from driftline.history.run_entry import RunEntry, TrackedClause

State = Literal["open", "gone", "unknown"]


@attrs.frozen(kw_only=True)
class ClauseTimeline:
    """One finding over all runs.

    `first` and `last` are the times when it was found, `occurrences` the number of runs that found
    it, of `runs` that could have found it since. `state` is unknown if no run has checked it since.
    It is `flaky` if a run in between did not find it.
    """

    clause: TrackedClause
    first: datetime
    last: datetime
    occurrences: int
    runs: int
    state: State
    flaky: bool


@attrs.frozen
class CoveragePoint:
    """The number of exercised clauses of an API in a run, and of all its clauses."""

    time: datetime
    api: str
    covered: int
    total: int


@attrs.frozen
class HistoryEvent:
    """A finding that appeared or disappeared in a run."""

    time: datetime
    kind: Literal["new", "gone", "back"]
    clause: TrackedClause


@attrs.frozen
class Timeline:
    """All clauses with a finding, the open ones first; their coverage and events."""

    runs: tuple[RunEntry, ...]
    clauses: tuple[ClauseTimeline, ...]
    coverage: tuple[CoveragePoint, ...]
    events: tuple[HistoryEvent, ...]

    @property
    def open(self) -> tuple[ClauseTimeline, ...]:
        """The clauses with a finding in the last run that checked them."""
        return tuple(clause for clause in self.clauses if clause.state != "gone")


def build_timeline(runs: Sequence[RunEntry]) -> Timeline:
    """Build the timeline of runs, which are sorted by time."""
    fingerprints: dict[str, TrackedClause] = {}
    for run in runs:
        fingerprints |= {clause.fingerprint: clause for clause in run.findings}
    clauses = [
        _build_clause_timeline(fingerprint, clause, runs)
        for fingerprint, clause in fingerprints.items()
    ]
    order = {"open": 0, "unknown": 1, "gone": 2}
    clauses.sort(
        key=lambda clause: (order[clause.state], clause.clause.api, clause.first, clause.clause.id)
    )
    coverage = [
        CoveragePoint(run.time, api, *counts)
        for run in runs
        for api, counts in sorted(run.coverage.items())
    ]
    return Timeline(tuple(runs), tuple(clauses), tuple(coverage), tuple(_list_events(runs)))


def _build_clause_timeline(
    fingerprint: str, clause: TrackedClause, runs: Sequence[RunEntry]
) -> ClauseTimeline:
    sightings: list[tuple[datetime, bool]] = []
    for run in runs:
        is_found = any(finding.fingerprint == fingerprint for finding in run.findings)
        if is_found or run.has_checked(clause):
            sightings.append((run.time, is_found))
    times = [time for time, was_seen in sightings if was_seen]
    since = [was_seen for time, was_seen in sightings if time >= times[0]]
    between = [was_seen for time, was_seen in sightings if times[0] <= time <= times[-1]]
    last = next((run for run in reversed(runs) if clause.api in run.targets), runs[-1])
    is_there = any(finding.fingerprint == fingerprint for finding in last.findings)
    is_checked = last.has_checked(clause)
    return ClauseTimeline(
        clause=clause,
        first=times[0],
        last=times[-1],
        occurrences=sum(since),
        runs=len(since),
        state="open" if is_there else "gone" if is_checked or not since[-1] else "unknown",
        flaky=not all(between),
    )


def _list_events(runs: Sequence[RunEntry]) -> list[HistoryEvent]:
    """Return the findings that appeared or disappeared, by run.

    A run that could not check a finding does not change its state.
    """
    events: list[HistoryEvent] = []
    open_clauses: dict[str, TrackedClause] = {}
    earlier_fingerprints: set[str] = set()
    for run in runs:
        now = {clause.fingerprint: clause for clause in run.findings}
        for fingerprint, clause in now.items():
            if fingerprint not in open_clauses:
                events.append(
                    HistoryEvent(
                        run.time, "back" if fingerprint in earlier_fingerprints else "new", clause
                    )
                )
        gone_fingerprints = [
            m for m, c in open_clauses.items() if m not in now and run.has_checked(c)
        ]
        events += [
            HistoryEvent(run.time, "gone", open_clauses.pop(fingerprint))
            for fingerprint in gone_fingerprints
        ]
        open_clauses |= now
        earlier_fingerprints |= now.keys()
    return events
