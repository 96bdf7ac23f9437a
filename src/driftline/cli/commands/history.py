"""`driftline history`: what many runs found."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from driftline.cli.output import TERMINAL, echo, format_option, measure_width, put, use_color
from driftline.files import make_folder, replace

EPILOG: Final = """\
FILE defaults to history.jsonl. --history FILE of driftline check, observe, ci live and ci watch
appends one line per run; several jobs can append at the same time. Keep the file on a branch, in a
cache or as an artifact.

A finding is flaky if it was reported, then checked but not reported, and then reported again.

\b
Exit codes:
  0    success
  2    error

\b
Examples:
  driftline check --url shop=https://api.example.com --history history.jsonl
  driftline history history.jsonl
  driftline history history.jsonl --page history.html --badge drift.svg
  driftline history history.jsonl --feed drift.xml --link https://example.com/history.html
"""
FORMATS: Final = ("json", "html")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("history", epilog=EPILOG)
@click.argument("file", metavar="[FILE]", type=_FILE, default=Path("history.jsonl"))
@click.option("--page", metavar="FILE", type=_FILE, help="Write the history as one HTML page.")
@click.option("--badge", metavar="FILE", type=_FILE, help="Write a badge (SVG).")
@click.option(
    "--feed", metavar="FILE", type=_FILE, help="Write new and gone findings as an Atom feed."
)
@click.option("--link", metavar="URL", default="", help="Address of the page, for the feed.")
@format_option(FORMATS)
def command(
    *,
    file: Path,
    page: Path | None,
    badge: Path | None,
    feed: Path | None,
    link: str,
    form: str,
) -> None:
    """Show when findings appeared and disappeared, which are flaky, and the coverage of runs."""
    from driftline.history import (  # noqa: PLC0415 - not for --help
        build_timeline,
        formats,
        read_runs,
    )

    timeline = build_timeline(read_runs(file))
    contents: dict[Path, str] = {}
    if page is not None:
        contents[page] = formats.render_html(timeline)
    if badge is not None:
        contents[badge] = formats.render_badge(timeline)
    if feed is not None:
        contents[feed] = formats.render_feed(timeline, link)
    for path in contents:
        make_folder(path.parent)
    replace(contents)
    if form == TERMINAL:
        put(formats.render_terminal(timeline, width=measure_width(), color=use_color()))
    else:
        render = formats.render_html if form == "html" else formats.render_json
        put(render(timeline), form)
    for path in contents:
        echo(f"Written: {path}", err=True)
