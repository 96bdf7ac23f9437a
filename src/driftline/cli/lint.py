"""`driftline lint`: is every spec sound?"""

from __future__ import annotations

from pathlib import Path

import click

from driftline.cli.options import apis, load_specs, place, specs_option
from driftline.cli.output import echo
from driftline.spec.lint import lint

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 sound, 1 something to mend, 2 a spec cannot be read at all.

\b
Example:
  driftline lint shop
"""


@click.command("lint", epilog=EPILOG)
@apis
@specs_option
def command(*, names: tuple[str, ...], specs: Path | None) -> None:
    """Checks that the specs keep the rules, and says how to mend each problem."""
    loaded = load_specs(place(specs), specs, names)
    problems = [problem for spec in loaded for problem in lint(spec)]
    for problem in problems:
        echo(problem)
    if problems:
        click.echo(f"Problems: {len(problems)}.")
        click.get_current_context().exit(1)
    echo(f"Sound: {', '.join(spec.name for spec in loaded)}.")
