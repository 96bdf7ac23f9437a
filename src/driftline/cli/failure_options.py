"""The options that decide which findings fail, and which are in a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
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
_Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def _build_baseline_options(content: str) -> tuple[_Option, ...]:
    """Return the options about a baseline; `content` is what a new one has."""
    return (
        click.option(
            "--baseline",
            metavar="FILE",
            type=_FILE,
            help="Do not fail on the entries of this YAML file until they expire.",
        ),
        click.option(
            "--write-baseline",
            metavar="FILE",
            type=_FILE,
            help=f"Write {content} as a baseline; requires --reason and --until.",
        ),
        click.option("--reason", metavar="TEXT", help="Reason for --write-baseline."),
        click.option(
            "--until",
            "expires",
            metavar="DATE",
            type=click.DateTime(["%Y-%m-%d"]),
            help="Last day on which the new baseline is valid, for example 2030-03-31.",
        ),
    )


_SINCE = (
    click.option(
        "--since",
        metavar="REPORT.json",
        type=_FILE,
        help="Compare with an earlier report: which findings are new, still there or gone.",
    ),
    click.option(
        "--fail-on-new", is_flag=True, help="Fail only on findings that are new since --since."
    ),
)


def add_judging_options(default: str) -> _Option:
    """Add the options, in the order of `--help`; `default` describes that of `--fail-on`."""
    fail_on = click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        help=f"Lowest severity that fails. [default: {default}]",
    )
    baseline = _build_baseline_options("the findings of this run")
    return partial(_add_options, (fail_on, *baseline, *_SINCE))


def add_baseline_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add only the options about a baseline of changes."""
    return _add_options(_build_baseline_options("the failing changes"), command)


def _add_options(options: Sequence[_Option], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


@attrs.frozen(kw_only=True)
class BaselineOptions:
    """The values of the options about a baseline."""

    baseline: Path | None
    write_baseline: Path | None
    reason: str | None
    expires: datetime | None

    @classmethod
    def extract(cls, options: dict[str, Any]) -> Self:
        """Take these options out of all `options` of a command."""
        return cls(**{field.name: options.pop(field.name) for field in attrs.fields(cls)})

    def read(self) -> Baseline | None:
        """Return the baseline, once the options about a new one are known to be valid.

        Raises:
            UsageError: one option needs another.
            FileError: the baseline is invalid.
        """
        from driftline.report import open_baseline, read_baseline  # noqa: PLC0415

        self._check_writing()
        if self.write_baseline is not None:
            open_baseline(self.write_baseline)
        return None if self.baseline is None else read_baseline(self.baseline)

    def _check_writing(self) -> None:
        path, reason, expires = self.write_baseline, self.reason, self.expires
        if path is None:
            if reason is not None or expires is not None:
                message = "--reason and --until need --write-baseline"
                raise UsageError(message, "Pass --write-baseline FILE too.")
            return
        if not (reason or "").strip() or expires is None:
            message = "--write-baseline needs a reason and a date"
            raise UsageError(message, "Pass --reason TEXT and --until DATE.")
        if expires.date() < datetime.now(UTC).date():
            message = f"--until {expires.date()} is in the past"
            raise UsageError(message, "Choose today or a later date.")
        if path.is_dir():
            raise UsageError(f"--write-baseline {path} is a directory", "Pass a file.")
        make_folder(path.parent)


@attrs.frozen(kw_only=True)
class JudgingOptions(BaselineOptions):
    """The values of all options; files are read before any request is sent."""

    fail_on: FailOn | None
    since: Path | None
    fail_on_new: bool

    def build_rules(self) -> FailureRules:
        """Return the rules for findings.

        Raises:
            UsageError: one option needs another.
            FileError: a baseline or an earlier report is invalid.
        """
        from driftline.report import read_report  # noqa: PLC0415 - not for --help

        if self.fail_on_new and self.since is None:
            raise UsageError(
                "--fail-on-new needs an earlier report", "Pass --since REPORT.json too."
            )
        return FailureRules(
            fail_on=self.fail_on,
            baseline=self.read(),
            since=None if self.since is None else read_report(self.since),
            only_new=self.fail_on_new,
        )

    def renew_baseline(self, report: Report) -> Baseline | None:
        """Return the baseline to write, or None without `--write-baseline`.

        A finding that does not fail needs no entry, whatever the earlier report had.
        """
        if self.write_baseline is None or self.expires is None:
            return None
        path, today = self.write_baseline, report.started.date()
        rules = attrs.evolve(report.rules, baseline=None, only_new=False)
        bare_report = attrs.evolve(report, rules=rules)
        from driftline.report import open_baseline  # noqa: PLC0415 - not for --help

        baseline = report.rules.baseline or Baseline(path, ())
        changes = baseline.changes or open_baseline(path).changes
        return Baseline(path, baseline.entries, changes).renew(
            filter(bare_report.is_failure, bare_report.findings),
            report.settled,
            reason=str(self.reason),
            expires=self.expires.date(),
            today=today,
        )
