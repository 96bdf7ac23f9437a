"""`driftline release`: the version and the changelog of what has changed since the last one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from driftline.changes.release import json_data, markdown, terminal
from driftline.changes.release.bump import PARTS, Part
from driftline.changes.release.make import release
from driftline.cli.options import add_specs_option, load_specs, place
from driftline.cli.output import TERMINAL, format_option, put
from driftline.cli.screen import measure_width, use_color
from driftline.files import replace

__all__ = ["command"]

EPILOG: Final = """\b
The version is that of the project (pyproject.toml): project.version, or tool.poetry.version, and
every file that tool.driftline.version-files names. What breaks callers is a major version, what is
new a minor one; before 1.0 each is one number lower. Where no version is kept, as with one that is
made from tags, only the changelog is written.

\b
Exit codes: 0 done, or nothing to release; 2 could not be done, and nothing is written.

\b
Examples:
  driftline release --dry-run
  driftline release
  driftline release --since v1.4.0 --bump major
  driftline release --dry-run --since main --format markdown
"""
FORMATS: Final = {"json": json_data.render, "markdown": markdown.render}


@click.command("release", epilog=EPILOG)
@click.option(
    "--since",
    metavar="REV",
    help="What was released last: a git revision, or a folder. Default: the last tag of a version.",
)
@click.option("--bump", "least", type=click.Choice(PARTS), help="At least this number is raised.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only show it.")
@format_option(FORMATS)
@add_specs_option
def command(
    *, since: str | None, least: Part | None, dry_run: bool, form: str, specs: Path | None
) -> None:
    """Writes the next version and CHANGELOG.md, by what the clients change for their callers.

    What stands in the changelog is kept; what is unreleased moves under the new version. Run
    twice, it writes the same.
    """
    project = place(specs)
    made = release(project, load_specs(project, specs, ()), since=since, least=least)
    if not dry_run:
        replace(made.texts)
    if form == TERMINAL:
        said = _describe_release(made.texts, made.since, dry_run=dry_run)
        put(terminal.render(made.outcome, said=said, width=measure_width(), color=use_color()))
    else:
        put(FORMATS[form](made.outcome), form)


def _describe_release(texts: object, since: str, *, dry_run: bool) -> str:
    if not texts:
        return f"Nothing to write since {since}."
    return f"Not written: --dry-run. Since {since}:" if dry_run else f"Written, since {since}."
