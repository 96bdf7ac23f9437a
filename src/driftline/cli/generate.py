"""`driftline generate`: makes the typed clients."""

from __future__ import annotations

from pathlib import Path

import click

from driftline.cli.options import apis, load_specs, place, specs_option
from driftline.generate import compare, generate

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 done (--check: nothing to do), 1 --check found something to do, 2 could not be done.

\b
Examples:
  driftline generate
  driftline generate shop --check
"""

# What was wrong with a file, and what was done about it.
DONE = {"missing": "added", "extra": "removed", "different": "changed"}


@click.command("generate", epilog=EPILOG)
@apis
@click.option("--check", "only_compare", is_flag=True, help="Change nothing, only compare.")
@specs_option
def command(*, names: tuple[str, ...], only_compare: bool, specs: Path | None) -> None:
    """Makes the typed clients in generated/ from specs/, each as a whole or not at all."""
    project = place(specs)
    loaded = load_specs(project, specs, names)
    differences = (compare if only_compare else generate)(project, loaded)
    files = f"{len(differences)} file{'s' * (len(differences) != 1)}"
    for each in differences:
        word = each.kind if only_compare else DONE[each.kind]
        click.echo(f"{word}: generated/{each.path}")
    if not differences:
        click.echo("generated/ is what the specs give.")
    elif only_compare:
        stale = " ".join(dict.fromkeys(each.api for each in differences))
        click.echo(f"Stale: {files}. Run: driftline generate {stale}")
        click.get_current_context().exit(1)
    else:
        click.echo(f"Brought up to date: {files}.")
