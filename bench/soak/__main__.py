"""`scripts/soak`: mixed load with injected faults, kills and restarts, and a list of errors."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from bench.figures import CannotMeasure
from bench.soak.run import soak


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--minutes", type=click.FloatRange(min=0.05), default=30.0, show_default=True)
@click.option("--kills", type=click.IntRange(min=0), default=3, show_default=True)
@click.option("--rate", type=click.FloatRange(min=1), default=50.0, show_default=True)
def main(minutes: float, kills: int, rate: float) -> None:
    """Send requests of every kind to the mock of all specs, with faults injected.

    In the first half, it is killed `--kills` times and restarted on its file. Only fault rules may
    cause wrong responses, no created call may be lost or listed twice, and memory must not grow in
    the second half. Exit code 1: one of these does not hold; 2: the mock could not be started.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            summary = soak(Path(folder), minutes * 60, kills, rate, click.echo)
        except CannotMeasure as error:
            click.echo(f"error: {error}", err=True)
            click.get_current_context().exit(2)
    first, last = summary.memory
    outcomes = ", ".join(f"{n} {outcome}" for outcome, n in sorted(summary.outcomes.items()))
    click.echo(f"{summary.requests} requests: {outcomes}")
    click.echo(f"{summary.kills} kills; {summary.created} calls are listed at the end")
    click.echo(f"memory, first and second half of the last stretch: {first:.1f}, {last:.1f} MB")
    for fault in summary.faults[:50]:
        click.echo(f"fault: {fault}")
    click.echo(f"{len(summary.faults)} faults")
    click.get_current_context().exit(1 if summary.faults else 0)


if __name__ == "__main__":
    main(prog_name="scripts/soak")
