"""What `driftline ci change` and `driftline ci live` share: options and published reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from driftline.ci import (
    NotifySettings,
    annotate,
    move_results,
    read_night,
    read_notify_settings,
    relativize,
    summarize,
)
from driftline.cli.commands.ci.host import find_run_url
from driftline.cli.options import place
from driftline.cli.output import echo
from driftline.errors import UsageError
from driftline.project import ProjectConfiguration

NOT_NOTIFIED: Final = 3
"""Exit code of a run that found nothing, but could not say what changed."""

FILES = ("comment.md", "report.json", "report.md", "report.sarif", "watch.md")


def add_folder_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--report DIR`, as `folder`."""
    return click.option(
        "--report",
        "folder",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("report"),
        show_default=True,
        help="Write the report to this directory.",
    )(command)


def add_baseline_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--baseline FILE`, as `baseline`."""
    return click.option(
        "--baseline",
        metavar="FILE",
        help="Accept the findings in this YAML file until they expire.",
    )(command)


def add_notify_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--history FILE` and `--no-notify`, as `history` and `silent`."""
    history = click.option(
        "--history", metavar="FILE", help="Append the run to a file for driftline history."
    )
    silent = click.option(
        "--no-notify",
        "silent",
        is_flag=True,
        help="Do not notify the channels in driftline.toml.",
    )
    return history(silent(command))


def load_channels(
    configuration: ProjectConfiguration, history: str | None, *, silent: bool
) -> NotifySettings | None:
    """Return the channels to notify, or None.

    Raises:
        UsageError: there are channels, and no history that says what is new.
    """
    settings = None if silent else read_notify_settings(configuration)
    if settings is not None and history is None:
        message = "notifications need the history of earlier runs"
        raise UsageError(message, "Pass --history FILE, or --no-notify.")
    return settings


def notify(
    settings: NotifySettings | None,
    history: str | None,
    report: Path,
    published: Sequence[str] = (),
) -> int:
    """Send what the run of this report.json changed; return 0, or 3 if a channel failed."""
    from driftline.ci import build_notice, send_notice  # noqa: PLC0415 - not for --help
    from driftline.history import read_runs  # noqa: PLC0415

    if settings is None or history is None or not report.is_file():
        return 0
    notice = build_notice(
        read_runs(Path(history)),
        read_night(report),
        published=published,
        report=settings.report or find_run_url(),
    )
    failures = [] if notice is None else send_notice(settings, notice)
    for failure in failures:
        echo(f"warning: {failure}", err=True)
    return NOT_NOTIFIED if failures else 0


def clear(folder: Path) -> None:
    """Delete the files of an earlier run: they must not be taken for results of this run."""
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def show_report(folder: Path, specs: Path | None) -> None:
    """Publish the report as job summary and annotations, if there is a report."""
    if not (folder / "report.json").is_file():
        return
    below = relativize(place(specs).root)
    move_results(folder / "report.sarif", below)
    summarize((folder / "report.md").read_text(encoding="utf-8"))
    annotate(read_night(folder / "report.json").findings.values(), below)
