"""`driftline add`: bring an API in."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from driftline.add.proposals.configuration import read_configuration
from driftline.add.run import Added, EmptyDocument, adding, project_at
from driftline.add.update import Updated, updating
from driftline.changes.wire.formats import terminal
from driftline.check import check
from driftline.cli.output import echo
from driftline.cli.progress import show_check_progress
from driftline.cli.screen import handle_interrupt, leave, measure_width, use_color
from driftline.errors import Problem, UsageError
from driftline.project import Project
from driftline.report import Report

__all__ = ["command"]

EPILOG = """\b
PLACE is a file, an http or https URL, or package:NAME/PATH for a file in an installed package:
OpenAPI 3 or Swagger 2.0, as JSON or YAML, in one file or several. With --update, PLACE defaults
to where the document was.

\b
Exit codes: 0 added, and all agrees; 1 added, and its own mock or lint disagrees, or nothing is
added since the document has no operations; 2 not added, and nothing is changed; 130 interrupted,
the same.

\b
Examples:
  driftline add https://api.example.com/openapi.json --name shop
  driftline add shop.yaml --name shop --no-check
  driftline add package:shop_sdk/openapi.json --name shop
  driftline add --name shop --update
"""
SHOWN = 20
CHECKED = 100
"""The most operations that are checked at once: more would take many minutes."""


@click.command("add", epilog=EPILOG)
@click.argument("place", metavar="[PLACE]", required=False)
@click.option("--name", metavar="API", required=True, help="Name of the API in this project.")
@click.option("--update", is_flag=True, help="Fetch it again; keep what was changed by hand.")
@click.option(
    "--stainless",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Read paging from a Stainless configuration.",
)
@click.option("--no-check", is_flag=True, help="Skip the check against its mock.")
@click.option(
    "--specs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder of the specs, if not specs/ of this project.",
)
def command(
    *,
    place: str | None,
    name: str,
    update: bool,
    stainless: Path | None,
    no_check: bool,
    specs: Path | None,
) -> None:
    """Bring an API in: keep its document as it is, and write an overlay beside it.

    Then lint it, generate its client, and check both against its mock.
    """
    if update and stainless:
        message = "--stainless is for adding: an update keeps what the overlay says of paging"
        raise UsageError(message, "Leave it out, or edit the overlay.")
    if place is None and not update:
        raise UsageError("no document given", "Name a file, a URL or package:NAME/PATH.")
    project, folder = project_at(specs)
    with handle_interrupt():
        try:
            if update:
                added, report = _update(place, name, project, folder, no_check=no_check)
            else:
                configuration = read_configuration(stainless) if stainless else None
                with adding(
                    str(place),
                    name,
                    project,
                    folder,
                    configuration=configuration,
                    tell=_report_step,
                ) as added:
                    report = _check(added, no_check=no_check or bool(_errors(added)))
                    added.stage.move(project, folder, added.spec.client_package)
        except EmptyDocument as error:
            _print_line(str(error))
            leave(1)
            return
    _summarize(added, report)
    leave(1 if _errors(added) or (report and report.exit_code) else 0)


def _update(
    place: str | None, name: str, project: Project, folder: Path, *, no_check: bool
) -> tuple[Added, Report | None]:
    with updating(place, name, project, folder, tell=_report_step) as updated:
        added = updated.added
        report = _check(added, no_check=no_check or bool(_errors(added)))
        added.stage.move(project, folder, added.spec.client_package)
    _show_changes(updated)
    return added, report


def _errors(added: Added) -> list[Problem]:
    """Return what has to be fixed, and not what was read in a tolerant way."""
    return [problem for problem in added.problems if problem.severity == "error"]


def _report_step(what: str) -> None:
    echo(f"{what} …", err=True)


def _check(added: Added, *, no_check: bool) -> Report | None:
    count = len(added.spec.operations)
    if no_check:
        return None
    if count > CHECKED:
        _report_step(f"not checked: {count} operations take long; run driftline check")
        return None
    # Hypothesis keeps tables in the current folder otherwise.
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - slow to import

    set_hypothesis_home_dir(added.stage.project.root / ".hypothesis")
    with show_check_progress() as progress:
        return check(added.stage.project, [added.stage.name], progress=progress)


def _print_line(line: str) -> None:
    """Print one line, whatever line ends the document's own words have."""
    echo("".join(each if each.isprintable() else " " for each in line))


