"""`driftline drill`: does the contract suite see every clause of a spec that is broken?"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import click

from driftline.cli.options import add_apis_argument, add_specs_option, load_specs, place
from driftline.cli.output import echo
from driftline.cli.progress import show_count
from driftline.cli.screen import handle_interrupt, leave, measure_width, use_color
from driftline.errors import UsageError
from driftline.shard import Shard

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 every mutant is killed or equivalent, 1 one survived or was called by a wrong name,
2 could not run, 130 interrupted.
A mutant is the mock with one clause of the spec broken. Results are kept in the report's folder:
run again, only those of a changed spec or changed code are tried again.

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
    show_default="one a processor",
    type=click.IntRange(1),
    help="So many processes.",
)
@click.option("--shard", metavar="I/N", default="1/1", help="Only the Ith of N parts.")
@click.option("--seed", default=0, show_default=True, help="Of the mock's rows and made requests.")
@click.option("--only", metavar="GLOB", default="*", help="Only mutants whose ID matches.")
@click.option(
    "--report",
    "folder",
    metavar="DIR",
    default=Path("report"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where drill.json and the results so far are kept.",
)
@click.option(
    "--update",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also put the score into this Markdown file, between <!-- drill --> and <!-- /drill -->.",
)
@click.option("--fresh", is_flag=True, help="Try all again, whatever was found before.")
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
    """Breaks each clause of a spec in a mock, and runs the contract suite against it."""
    from driftline.mutation import report as drill_report  # noqa: PLC0415 - not for --help
    from driftline.mutation.run import STATE, run_mutation_test  # noqa: PLC0415

    project = place(specs)
    part = Shard.parse(shard)
    if update is not None:
        _require_complete_score(update, part, only)
    loaded = load_specs(project, specs, names)
    with handle_interrupt(), show_count("drilling") as tell:
        report = run_mutation_test(
            project,
            loaded,
            jobs=jobs,
            shard=part,
            seed=seed,
            only=only,
            state=folder / STATE,
            fresh=fresh,
            progress=lambda result, done, total: tell(
                f"{result.verdict} {result.id}" if result else "", done, total
            ),
        )
    written = drill_report.write(report, folder)
    if update is not None:
        drill_report.update(update, report)
    text = drill_report.render(report, root=project.root, width=measure_width(), color=use_color())
    # Whoever reads this may have left, as `head` does: the verdict is the same.
    with suppress(BrokenPipeError):
        click.echo(text, nl=False, color=use_color())
        echo(f"Report: {written}")
    leave(report.exit_code)


def _require_complete_score(update: Path, part: Shard, only: str) -> None:
    """Refuses, before it takes minutes, a score that has no place or is not one of all mutants."""
    from driftline.mutation.report import split_file  # noqa: PLC0415 - not for --help

    split_file(update)
    if part != Shard() or only != "*":
        what = "a score of some mutants is none of the suite"
        raise UsageError(what, "Leave out --update, or --shard and --only.")
