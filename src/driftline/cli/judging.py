"""The options that decide which findings fail, and which are accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs
import click

from driftline.errors import UsageError
from driftline.files import make_folder
from driftline.report import FAIL_ON, Baseline, FailOn, FailureRules

if TYPE_CHECKING:
    from driftline.report import Report

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        help="Lowest severity that fails. [default: additive for a live server, else assumed]",
    ),
    click.option(
        "--baseline",
        metavar="FILE",
        type=_FILE,
        help="Accept the findings in this YAML file until they expire.",
    ),
    click.option(
        "--write-baseline",
        metavar="FILE",
        type=_FILE,
        help="Write a baseline of all findings; requires --reason and --expires.",
    ),
    click.option("--reason", metavar="TEXT", help="Reason for --write-baseline."),
    click.option(
        "--expires",
        metavar="DATE",
        type=click.DateTime(["%Y-%m-%d"]),
        help="Last day of --write-baseline, for example 2030-03-31.",
    ),
    click.option(
        "--since",
        metavar="REPORT.json",
        type=_FILE,
        help="Compare with an earlier report: new, known and fixed findings.",
    ),
    click.option(
        "--fail-on-new", is_flag=True, help="Fail only on findings that are new since --since."
    ),
)


def add_judging_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, in the order of `--help`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class Judging:
    """The values of the options; files are read before any request is sent."""

    fail_on: FailOn | None
    baseline: Path | None
    write_baseline: Path | None
    reason: str | None
    expires: datetime | None
    since: Path | None
    fail_on_new: bool

    @classmethod
    def extract(cls, options: dict[str, Any]) -> Self:
        """Take these options out of all `options` of a command."""
        return cls(**{field.name: options.pop(field.name) for field in attrs.fields(cls)})

    def build_rules(self) -> FailureRules:
        """Return the rules for findings.

        Raises:
            UsageError: one option needs another.
            FileError: a baseline or an earlier report is invalid.
        """
        from driftline.report import read_baseline, read_report  # noqa: PLC0415 - not for --help

        if self.fail_on_new and self.since is None:
            raise UsageError(
                "--fail-on-new needs an earlier report", "Pass --since REPORT.json too."
            )
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
                what = "--reason and --expires need --write-baseline"
                raise UsageError(what, "Pass --write-baseline FILE too.")
            return
        if not (reason or "").strip() or expires is None:
            what = "--write-baseline needs a reason and a date"
            raise UsageError(what, "Pass --reason TEXT and --expires DATE.")
        if expires.date() < datetime.now(UTC).date():
            what = f"--expires {expires.date()} is in the past"
            raise UsageError(what, "Choose today or a later date.")
        if path.is_dir():
            raise UsageError(f"--write-baseline {path} is a directory", "Name a file.")
        make_folder(path.parent)

    def renew_baseline(self, report: Report) -> Baseline | None:
        """Return the baseline to write, or None without `--write-baseline`.

        A finding that does not fail needs no entry, whatever the earlier report had.
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
