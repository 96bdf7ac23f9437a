"""What a job of GitHub Actions takes from a command: a summary, annotations. Elsewhere: nothing."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

import click

from driftline.findings import Finding, Severity

__all__ = ["annotate", "summarize", "unheeded"]

LEVELS: Final[Mapping[Severity, str]] = {
    "breaking": "error",
    "additive": "warning",
    "assumed": "notice",
}


def summarize(text: str, environ: Mapping[str, str] = os.environ) -> None:
    """Adds Markdown to the page of the run."""
    if environ.get("GITHUB_STEP_SUMMARY"):
        with Path(environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n\n")


def annotate(
    findings: Iterable[Finding], below: PurePosixPath, environ: Mapping[str, str] = os.environ
) -> None:
    """Shows each finding at its line of the spec; nothing but the log is needed for that.

    `below` is where in the repository the project is.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    for finding in findings:
        place = finding.location
        name = place.file.name if place.file.is_absolute() else place.file.as_posix()
        fields = {
            "file": (below / name).as_posix(),
            "line": str(max(place.line, 1)),
            "title": " ".join(filter(None, (finding.api, finding.operation, finding.id))),
        }
        told = ",".join(f"{name}={_escaped(text, ':,')}" for name, text in fields.items())
        message = f"{finding.message}\nExpected: {finding.expected}\nGot: {finding.got}"
        click.echo(f"::{LEVELS[finding.severity]} {told}::{_escaped(message)}")


def _escaped(text: str, more: str = "") -> str:
    """As the runner asks for; a percent sign first, since the others become one."""
    for char in f"%\r\n{more}":
        text = text.replace(char, f"%{ord(char):02X}")
    return text


@contextmanager
def unheeded(environ: Mapping[str, str] = os.environ) -> Generator[None]:
    """What is printed meanwhile may have text of servers and specs in it: the runner takes no line
    of it for a command."""
    if environ.get("GITHUB_ACTIONS") != "true":
        yield
        return
    word = secrets.token_hex(16)
    click.echo(f"::stop-commands::{word}")
    try:
        yield
    finally:
        click.echo(f"::{word}::")
