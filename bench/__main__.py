"""`scripts/bench`: measures, shows the table, and says what could not be measured."""

from __future__ import annotations

import json
import platform
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console

from bench.figures import CannotMeasure, Comparison
from bench.table import build_table

NAMES = (
    *("decode", "call", "concurrent", "start", "memory", "install"),
    *("diff", "stored", "mock", "suite", "scale", "streams", "transfer"),
)
LEAST_ROUNDS = 7


def measure(name: str, rounds: int) -> list[Comparison]:
    """Return the comparisons of one measurement.

    Raises:
        CannotMeasure: something is missing, or failed; the text says what.
    """
    try:
        comparisons: list[Comparison] = import_module(f"bench.{name}").measure(rounds)
    except CannotMeasure:
        raise
    except ModuleNotFoundError as error:
        raise CannotMeasure(f"{error.name} is not installed; scripts/bench sets it up") from error
    except Exception as error:
        raise CannotMeasure(f"{type(error).__name__}: {error}") from error
    return comparisons


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("names", nargs=-1, metavar="[NAME]...", type=click.Choice(NAMES))
@click.option(
    "--rounds",
    type=click.IntRange(min=LEAST_ROUNDS),
    default=LEAST_ROUNDS,
    show_default=True,
    help="How often everything is measured, in turns.",
)
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write every round, the medians and the ratios to a file.",
)
def main(names: tuple[str, ...], rounds: int, file: Path | None) -> None:
    """Compare clients, mock, suite and `driftline diff` with their alternatives.

    NAME is decode, call, concurrent, start, memory, install, diff, stored, mock, suite, scale,
    streams or transfer; with none named, all run. Figures are medians of the rounds; suite runs
    once, scale twice. Whatever they are, the exit code is 0; 2: something could not be measured.
    """
    comparisons: list[Comparison] = []
    failed: dict[str, str] = {}
    for name in names or NAMES:
        click.echo(f"{name} ...", err=True)
        try:
            comparisons += measure(name, rounds)
        except CannotMeasure as error:
            failed[name] = str(error)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=180)
    if comparisons:
        console.print(build_table(comparisons))
        console.print(
            f"Medians of {rounds} rounds (suite: one), Python {platform.python_version()}."
        )
    if file is not None:
        file.write_text(json.dumps(_build_document(comparisons, failed, rounds), indent=2) + "\n")
    for name, reason in failed.items():
        click.echo(f"error: {name} could not be measured: {reason}", err=True)
    if failed:
        click.get_current_context().exit(2)


def _build_document(
    comparisons: list[Comparison], failed: dict[str, str], rounds: int
) -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "rounds": rounds,
        "comparisons": [comparison.to_json() for comparison in comparisons],
        "failed": failed,
    }


if __name__ == "__main__":
    main(prog_name="scripts/bench")
