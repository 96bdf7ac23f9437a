"""`driftline drill`: mutation testing of the contract suite."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from driftline.cli.options import (
    add_apis_argument,
    add_seed_option,
    add_shard_option,
    add_specs_option,
    find_project,
    load_specs,
)
from driftline.cli.output import echo, handle_interrupt, leave, measure_width, use_color
from driftline.cli.progress import show_count
from driftline.errors import UsageError
from driftline.shard import Shard

EPILOG = """\
A mutant is a mock that violates one clause of the spec. The contract suite kills it by reporting
drift. Results are kept in the report directory; the next run only tests mutants whose spec or code
changed.

\b
Exit codes:
  0    every mutant was killed, is only assumed, or is equivalent
  1    a mutant survived or was misattributed (findings name other clauses)
  2    could not run
  130  interrupted

\b
Examples:
  driftline drill
  driftline drill shop --only '*/listing.*'
  driftline drill --shard 1/4 --report report-1
"""


@click.command("drill", epilog=EPILOG)
@add_apis_argument
@click.option(
    "--jobs",
    metavar="N",
    default=os.cpu_count() or 1,
    show_default="number of processors",
    type=click.IntRange(1),
    help="Number of processes.",
)
@add_shard_option
@add_seed_option
@click.option(
    "--only",
    metavar="GLOB",
    default="*",
    show_default=True,
    help="Test only mutants whose id matches.",
)
@click.option(
    "--report",
    "folder",
    metavar="DIR",
    default=Path("report"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Write drill.json and intermediate results to this directory.",
)
@click.option(
    "--update",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the score to this Markdown file, between <!-- drill --> and <!-- /drill -->.",
)
@click.option("--fresh", is_flag=True, help="Test all mutants again, and ignore earlier results.")
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    jobs: int,
    shard: str,
    seed: int,
    only: str,
    folder: Path,
    update: Path | None,
    fresh: bool,
    specs: Path | None,
) -> None:
    """Test the contract suite by mutation: violate each clause of a spec, and expect a finding."""
    # not for --help
    from driftline.mutation import STATE, report as drill_report, run_mutation_test  # noqa: PLC0415

    project = find_project(specs)
    part = Shard.parse(shard)
    if update is not None:
        _require_complete_score(update, part, only)
    loaded_specs = load_specs(project, specs, names)
    with handle_interrupt(), show_count("drilling") as show_progress:
        report = run_mutation_test(
            project,
            loaded_specs,
            jobs=jobs,
            shard=part,
            seed=seed,
            only=only,
            state=folder / STATE,
            fresh=fresh,
            progress=lambda result, done, total: show_progress(
                f"{result.verdict} {result.id}" if result else "", done, total
            ),
        )
    report_path = drill_report.write(report, folder)
    if update is not None:
        drill_report.update(update, report)
    text = drill_report.render(report, root=project.root, width=measure_width(), color=use_color())
    # A reader that closed the pipe (`head`) does not change the exit code.
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=use_color())
        echo(f"Report: {report_path}")
    leave(report.exit_code)


def _require_complete_score(update: Path, part: Shard, only: str) -> None:
    """Reject a file without markers, or a partial run, before the mutants are tested."""
    from driftline.mutation import split_file  # noqa: PLC0415 - not for --help

    split_file(update)
    if part != Shard() or only != "*":
        message = "--update needs the results of all mutants"
        raise UsageError(message, "Leave out --update, or leave out --shard and --only.")
