"""`driftline explain`: what a finding means, and what to do about it."""

from __future__ import annotations

import json
from difflib import get_close_matches

import click

from driftline.cli import entries
from driftline.cli.screen import color, width
from driftline.contract.catalogue import CATALOGUE, Entry
from driftline.errors import UsageError

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 explained, 2 there is no such id.

\b
Examples:
  driftline explain
  driftline explain response.required.missing
  driftline explain listing.row.lost --format json
"""


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
@click.option("--markdown", "as_page", is_flag=True, help="All of them as docs/findings.md is.")
def command(*, name: str | None, form: str, as_page: bool) -> None:
    """Says what the finding ID means, with an example, and what to do about it.

    Without ID: all ids, each with one line.
    """
    if as_page and (name is not None or form == "json"):
        raise UsageError("--markdown is about all ids, and is no JSON", "Give it alone.")
    chosen = None if name is None else _entry(name)
    everything = list(CATALOGUE.values())
    if as_page:
        text = entries.markdown(everything)
    elif form == "json":
        value = [entries.data(each) for each in everything] if chosen is None else None
        found = entries.data(chosen) if chosen else value
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    elif chosen is None:
        text = entries.listed(everything, width=width(), color=color())
    else:
        text = entries.shown(chosen, width=width(), color=color())
    click.echo(text, nl=False, color=color())


def _entry(name: str) -> Entry:
    if name in CATALOGUE:
        return CATALOGUE[name]
    within = [known for known in CATALOGUE if name.lower() in known]
    close = get_close_matches(name.lower(), CATALOGUE, n=3, cutoff=0.5)
    near = list(dict.fromkeys([*close, *within]))[:5]
    remedy = f"Did you mean {', '.join(near)}?" if near else "driftline explain lists all ids."
    raise UsageError(f"there is no finding {name!r}", remedy)
