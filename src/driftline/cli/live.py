"""The options of `driftline check` that are about live servers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from driftline.errors import UsageError

__all__ = ["LiveOptions", "add_live_options"]

_OPTIONS = (
    click.option(
        "--url", "urls", metavar="API=URL", multiple=True, help="A live server in the mock's place."
    ),
    click.option(
        "--allow-writes",
        metavar="OPERATION",
        multiple=True,
        help="Send this write to a live server too.",
    ),
    click.option(
        "--max-requests",
        metavar="N",
        default=2000,
        show_default=True,
        type=click.IntRange(1),
        help="At most so many to each live server.",
    ),
    click.option(
        "--rate",
        metavar="N",
        default=10,
        show_default=True,
        type=click.IntRange(1),
        help="At most so many a second to a live server.",
    ),
    click.option(
        "--timeout",
        metavar="SECONDS",
        default=30.0,
        show_default=True,
        type=click.FloatRange(0, min_open=True),
        help="For a live server's whole answer.",
    ),
    click.option("--run-id", metavar="ID", help="In the X-Driftline-Run header of live requests."),
    click.option(
        "--resume",
        metavar="DIR",
        type=click.Path(path_type=Path, file_okay=False),
        help="Go on with the live run whose --report is there.",
    ),
)


def add_live_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, in the order in which the help has them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class LiveOptions:
    """The options as given."""

    urls: Sequence[str]
    allow_writes: Sequence[str]
    max_requests: int
    rate: int
    timeout: float
    run_id: str | None
    resume: Path | None

    def choose_folder(self, report: Path | None) -> Path | None:
        """Where the report goes: to resume a run is to complete its own.

        Raises:
            UsageError: two folders are given.
        """
        if report is not None and self.resume is not None:
            what = "--report cannot be combined with --resume"
            raise UsageError(
                what, "Leave out --report: the report is written to the directory of --resume."
            )
        if report is not None:
            report.mkdir(parents=True, exist_ok=True)
        return self.resume or report

    def build_arguments(self) -> dict[str, Any]:
        """What `drift.check` is to be called with."""
        from driftline.suite.http.target import parse_url_pairs  # noqa: PLC0415 - not for --help

        return {
            "urls": dict(parse_url_pairs(self.urls)),
            "allow_writes": self.allow_writes,
            "max_requests": self.max_requests,
            "rate": self.rate,
            "timeout": self.timeout,
            "run": self.run_id,
            "resumed": self.resume is not None,
        }
