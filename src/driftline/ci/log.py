"""Summary and annotations for a job of GitHub Actions; nothing outside of one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from driftline.checks import Finding, Severity
from driftline.log_commands import format_command, is_actions, write_command

LEVELS: Final[Mapping[Severity, str]] = {
    "breaking": "error",
    "additive": "warning",
    "assumed": "notice",
}


def summarize(markdown: str, environ: Mapping[str, str] = os.environ) -> None:
    """Add Markdown to the page of the run."""
    if environ.get("GITHUB_STEP_SUMMARY"):
        with Path(environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
            file.write(markdown.rstrip("\n") + "\n\n")


def annotate(
    findings: Iterable[Finding],
    project_folder: PurePosixPath,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Annotate each finding at its line of the spec, through the log.

    `project_folder` is the project's folder in the repository.
    """
    if not is_actions(environ):
        return
    for finding in findings:
        location = finding.location
        name = location.file.name if location.file.is_absolute() else location.file.as_posix()
        command = format_command(
            LEVELS[finding.severity],
            f"{finding.message}\nExpected: {finding.expected}\nGot: {finding.got}",
            file=(project_folder / name).as_posix(),
            line=str(max(location.line, 1)),
            title=" ".join(filter(None, (finding.api, finding.operation, finding.id))),
        )
        write_command(command)


@contextmanager
def disable_commands(environ: Mapping[str, str] = os.environ) -> Generator[None]:
    """Disable log commands while other programs print, such as workers."""
    if not is_actions(environ):
        yield
        return
    token = secrets.token_hex(16)
    write_command(format_command("stop-commands", token))
    try:
        yield
    finally:
        write_command(format_command(token))
