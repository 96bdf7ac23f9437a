"""Runs `driftline add` and prints the result."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click

from driftline.add import (
    EmptyDocument,
    StagedApi,
    StagedUpdate,
    find_project,
    prepare_api,
    prepare_update,
)
from driftline.changes.wire import formats
from driftline.check import check
from driftline.cli.output import echo, handle_interrupt, leave, measure_width, use_color
from driftline.cli.progress import show_check_progress
from driftline.errors import Problem
from driftline.markup import format_count
from driftline.openapi import REFERENCE, select_clauses
from driftline.report import Report

SHOWN = 20
CHECKED = 100
"""The largest number of operations that are checked: more would take many minutes."""


def add_api(
    source: str,
    name: str,
    specs: Path | None,
    *,
    is_own: bool,
    no_check: bool,
) -> None:
    """Add the API of a document, and end the command."""
    project, folder = find_project(specs)
    add = partial(prepare_api, is_own=is_own, report_step=_report_step)
    with (
        _end_without_operations(),
        handle_interrupt(),
        add(source, name, project, folder) as staged_api,
    ):
        report = _check(staged_api, no_check=no_check)
        staged_api.stage.move(project, folder, staged_api.spec.client_package)
    _finish(staged_api, report)


def update_api(
    source: str | None, name: str, specs: Path | None, *, is_own: bool, no_check: bool
) -> None:
    """Fetch the document of an API again, show its changes, and end the command."""
    project, folder = find_project(specs)
    with (
        _end_without_operations(),
        handle_interrupt(),
        prepare_update(
            source, name, project, folder, is_own=is_own, report_step=_report_step
        ) as updated,
    ):
        staged_api = updated.added
        report = _check(staged_api, no_check=no_check)
        staged_api.stage.move(project, folder, staged_api.spec.client_package)
    _show_changes(updated)
    _finish(staged_api, report)


@contextmanager
def _end_without_operations() -> Generator[None]:
    """End the command with exit code 1 if the document has no operations."""
    try:
        yield
    except EmptyDocument as error:
        _print_line(str(error))
        leave(1)


def _finish(staged_api: StagedApi, report: Report | None) -> None:
    _summarize(staged_api, report)
    leave(1 if _list_errors(staged_api) or (report and report.exit_code) else 0)


def _list_errors(staged_api: StagedApi) -> list[Problem]:
    """Return the problems that have to be fixed, without warnings."""
    return [problem for problem in staged_api.problems if problem.severity == "error"]


def _report_step(step: str) -> None:
    echo(f"{step} …", err=True)


def _check(staged_api: StagedApi, *, no_check: bool) -> Report | None:
    count = len(staged_api.spec.operations)
    if no_check or _list_errors(staged_api):
        return None
    if count > CHECKED:
        _report_step(f"skipping the check, slow for {count} operations; run driftline check")
        return None
    with show_check_progress() as progress:
        return check(staged_api.stage.project, [staged_api.stage.name], progress=progress)


def _print_line(line: str) -> None:
    """Print one line: line breaks in strings of the document become spaces."""
    echo("".join(char if char.isprintable() else " " for char in line))


def _show_changes(updated: StagedUpdate) -> None:
    if updated.is_same:
        _print_line("The document is unchanged.")
    else:
        click.echo(
            formats.render_terminal(updated.changes, width=measure_width(), color=use_color()),
            nl=False,
        )
    for action in updated.actions.new:
        _print_line(f"new action: {action['target']}: {action['description']}")
    for action in updated.actions.needless:
        _print_line(f"removed, no longer needed: {action['target']}")
    for action in updated.idle:
        _print_line(f"your action matches nothing: {action['target']}")
    if updated.actions.by_hand:
        _print_line(f"Kept your actions: {len(updated.actions.by_hand)}.")
    _print_line("")


def _summarize(staged_api: StagedApi, report: Report | None) -> None:
    name, spec, document = staged_api.stage.name, staged_api.spec, staged_api.document
    _print_line(f"{name}: {spec.title}, from {document.fetched.origin}")
    _print_line(f"  specs/{name}.yaml: the overlay, with a reason for each change")
    _print_line(f"  specs/sources/{document.build_path(name)}: an unchanged copy of the document")
    _print_line(f"  generated/{spec.client_package}/: the typed client")
    _print_line(f"{format_count(len(spec.operations), 'operation')}.")
    _print_proposals(staged_api)
    _list_dropped(staged_api)
    if document.dropped_variables:
        names = ", ".join(document.dropped_variables[:SHOWN])
        _print_line(f"Ignored environment variables of the document: {names}.")
    errors = _list_errors(staged_api)
    warnings = [problem for problem in staged_api.problems if problem not in errors]
    _count("Warnings", warnings, shlex.join(["driftline", "lint", name]))
    _count(
        "Wider types in the client",
        staged_api.widened_types,
        shlex.join(["driftline", "generate", name, "--verbose"]),
    )
    _print_errors(name, errors)
    if report is not None:
        _show_verdict(name, report)
    _print_line(f"Next: {shlex.join(['driftline', 'mock', name])}")
    if spec.servers:
        live = ["driftline", "check", name, "--url", f"{name}={spec.servers[0].url}"]
        _print_line(f"      {shlex.join(live)}")


def _print_proposals(staged_api: StagedApi) -> None:
    """Print the numbers of listings, effects and references, and how they are marked."""
    spec = staged_api.spec
    counts = {
        "Listings": sum(1 for operation in spec.operations if operation.listing),
        "Effects on rows": sum(1 for operation in spec.operations if operation.effect),
        "References": sum(1 for _, node in select_clauses(spec.document) if REFERENCE in node),
    }
    if any(counts.values()):
        line = " ".join(f"{label}: {count}." for label, count in counts.items() if count)
        marks = "count as documented" if staged_api.is_own else "are marked x-assumed"
        _print_line(f"{line} Proposals {marks}.")


def _list_dropped(staged_api: StagedApi) -> None:
    """Print the proposals that do not hold on the mock, each with its reason."""
    if staged_api.dropped_proposals:
        reason = "because the mock fails the check with them"
        _print_line(f"Dropped proposals, {reason}: {len(staged_api.dropped_proposals)}")
    for proposal in staged_api.dropped_proposals[:SHOWN]:
        _print_line(f"  {proposal}")


def _count(title: str, problems: Sequence[Problem], command: str) -> None:
    """Print the number of problems of each kind, and the command that lists them."""
    if problems:
        counts = Counter(problem.id for problem in problems)
        summary = ", ".join(
            f"{count} {problem_id}" for problem_id, count in counts.most_common(SHOWN)
        )
        _print_line(f"{title}: {summary}. See: {command}")


def _print_errors(name: str, errors: Sequence[Problem]) -> None:
    for problem in errors[:SHOWN]:
        for line in str(problem).splitlines():
            _print_line(line)
    if errors:
        command = shlex.join(["driftline", "lint", name])
        _print_line(f"Problems to fix: {len(errors)}. List them with: {command}")


def _show_verdict(name: str, report: Report) -> None:
    verdict = f"Checked against its mock: {len(report.checks)} checks"
    counts = Counter(finding.id for finding in report.findings)
    command = shlex.join(["driftline", "check", name])
    if report.exit_code == 0:
        _print_line(f"{verdict}, no drift.")
    elif counts:
        summary = ", ".join(f"{count} {finding_id}" for finding_id, count in counts.most_common(5))
        _print_line(f"{verdict}; {summary}. See: {command}")
    else:
        _print_line(f"{verdict}, some of which could not run. See: {command}")