def _show_changes(updated: Updated) -> None:
    if updated.is_same:
        _print_line("The document is unchanged.")
    else:
        click.echo(
            terminal.render(updated.changes, width=measure_width(), color=use_color()), nl=False
        )
    for action in updated.actions.new:
        _print_line(f"new action: {action['target']}: {action['description']}")
    for action in updated.actions.needless:
        _print_line(f"removed, no longer needed: {action['target']}")
    for action in updated.idle:
        _print_line(f"written by hand, matches nothing: {action['target']}")
    _print_line(f"Kept: {len(updated.actions.by_hand)} actions written by hand.")
    _print_line("")


def _summarize(added: Added, report: Report | None) -> None:
    name, spec, document = added.stage.name, added.spec, added.document
    _print_line(f"{name}: {spec.title}, from {document.fetched.origin}")
    _print_line(f"  specs/{name}.yaml: what is changed in it, each with its reason")
    _print_line(f"  specs/sources/{document.place(name)}: the document as it came")
    _print_line(f"  generated/{spec.client_package}/: the typed client")
    _print_line(f"{len(spec.operations)} of {len(document.spec.operations)} operations.")
    lists = sum(1 for operation in spec.operations if operation.listing)
    effects = sum(1 for operation in spec.operations if operation.effect)
    if lists or effects:
        _print_line(
            f"Listings: {lists}. Effects on their rows: {effects}. Proposals are x-assumed."
        )
    if document.dropped:
        names = ", ".join(document.dropped[:SHOWN])
        _print_line(
            f"Environment variables that the document names, and that are not used: {names}."
        )
    errors = _errors(added)
    warnings = [problem for problem in added.problems if problem not in errors]
    _count("Warnings", warnings, shlex.join(["driftline", "lint", name]))
    _count("Wider types in the client", added.widened, shlex.join(["driftline", "generate", name]))
    _list_errors(name, errors)
    if report is not None:
        _show_verdict(name, report)
    _print_line(f"Next: {shlex.join(['driftline', 'mock', name])}")
    if spec.servers:
        live = ["driftline", "check", name, "--url", f"{name}={spec.servers[0].url}"]
        _print_line(f"      {shlex.join(live)}")


def _count(title: str, problems: Sequence[Problem], command: str) -> None:
    """Print how many problems there are of each kind, and what shows them."""
    if problems:
        counts = Counter(problem.id for problem in problems)
        listed = ", ".join(f"{count} {each}" for each, count in counts.most_common(SHOWN))
        _print_line(f"{title}: {listed}. See: {command}")


def _list_errors(name: str, errors: Sequence[Problem]) -> None:
    for problem in errors[:SHOWN]:
        for line in str(problem).splitlines():
            _print_line(line)
    if errors:
        command = shlex.join(["driftline", "lint", name])
        _print_line(f"To fix: {len(errors)} problems; {command} lists them.")


def _show_verdict(name: str, report: Report) -> None:
    said = f"Checked against its mock: {len(report.checks)} checks"
    found = Counter(finding.id for finding in report.findings)
    command = shlex.join(["driftline", "check", name])
    if report.exit_code == 0:
        _print_line(f"{said}, no drift.")
    elif found:
        listed = ", ".join(f"{count} {each}" for each, count in found.most_common(5))
        _print_line(f"{said}; {listed}. See: {command}")
    else:
        _print_line(f"{said}, of which some could not be made. See: {command}")
