"""Shared by `driftline ci change` and `driftline ci live`: options and published reports."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import quote

import attrs
import click

from driftline.ci import (
    NotifySettings,
    annotate,
    read_night,
    read_notify_settings,
    summarize,
)
from driftline.cli.commands.ci.host import find_run_url
from driftline.cli.group import format_options
from driftline.cli.options import add_live_limits, add_specs_option, find_project
from driftline.cli.output import echo
from driftline.errors import UsageError
from driftline.files import replace
from driftline.markup import format_json
from driftline.project import ProjectConfiguration
from driftline.report import FORMATS, name_file

NOT_NOTIFIED: Final = 3
"""Exit code of a run that found nothing, but could not say what changed."""

_OWN_FILES: Final = ("comment.md", "watch.md")


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
        help="Do not fail on the entries of this YAML file until they expire.",
    )(command)


@attrs.frozen(kw_only=True)
class NightlyOptions:
    """The options of `add_nightly_options`."""

    urls: tuple[str, ...]
    folder: Path
    max_requests: int | None
    rate: int | None
    history: str | None
    silent: bool
    baseline: str | None
    specs: Path | None

    @property
    def shared_words(self) -> list[str]:
        """The options that every command inside of the run gets."""
        return format_options({"--baseline": self.baseline, "--specs": self.specs})

    @property
    def limit_words(self) -> list[str]:
        """The options that limit what is sent to a live server."""
        return format_options({"--max-requests": self.max_requests, "--rate": self.rate})


def add_nightly_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a run against live servers, for `NightlyOptions`."""
    url = click.option(
        "--url",
        "urls",
        metavar="API=URL",
        multiple=True,
        help="Check this live server. Repeatable. [default: url in driftline.toml, or else the "
        "first server of the spec]",
    )
    history = click.option(
        "--history", metavar="FILE", help="Append this run to a file for driftline history."
    )
    silent = click.option(
        "--no-notify",
        "silent",
        is_flag=True,
        help="Do not notify the channels in driftline.toml.",
    )
    with_limits = add_live_limits(history(silent(add_baseline_option(add_specs_option(command)))))
    return url(add_folder_option(with_limits))


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
    from driftline.ci import notify_channels  # noqa: PLC0415 - not for --help

    if settings is None or history is None or not report.is_file():
        return 0
    failures = notify_channels(
        settings,
        Path(history),
        read_night(report),
        published=published,
        report=settings.report or find_run_url(),
    )
    for failure in failures:
        echo(f"warning: {failure}", err=True)
    return NOT_NOTIFIED if failures else 0


def clear(folder: Path) -> None:
    """Delete the files of an earlier run: they must not be taken for results of this run."""
    for name in (*_OWN_FILES, *map(name_file, FORMATS)):
        (folder / name).unlink(missing_ok=True)


def show_report(folder: Path, specs: Path | None) -> None:
    """Publish the report as job summary and annotations, if there is a report."""
    if not (folder / "report.json").is_file():
        return
    project_folder = relativize_folder(find_project(specs).root)
    move_results(folder, project_folder)
    summarize((folder / "report.md").read_text(encoding="utf-8"))
    annotate(read_night(folder / "report.json").findings.values(), project_folder)


def relativize_folder(root: Path, environ: Mapping[str, str] = os.environ) -> PurePosixPath:
    """Return the path of the folder `root` from the repository's root.

    The root is the runner's checkout, or found by git.
    """
    start = Path(environ.get("GITHUB_WORKSPACE") or root).resolve()
    tops = (folder for folder in (start, *start.parents) if (folder / ".git").exists())
    try:
        return PurePosixPath(root.resolve().relative_to(next(tops, start)).as_posix())
    except ValueError:
        return PurePosixPath()


def move_results(folder: Path, project_folder: PurePosixPath) -> None:
    """Make the paths in report.sarif and gl-code-quality.json relative to the repository's root."""
    if project_folder == PurePosixPath():
        return
    for name, move in (("report.sarif", _move_sarif), ("gl-code-quality.json", _move_issues)):
        file = folder / name
        if file.is_file():
            data: Any = json.loads(file.read_text(encoding="utf-8"))
            move(data, project_folder.as_posix())
            replace({file: format_json(data)})


def _move_sarif(log: Any, project_folder: str) -> None:
    for run in log["runs"]:
        for result in run["results"]:
            for location in result["locations"]:
                artifact = location["physicalLocation"]["artifactLocation"]
                artifact["uri"] = f"{quote(project_folder)}/{artifact['uri']}"


def _move_issues(issues: Any, project_folder: str) -> None:
    for issue in issues:
        issue["location"]["path"] = f"{project_folder}/{issue['location']['path']}"
