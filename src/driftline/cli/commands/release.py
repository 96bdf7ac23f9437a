"""`driftline release`: bump the version and update the changelog."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from driftline.changes import PARTS, Part
from driftline.cli.options import add_specs_option, find_project, load_specs
from driftline.cli.output import TERMINAL, format_option, measure_width, put, use_color
from driftline.files import replace
from driftline.markup import format_json

EPILOG: Final = """\
The version is project.version or tool.poetry.version of pyproject.toml, and its copies in the files
of tool.driftline.version-files. Breaking changes raise the major version, additions the minor
version; before 1.0, the minor and the patch version. If pyproject.toml has no version, for example
because it is derived from tags, only the changelog is written.

\b
Exit codes:
  0    released, or nothing to release
  2    error; nothing was written

\b
Examples:
  driftline release --dry-run
  driftline release
  driftline release --since v1.4.0 --bump major
  driftline release --dry-run --since main --format markdown
  driftline release shop
"""
FORMATS: Final = ("json", "markdown")


@click.command("release", epilog=EPILOG)
@click.argument("api", default="", metavar="[API]")
@click.option(
    "--since",
    metavar="REV",
    help="Last release: a git revision or a directory. [default: last version tag]",
)
@click.option(
    "--bump", "least", type=click.Choice(PARTS), help="Raise the version at least this much."
)
@click.option("--dry-run", is_flag=True, help="Show the release, and write nothing.")
@format_option(FORMATS)
@add_specs_option
def command(
    *,
    api: str,
    since: str | None,
    least: Part | None,
    dry_run: bool,
    form: str,
    specs: Path | None,
) -> None:
    """Bump the version and update CHANGELOG.md from the changes to the clients.

    With API, release its client as a distribution of its own, with the version and the changelog
    in its directory (see driftline generate --package).

    Existing entries are kept; unreleased entries move to the new version. Until its tag exists,
    a second run updates the same version.
    """
    from driftline.changes.release import formats  # noqa: PLC0415 - griffe
    from driftline.changes.release.make import release  # noqa: PLC0415 - not for --help

    project = find_project(specs)
    loaded_specs = load_specs(project, specs, (api,) if api else ())
    result = release(project, loaded_specs, api=api, since=since, minimum=least)
    if not dry_run:
        replace(result.contents)
    if form == TERMINAL:
        summary = _describe_release(result.contents, result.since, dry_run=dry_run)
        put(
            formats.render_terminal(
                result.outcome, summary=summary, width=measure_width(), color=use_color()
            )
        )
    else:
        data, outcome = form == "json", result.outcome
        put(format_json(outcome.to_dict()) if data else formats.render_markdown(outcome), form)


def _describe_release(contents: object, since: str, *, dry_run: bool) -> str:
    if not contents:
        return f"Nothing to write since {since}."
    return (
        f"Dry run, nothing written. Changes since {since}:"
        if dry_run
        else f"Written. Changes since {since}:"
    )
