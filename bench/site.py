"""Stages the documentation for the site generator: python -m bench.site FOLDER.

The site has the pages of docs/, those that stand elsewhere in the repository, and the help of every
command. Links of the repository become links of the site; a link to a file becomes its text.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from driftline.cli.group import driftline

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "specs/README.md": "extensions.md",
}
"""Pages that stand outside docs/, and their names on the site."""
STYLE: Final = """\
.md-typeset td code { word-break: normal; overflow-wrap: normal }
.md-typeset table:not([class]) th { min-width: 0 }
.md-typeset table:not([class]) :is(th, td) { padding: .6em .9em }
@media (max-width: 45em) {
  .md-typeset table:not([class]) :is(th, td) { padding: .5em .45em }
  .md-typeset table:not([class]):not(:has(th:nth-child(4))) th { min-width: 5.4rem }
  .md-typeset td code { overflow-wrap: anywhere }
}
[data-md-color-scheme="slate"] .md-nav__link--active { color: #9fa8ff }
"""
"""Tables fit the page: ids break at hyphens, and anywhere on a phone.

The current page is readable in dark mode.
"""
_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
_FENCED: Final = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)


def stage(folder: Path) -> None:
    """Write all pages to a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = PAGES | {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    }
    for source, name in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (ROOT / source).read_text(encoding="utf-8")
        path.write_text(move_links(text, source, pages), encoding="utf-8")
    (folder / "commands.md").write_text(describe_commands(), encoding="utf-8")
    (folder / "extra.css").write_text(STYLE, encoding="utf-8")


def move_links(markdown: str, source: str, pages: dict[str, str]) -> str:
    """Return the text of a page with the links of the site; code stays as it is."""
    here = posixpath.dirname(pages[source]) or "."

    def move(match: re.Match[str]) -> str:
        text, target, anchor = match[1], match[2], match[3] or ""
        if not target or "://" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        if path not in pages:
            return text
        return f"[{text}]({posixpath.relpath(pages[path], here)}{anchor})"

    parts = _FENCED.split(markdown)
    return "".join(part if part.startswith("```") else _LINK.sub(move, part) for part in parts)


def describe_commands() -> str:
    """Return the help of every command as a page."""
    lines = ["# Commands", "", "The output of `--help` of each command."]
    for names, command in list_commands(driftline, ("driftline",)):
        context = click.Context(command, info_name=" ".join(names), terminal_width=90)
        lines += ["", f"## {' '.join(names)}", "", "```text", command.get_help(context), "```"]
    return "\n".join(lines) + "\n"


def list_commands(
    command: click.Command, names: tuple[str, ...]
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Return a command and all below it, each with its words."""
    commands = [(names, command)]
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=names[-1])
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            commands += list_commands(inner, (*names, name)) if inner else []
    return commands


if __name__ == "__main__":
    stage(Path(sys.argv[1]))
