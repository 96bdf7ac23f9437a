"""`driftline explain`: what a finding or a change means, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import attrs
import click

from driftline.cli import entries, rules
from driftline.cli.screen import color, width
from driftline.contract.catalogue import CATALOGUE, Entry
from driftline.diff import RULES, Rule
from driftline.errors import UsageError
from driftline.problems import problem_kinds
from driftline.release import PYTHON_RULES

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 explained, 2 there is no such id.

\b
Examples:
  driftline explain
  driftline explain response.required.missing
  driftline explain listing.row.lost --format json
  driftline explain request.enum.value-removed
  driftline explain python.argument.removed
  driftline explain ref.dangling
  driftline explain --changes
  driftline explain --problems
"""


CHANGES: Final[Mapping[str, Rule]] = {**RULES, **PYTHON_RULES}


@click.command("explain", epilog=EPILOG)
@click.argument("name", metavar="[ID]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people or for programs.",
)
@click.option("--changes", is_flag=True, help="About changes of specs and clients, not findings.")
@click.option("--problems", is_flag=True, help="List the problems of specs that lint reports.")
@click.option(
    "--markdown",
    "as_page",
    is_flag=True,
    help="All of them as docs/findings.md is, or docs/changes.md.",
)
def command(*, name: str | None, form: str, changes: bool, problems: bool, as_page: bool) -> None:
    """Says what the finding or change ID means, and what to do about it.

    Without ID: all ids of findings, or with --changes of changes, each with one line.
    """
    if as_page and (name is not None or form == "json"):
        raise UsageError("--markdown is about all ids, and is no JSON", "Give it alone.")
    if name is not None:
        text = _one(name, form)
    elif problems:
        text = _problems(form)
    elif as_page:
        text = rules.markdown() if changes else entries.markdown(list(CATALOGUE.values()))
    elif form == "json":
        text = _json(_all(changes=changes))
    else:
        found: Sequence[Entry | Rule] = list(CATALOGUE.values())
        if changes:
            found = list(CHANGES.values())
        text = entries.listed(found, width=width(), color=color())
    click.echo(text, nl=False, color=color())


def _all(*, changes: bool) -> list[dict[str, Any]]:
    if changes:
        return [rules.data(rule) for rule in CHANGES.values()]
    return [entries.data(entry) for entry in CATALOGUE.values()]


def _problems(form: str) -> str:
    kinds = list(problem_kinds().values())
    if form == "json":
        return _json([attrs.asdict(kind) for kind in kinds])
    return entries.listed(kinds, width=width(), color=color())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _one(name: str, form: str) -> str:
    if name in CATALOGUE:
        entry = CATALOGUE[name]
        if form == "json":
            return _json(entries.data(entry))
        return entries.shown(entry, width=width(), color=color())
    if name in CHANGES:
        rule = CHANGES[name]
        if form == "json":
            return _json(rules.data(rule))
        return rules.shown(rule, width=width(), color=color())
    if name in problem_kinds():
        kind = problem_kinds()[name]
        if form == "json":
            return _json(attrs.asdict(kind))
        return entries.show_problem(kind, width=width(), color=color())
    known = (*CATALOGUE, *CHANGES, *problem_kinds())
    within = [each for each in known if name.lower() in each]
    close = get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    near = list(dict.fromkeys([*close, *within]))[:5]
    listed = "driftline explain lists all ids, and with --changes those of changes."
    remedy = f"Did you mean {', '.join(near)}?" if near else listed
    raise UsageError(f"there is no finding {name!r}", remedy)
