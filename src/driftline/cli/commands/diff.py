"""`driftline diff`: compare two versions of a spec."""

from __future__ import annotations

from typing import Final

import click

from driftline.changes import FAIL_ON, FailOn, find_sides, report
from driftline.changes.wire.formats import markdown, terminal
from driftline.cli.output import TERMINAL, format_option, put
from driftline.cli.screen import leave, measure_width, use_color
from driftline.markup import format_json

FORMATS: Final = ("json", "markdown")
EPILOG: Final = """\
OLD and NEW are each a file, a directory of documents, or REV:PATH. REV alone is a git revision of
the other side's path, by default specs/. NEW defaults to the working tree, and OLD to the last
commit. Documents are OpenAPI 3.0, 3.1 or 3.2.

Explain a change and its severity with: driftline explain ID

\b
Exit codes:
  0    no breaking change (see --fail-on)
  1    breaking change (see --fail-on)
  2    could not compare

\b
Examples:
  driftline diff
  driftline diff main
  driftline diff v1 v2
  driftline diff main specs/shop.yaml
  driftline diff v1:specs/shop.yaml today.json --format markdown
"""


@click.command("diff", epilog=EPILOG)
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@format_option(FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="breaking",
    show_default=True,
    help="Lowest severity that fails.",
)
def command(*, old: str | None, new: str | None, form: str, fail_on: FailOn) -> None:
    """Compare two versions of a spec and classify each change for clients.

    Breaking changes come first. Each change has its lines in both files.
    """
    found = report(find_sides(old, new), fail_on)
    if form == TERMINAL:
        put(terminal.render(found, width=measure_width(), color=use_color()))
    else:
        put(format_json(found.to_dict()) if form == "json" else markdown.render(found), form)
    leave(found.exit_code)
