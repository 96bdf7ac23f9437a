"""The options of `driftline check` that say what makes it fail, and what is accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from driftline.errors import UsageError
from driftline.report.baseline import Baseline
from driftline.report.failure_rules import FAIL_ON, FailOn, FailureRules

if TYPE_CHECKING:
    from driftline.report import Report

__all__ = ["Judging", "add_judging_options"]

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        help="The least severity that fails; default: additive live, assumed on a mock.",
    ),
    click.option(
        "--baseline",
        metavar="FILE",
        type=_FILE,
        help="Findings that are accepted until they expire, and why (YAML).",
    ),
    click.option(
        "--write-baseline",
        metavar="FILE",
        type=_FILE,
        help="Accept what this run finds; needs --reason and --expires.",
    ),
    click.option("--reason", metavar="TEXT", help="Why, in the file of --write-baseline."),
    click.option(
        "--expires",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        help="Until when, in the file of --write-baseline; as in 2025-03-31.",
    ),
    click.option(
        "--since",
        metavar="REPORT.json",
        type=_FILE,
        help="An earlier report.json: shows what is new, still there, or gone.",
    ),
    click.option("--fail-on-new", is_flag=True, help="Only what is new since then fails."),
)


def add_judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options, in the order in which the help has them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class Judging:
    """The options as given; files are read and looked at before anything is sent."""

    fail_on: FailOn | None
    baseline: Path | None
    write_baseline: Path | None
    reason: str | None
    expires: datetime | None
    since: Path | None
    fail_on_new: bool

    def build_rules(self) -> FailureRules:
        """What the options come to.

        Raises:
            UsageError: one option needs another.
            FileError: a file is not what it must be.
        """
        from driftline.report.baseline_file import read_baseline  # noqa: PLC0415 - not for --help
        from driftline.report.previous import read_report  # noqa: PLC0415

        if self.fail_on_new and self.since is None:
            raise UsageError("--fail-on-new needs an earlier report", "Give it with --since.")
        self._check_writing()
        return FailureRules(
            fail_on=self.fail_on,
            baseline=None if self.baseline is None else read_baseline(self.baseline),
            since=None if self.since is None else read_report(self.since),
            only_new=self.fail_on_new,
        )

    def _check_writing(self) -> None:
        path, reason, expires = self.write_baseline, self.reason, self.expires
        if path is None:
            if reason is not None or expires is not None:
                what = "--reason and --expires are for a baseline that is written"
                raise UsageError(what, "Give --write-baseline FILE too.")
            return
        if not (reason or "").strip() or expires is None:
            what = "--write-baseline needs a reason and a date"
            raise UsageError(what, "Give --reason TEXT and --expires DATE.")
        if expires.date() < datetime.now(UTC).date():
            what = f"--expires {expires.date()} is over"
            raise UsageError(what, "Give a day from today on.")
        if path.is_dir():
            raise UsageError(f"--write-baseline {path} is a folder", "Name a file.")
        path.parent.mkdir(parents=True, exist_ok=True)

    def renew_baseline(self, report: Report) -> Baseline | None:
        """The baseline that is to be written of the report, if one is asked for.

        What does not fail by the rules needs no entry, whatever the earlier report had.
        """
        if self.write_baseline is None or self.expires is None:
            return None
        path, today = self.write_baseline, report.started.date()
        rules = attrs.evolve(report.rules, baseline=None, only_new=False)
        bare = attrs.evolve(report, rules=rules)
        known = report.rules.baseline or Baseline(path, ())
        return Baseline(path, known.entries).renew(
            filter(bare.is_failure, bare.findings),
            report.settled,
            reason=str(self.reason),
            expires=self.expires.date(),
            today=today,
        )
