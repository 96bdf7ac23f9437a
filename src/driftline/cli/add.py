"""`driftline add`: brings an API in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from driftline.add.configuration import read_configuration
from driftline.add.plan import LeftOut
from driftline.add.run import Added, adding, project_at
from driftline.add.update import Updated, updating
from driftline.cli.output import echo
from driftline.cli.progress import showing
from driftline.cli.screen import color, interruptible, leave, width
from driftline.diff import terminal
from driftline.drift import Report, check
from driftline.errors import UsageError

__all__ = ["command"]

EPILOG = """\b
PLACE is a file, an http or https URL, or package:NAME/PATH for a file in an installed package:
OpenAPI 3.0 or 3.1, as JSON or YAML. With --update it may be left out: it is where it was.

\b
Exit codes: 0 added, and all agrees; 1 added, and its own mock or lint disagrees; 2 not added,
and nothing is changed; 130 interrupted, the same.

\b
Examples:
  driftline add https://api.example.com/openapi.json --name shop
  driftline add shop.yaml --name shop --no-check
  driftline add package:shop_sdk/openapi.json --name shop
  driftline add --name shop --update
"""
SHOWN = 20
CHECKED = 100
"""More operations are not checked at once: it would take many minutes."""


@click.command("add", epilog=EPILOG)
@click.argument("place", metavar="[PLACE]", required=False)
@click.option("--name", metavar="API", required=True, help="What the API is called here.")
@click.option("--update", is_flag=True, help="Fetch it anew; what was done by hand is kept.")
@click.option(
    "--stainless",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A Stainless configuration, for what it says about paging.",
)
@click.option("--no-check", is_flag=True, help="Do not check it against its mock.")
@click.option(
    "--specs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the specs are, if not in specs/ of this project.",
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
    """Brings an API in: its document stays as it is, and an overlay says what is changed in it.

    Then it is linted, its client is generated, and both are checked against its mock.
    """
    if update and stainless:
        what = "--stainless is for adding: what it said stands in the overlay, and is kept"
        raise UsageError(what, "Leave it out, or edit the overlay.")
    project, folder = project_at(specs)
    with interruptible():
        if update:
            with updating(place, name, project, folder, tell=_step) as updated:
                added, report = updated.added, _checked(updated.added, no_check)
                added.stage.move(project, folder, added.spec.client_package)
            _changes(updated)
        elif place is None:
            raise UsageError("there is nothing to add", "Name a file, a URL or package:NAME/PATH.")
        else:
            told = read_configuration(stainless) if stainless else None
            with adding(place, name, project, folder, configuration=told, tell=_step) as added:
                report = _checked(added, no_check)
                added.stage.move(project, folder, added.spec.client_package)
    _summary(added, report)
    leave(1 if added.problems or (report and report.exit_code) else 0)


def _step(what: str) -> None:
    echo(f"{what} …", err=True)


def _checked(added: Added, no_check: bool) -> Report | None:
    count = len(added.spec.operations)
    if no_check or not count:
        return None
    if count > CHECKED:
        _step(f"not checked: {count} operations take long; driftline check does it")
        return None
    with showing() as progress:
        return check(added.stage.project, [added.stage.name], progress=progress)


def _say(line: str) -> None:
    """A line for people; what the document says in it does nothing to the terminal."""
    echo(line)


def _changes(updated: Updated) -> None:
    if updated.is_same:
        _say("The document is what it was.")
    else:
        click.echo(terminal.render(updated.changes, width=width(), color=color()), nl=False)
    for action in updated.actions.new:
        _say(f"new: {action['target']}: {action['description']}")
    for action in updated.actions.needless:
        _say(f"no longer needed, taken away: {action['target']}")
    for action in updated.idle:
        _say(f"by hand, and finds nothing any more: {action['target']}")
    _say(f"Kept as they are: {len(updated.actions.by_hand)} actions made by hand.")
    _say("")


def _summary(added: Added, report: Report | None) -> None:
    name, spec = added.stage.name, added.spec
    _say(f"{name}: {spec.title}, from {added.document.fetched.origin}")
    _say(f"  specs/{name}.yaml: what is changed in it, each with its reason; read it")
    _say(f"  specs/sources/{name}{added.document.suffix}: the document as it came")
    if spec.operations:
        _say(f"  generated/{spec.client_package}/: the typed client")
    lists = sum(1 for operation in spec.operations if operation.listing)
    effects = sum(1 for operation in spec.operations if operation.effect)
    if lists or effects:
        _say(f"Listings: {lists}. Effects on their rows: {effects}. Proposals are x-assumed.")
    for problem in added.problems[:SHOWN]:
        _say(str(problem))
    if added.problems:
        _say(f"To mend: {len(added.problems)} problems; driftline lint {name} lists them.")
    if report is not None:
        _verdict(name, report)
    _left_out(added.operations, added.left_out)
    if spec.operations:
        _say(f"Next: driftline mock {name}")
        _say(f"      driftline check {name} --url {name}={spec.servers[0].url}")


def _verdict(name: str, report: Report) -> None:
    said = f"Checked against its mock: {len(report.checks)} checks"
    found = Counter(finding.id for finding in report.findings)
    if report.exit_code == 0:
        _say(f"{said}, no drift.")
    elif found:
        told = ", ".join(f"{count} {each}" for each, count in found.most_common(5))
        _say(f"{said}; {told}. See: driftline check {name}")
    else:
        _say(f"{said}, of which some could not be made. See: driftline check {name}")


def _left_out(total: int, left_out: Sequence[LeftOut]) -> None:
    for each in left_out[:SHOWN]:
        _say(f"left out: {each.operation}: {each.reason}")
    if len(left_out) > SHOWN:
        _say(f"left out: {len(left_out) - SHOWN} more; the overlay says which and why.")
    reasons = Counter(each.reason.partition(":")[0] for each in left_out)
    because = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common(3))
    more = f", {len(left_out)} left out: {because}" if left_out else ""
    _say(f"{total - len(left_out)} of {total} operations{more}.")
