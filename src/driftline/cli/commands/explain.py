"""`driftline explain`: explain a finding, a change or a problem by its id."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import attrs
import click

from driftline.changes import PYTHON_RULES, RULES
from driftline.checks import CATALOGUE
from driftline.cli import entries
from driftline.cli.output import measure_width, use_color
from driftline.errors import UsageError
from driftline.markup import format_json
from driftline.openapi import load_problem_kinds

EPILOG = """\b
Exit codes:
  0    success
  2    unknown id

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


@attrs.frozen
class Topic:
    """A kind of ids: their entries, and how an entry is rendered.

    An entry has an `id` and a `summary`. `to_page` returns the page of the documentation.
    """

    entries: Mapping[str, Any]
    to_data: Callable[[Any], dict[str, Any]]
    to_text: Callable[..., str]
    to_page: Callable[[], str]


FINDINGS: Final = Topic(
    CATALOGUE,
    entries.to_data,
    entries.format_entry,
    lambda: entries.format_markdown(list(CATALOGUE.values())),
)
CHANGES: Final = Topic(
    {**RULES, **PYTHON_RULES},
    lambda rule: attrs.asdict(rule, filter=lambda field, _: field.name != "subject"),
    entries.format_rule,
    entries.format_changes_page,
)
PROBLEMS: Final = Topic(
    load_problem_kinds(),
    attrs.asdict,
    entries.format_problem,
    lambda: entries.format_problems(load_problem_kinds().values()),
)
TOPICS: Final = (FINDINGS, CHANGES, PROBLEMS)
"""Every kind of ids that `driftline explain` knows."""


@click.command("explain", epilog=EPILOG)
@click.argument("name", metavar="[ID]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@click.option("--changes", is_flag=True, help="List the ids of changes instead of findings.")
@click.option("--problems", is_flag=True, help="List the ids of problems instead of findings.")
@click.option(
    "--markdown",
    "as_page",
    is_flag=True,
    help="Print the page Findings, Changes (--changes) or Problems (--problems) as Markdown.",
)
def command(*, name: str | None, form: str, changes: bool, problems: bool, as_page: bool) -> None:
    """Explain a finding, a change or a problem, and what to do about it.

    Without ID, list the ids of all findings.
    """
    if as_page and (name is not None or form == "json"):
        raise UsageError(
            "--markdown cannot be combined with ID or --format json", "Pass --markdown alone."
        )
    topic = CHANGES if changes else PROBLEMS if problems else FINDINGS
    if name is not None:
        output = _explain(name, form)
    elif as_page:
        output = topic.to_page()
    elif form == "json":
        output = _format_json([topic.to_data(entry) for entry in topic.entries.values()])
    else:
        output = entries.format_list(
            list(topic.entries.values()), width=measure_width(), color=use_color()
        )
    click.echo(output, nl=False, color=use_color())


def _format_json(value: object) -> str:
    return format_json(value)


def _explain(name: str, form: str) -> str:
    """Return everything about one id.

    Raises:
        UsageError: no topic has it.
    """
    for topic in TOPICS:
        if name in topic.entries:
            entry = topic.entries[name]
            if form == "json":
                return _format_json(topic.to_data(entry))
            return topic.to_text(entry, width=measure_width(), color=use_color())
    ids = [entry_id for topic in TOPICS for entry_id in topic.entries]
    within = [entry_id for entry_id in ids if name.lower() in entry_id]
    close = get_close_matches(name.lower(), ids, n=3, cutoff=0.5)
    suggestions = list(dict.fromkeys([*close, *within]))[:5]
    hint = "List all ids with driftline explain, --changes or --problems."
    raise UsageError(
        f"unknown id {name!r}", f"Did you mean {', '.join(suggestions)}?" if suggestions else hint
    )
