"""`driftline lint`: validate the specs."""

from __future__ import annotations

from pathlib import Path

import click

from driftline.cli.options import apis, load_specs, place, specs_option
from driftline.cli.output import echo
from driftline.spec.lint import lint

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 no errors (warnings do not count), 1 errors, 2 a spec cannot be read at all.
driftline explain ID says what a problem means.

\b
Example:
  driftline lint shop
"""


@click.command("lint", epilog=EPILOG)
@apis
@specs_option
def command(*, names: tuple[str, ...], specs: Path | None) -> None:
    """Validate the specs, and say how to fix each problem."""
    loaded = load_specs(place(specs), specs, names)
    problems = [problem for spec in loaded for problem in lint(spec)]
    for problem in problems:
        prefix = "warning: " if problem.severity == "warning" else ""
        echo(f"{prefix}{problem}")
    errors = [problem for problem in problems if problem.severity == "error"]
    counts = f"{len(errors)} errors, {len(problems) - len(errors)} warnings"
    if errors:
        click.echo(f"Problems: {counts}.")
        click.get_current_context().exit(1)
    sound = f"Sound: {', '.join(spec.name for spec in loaded)}."
    echo(f"{sound} {counts}." if problems else sound)
