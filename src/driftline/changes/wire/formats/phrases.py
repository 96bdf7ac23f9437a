"""The sentences of a comparison, for all formats."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.changes.wire.change import Change
from driftline.changes.wire.report import DiffReport, Group
from driftline.rules import Severity

_NAMED = 3
"""So many operations are named in a heading."""


def describe_verdict(report: DiffReport) -> str:
    """Return the result of the comparison in one sentence."""
    numbers = report.count_severities()
    if not report.changes:
        return "Nothing has changed for callers."
    told = format_counts({name: number for name, number in numbers.items() if number})
    accepted = sum(map(report.is_accepted, report.changes))
    told += f", {accepted} accepted" if accepted else ""
    breaking = [each for each in report.changes if each.severity == "breaking"]
    verdict = "This breaks callers" if breaking else "Nothing breaks"
    if breaking and all(map(report.is_accepted, breaking)):
        verdict = "This breaks callers, as accepted"
    unversioned = dict.fromkeys(each.api for each in report.changes if report.is_failure(each))
    if report.rules.fail_on == "unversioned" and unversioned:
        return f"{verdict}: {told}. No new major version: {', '.join(unversioned)}."
    return f"{verdict}: {told}."


def describe_acceptance(report: DiffReport, change: Change) -> str:
    """Return until when the baseline accepts a change, and why; "" if it does not."""
    entry = report.rules.find_acceptance(change)
    if entry is None:
        return ""
    was = "was accepted" if entry.is_over(report.rules.today) else "accepted"
    return f"{was} until {entry.expires.isoformat()}: {entry.reason}"


def format_counts(numbers: Mapping[Severity, int]) -> str:
    """Return counts as in `2 breaking, 1 additive`."""
    return ", ".join(f"{number:,} {name}" for name, number in numbers.items())


def format_heading(report: DiffReport, group: Group) -> str:
    """Return the operations of a group, or what it is about."""
    named = ", ".join(group.operations[:_NAMED]) or "the API as a whole"
    more = len(group.operations) - _NAMED
    text = f"{named} and {more} more" if more > 0 else named
    return f"{group.api}: {text}" if len(report.apis) > 1 else text


def find_subject(change: Change) -> str:
    """Return the part of the message that a change is about, where it is felt first."""
    return change.uses[0].where if change.uses else ""


def format_locations(change: Change) -> str:
    """`v2:specs/shop.yaml:12, was v1:specs/shop.yaml:11`; one alone if they are the same."""
    if change.old == change.new:
        return str(change.new)
    return f"{change.new}, was {change.old}"
