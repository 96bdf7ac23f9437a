"""The options of `driftline check` for live servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import attrs
import click

from driftline.cli.options import add_live_limits
from driftline.errors import UsageError
from driftline.files import make_folder
from driftline.project import ProjectConfiguration

_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option(
        "--url",
        "urls",
        metavar="API[=URL]",
        multiple=True,
        help="Check this live server instead of a mock; URL defaults to the one in driftline.toml. "
        "Repeatable.",
    ),
    click.option(
        "--allow-writes",
        metavar="GLOB",
        multiple=True,
        help="Also send write operations with this id or METHOD /path to a live server. "
        "Repeatable.",
    ),
    add_live_limits,
    click.option(
        "--timeout",
        metavar="SECONDS",
        type=click.FloatRange(0, min_open=True),
        help="Timeout for a complete response from a live server. [default: 30]",
    ),
    click.option(
        "--run-id",
        metavar="ID",
        help="Value of the X-Driftline-Run header in live requests. [default: random]",
    ),
    click.option(
        "--resume",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Resume the live run that wrote its report to this directory.",
    ),
)


def add_live_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, in the order of `--help`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class LiveOptions:
    """The values of the options."""

    urls: Sequence[str]
    allow_writes: Sequence[str]
    max_requests: int | None
    rate: int | None
    timeout: float | None
    run_id: str | None
    resume: Path | None

    @classmethod
    def extract(cls, options: dict[str, Any]) -> Self:
        """Take the live options out of all `options` of a command."""
        return cls(**{field.name: options.pop(field.name) for field in attrs.fields(cls)})

    def choose_folder(self, report: Path | None) -> Path | None:
        """Return the directory of the report; a resumed run completes its own report.

        Raises:
            UsageError: both --report and --resume were passed.
        """
        if report is not None and self.resume is not None:
            message = "--report cannot be combined with --resume"
            hint = "Leave out --report: the report is written to the directory of --resume."
            raise UsageError(message, hint)
        if report is not None:
            make_folder(report)
        return self.resume or report

    def build_arguments(self, configuration: ProjectConfiguration) -> dict[str, Any]:
        """Return the arguments for `driftline.check.check`; limits only where they were passed."""
        from driftline.suite import parse_url_pairs  # noqa: PLC0415 - not for --help

        limits = {
            "max_requests": self.max_requests,
            "rate": self.rate,
            "timeout": self.timeout,
        }
        return {
            "urls": dict(parse_url_pairs(self.urls, configuration)),
            "allow_writes": self.allow_writes,
            "run": self.run_id,
            "resumed": self.resume is not None,
            **{name: value for name, value in limits.items() if value is not None},
        }
