"""`driftline check`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import click

from driftline.cli.ending import print_beside_report, report_options, show
from driftline.cli.judging import Judging, add_judging_options
from driftline.cli.live import LiveOptions, add_live_options
from driftline.cli.options import add_apis_argument, add_specs_option, place
from driftline.cli.progress import show_check_progress
from driftline.cli.screen import handle_interrupt, leave
from driftline.shard import Shard

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 all agree, 1 drift, 2 could not check, 130 interrupted.
Against a live server only reads are sent, unless a write is allowed by name; credentials come
from the environment variables that the spec names. What only rests on an assumption of ours is
shown, and is no drift there: --fail-on assumed makes it fail, --fail-on breaking lets more pass.
What could not be checked ends with 2, whatever the options; --resume goes on from there.
driftline explain ID says what a finding means.

\b
Examples:
  driftline check
  driftline check shop --report report
  driftline check shop --url shop=https://api.example.com --allow-writes order.create
  driftline check shop --url shop=https://api.example.com --resume report
  driftline check --write-baseline accepted.yaml --reason "ticket 4711" --expires 2030-03-31
  driftline check --baseline accepted.yaml --since report/report.json --fail-on-new
  driftline check --shard 1/4 --report report-1
  driftline check --format sarif > driftline.sarif
"""


@click.command("check", epilog=EPILOG)
@add_apis_argument
@report_options
@click.option("--seed", default=0, show_default=True, help="Of the mock's rows and made requests.")
@click.option("--shard", metavar="I/N", default="1/1", help="Only the Ith of N parts.")
@click.option(
    "--examples",
    metavar="PLACE",
    default="",
    help="Keep what fuzzing finds in a directory or at redis://…, and try it first.",
)
@click.option(
    "--operation",
    "operations",
    metavar="GLOB",
    multiple=True,
    help="Check only operations with this id, or METHOD /path. Repeatable.",
)
@click.option(
    "--tag",
    "tags",
    metavar="GLOB",
    multiple=True,
    help="Check only operations with this tag. Repeatable.",
)
@click.option(
    "--pytest",
    "own_tests",
    is_flag=True,
    help="Also run the project's own tests in contract_tests/.",
)
@click.option(
    "--progress",
    "told",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="On stderr: for people, or a JSON line for each check as it is made.",
)
@add_live_options
@add_judging_options
@click.option("--unseen", is_flag=True, help="List what is documented and was never seen.")
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    folder: Path | None,
    form: str,
    seed: int,
    shard: str,
    examples: str,
    operations: tuple[str, ...],
    tags: tuple[str, ...],
    own_tests: bool,
    told: str,
    specs: Path | None,
    unseen: bool,
    **options: Any,
) -> None:
    """Checks that specs, generated clients, and mocks or live servers agree."""
    from driftline.check import check  # noqa: PLC0415 - not for --help
    from driftline.report.baseline_file import write_baseline  # noqa: PLC0415
    from driftline.suite.operation_filter import OperationFilter  # noqa: PLC0415 - not for --help

    known = {field.name for field in attrs.fields(LiveOptions)}
    live = LiveOptions(**{name: options.pop(name) for name in known})
    judge = Judging(**options)
    rules, part = judge.build_rules(), Shard.parse(shard)
    folder = live.choose_folder(folder)
    with handle_interrupt() as pressed:
        with show_check_progress(told) as progress:
            report = check(
                place(specs),
                names,
                seed=seed,
                shard=part,
                examples=examples,
                own_tests=own_tests,
                selection=OperationFilter(operations=operations, tags=tags),
                folder=folder,
                progress=progress,
                specs=None if specs is None else specs.resolve(),
                **live.build_arguments(),
            )
        if pressed:  # what was learnt until then
            show(attrs.evolve(report, rules=rules), folder, form, with_uncovered=unseen)
    report = attrs.evolve(report, rules=rules)
    renewed = judge.renew_baseline(report)
    if renewed is not None:
        report = attrs.evolve(report, rules=attrs.evolve(rules, baseline=renewed))
    show(report, folder, form, with_uncovered=unseen)
    if renewed is not None:
        write_baseline(renewed)
        print_beside_report(f"Baseline: {renewed.path}", form)
    leave(report.exit_code)
