"""`driftline diff`: compare two versions of a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import attrs
import click

from driftline.changes import (
    FAIL_ON,
    ChangeRules,
    DiffReport,
    FailOn,
    find_sides,
    load_change_rules,
    report,
)
from driftline.changes.wire import formats
from driftline.cli.failure_options import BaselineOptions, add_baseline_options
from driftline.cli.output import TERMINAL, format_option, leave, measure_width, put, use_color
from driftline.cli.report_output import print_beside_report
from driftline.errors import UsageError
from driftline.markup import format_json
from driftline.project import Project

FORMATS: Final = ("json", "markdown")
EPILOG: Final = """\
OLD and NEW are each a file, a directory of documents, or REV:PATH. A REV without a path means the
same path as the other side, or specs/. NEW defaults to the working tree, and OLD to the last
commit. Documents are OpenAPI 3 or Swagger 2.0.

Explain a change and its severity with: driftline explain ID

\b
Exit codes:
  0    no breaking change (see --fail-on)
  1    breaking change (see --fail-on)
  2    could not compare

\b
Examples:
  driftline diff
  driftline diff main
  driftline diff v1 v2
  driftline diff main specs/shop.yaml
  driftline diff v1:specs/shop.yaml today.json --format markdown
  driftline diff main --fail-on unversioned
  driftline diff main --write-baseline accepted.yaml --reason "agreed" --until 2030-03-31
  driftline diff main --baseline accepted.yaml
"""


@click.command("diff", epilog=EPILOG)
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@format_option(FORMATS)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="breaking",
    show_default=True,
    help="Lowest severity that fails; unversioned: breaking without a new major info.version.",
)
@add_baseline_options
def command(
    *, old: str | None, new: str | None, form: str, fail_on: FailOn, **arguments: Any
) -> None:
    """Compare two versions of a document and classify each change for clients.

    Breaking changes come first. Each change has its lines in both files.
    """
    options = BaselineOptions.extract(arguments)
    rules = attrs.evolve(_load_rules(), fail_on=fail_on, baseline=options.read())
    diff_report = report(find_sides(old, new), rules)
    if options.write_baseline is not None:
        diff_report = attrs.evolve(diff_report, rules=_renew_baseline(diff_report, options))
    if form == TERMINAL:
        put(formats.render_terminal(diff_report, width=measure_width(), color=use_color()))
    else:
        put(
            format_json(diff_report.to_dict())
            if form == "json"
            else formats.render_markdown(diff_report),
            form,
        )
    if options.write_baseline is not None:
        print_beside_report(f"Baseline: {options.write_baseline}", form)
    leave(diff_report.exit_code)


def _load_rules() -> ChangeRules:
    """Return the rules of the project, or of the current directory outside of one."""
    try:
        root = Project.find().root
    except UsageError:
        root = Path.cwd()
    return load_change_rules(root)


def _renew_baseline(diff_report: DiffReport, options: BaselineOptions) -> ChangeRules:
    """Write a baseline that accepts the changes that fail, and return the rules with it."""
    from driftline.report import open_baseline, write_baseline  # noqa: PLC0415 - not for --help

    path, expires = options.write_baseline, options.expires
    assert path is not None  # noqa: S101 (the options were checked)
    assert expires is not None  # noqa: S101
    baseline = diff_report.rules.baseline or open_baseline(path)
    failing = filter(diff_report.is_failure, diff_report.changes)
    changes = diff_report.rules.accept(failing, str(options.reason), expires.date())
    renewed = attrs.evolve(baseline, path=path, changes=changes)
    write_baseline(renewed)
    return attrs.evolve(diff_report.rules, baseline=renewed)
