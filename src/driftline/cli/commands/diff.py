"""`driftline diff`: what a change of a spec does to callers."""

from __future__ import annotations

from typing import Final

import click

from driftline.changes.wire.formats import json_data, markdown, terminal
from driftline.changes.wire.report import FAIL_ON, FailOn, report
from driftline.changes.wire.source.sources import find_sides
from driftline.cli.output import TERMINAL, format_option, put
from driftline.cli.screen import leave, measure_width, use_color

__all__ = ["command"]

FORMATS: Final = {"json": json_data.render, "markdown": markdown.render}
EPILOG: Final = """\b
OLD and NEW are each a file, a folder of documents, REV:PATH as git has it, or REV alone: a git
revision of what the other side names, or else of specs/. Without NEW, what is on the disk now;
without both, what was committed last against that. Any OpenAPI 3.0, 3.1 or 3.2 document will do.

\b
Exit codes: 0 nothing breaks, 1 something breaks (or what --fail-on says), 2 could not tell.
driftline explain ID says what a change means, and why it is as grave as it is.

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
    help="The least severity that fails.",
)
def command(*, old: str | None, new: str | None, form: str, fail_on: FailOn) -> None:
    """Compares two versions of a spec, and says of every change what it does to callers.

    What breaks them comes first, with the lines in both files.
    """
    found = report(find_sides(old, new), fail_on)
    if form == TERMINAL:
        put(terminal.render(found, width=measure_width(), color=use_color()))
    else:
        put(FORMATS[form](found), form)
    leave(found.exit_code)
