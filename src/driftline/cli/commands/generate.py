"""`driftline generate`: makes the typed clients."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Final

import attrs
import click

from driftline.changes.release.outcome import Outcome, Step
from driftline.cli.options import add_apis_argument, add_specs_option, load_specs, place
from driftline.cli.output import TERMINAL, echo, format_option, put
from driftline.cli.screen import leave, measure_width, use_color
from driftline.errors import Problem, UsageError
from driftline.generate import compare
from driftline.openapi import Spec
from driftline.project import Project

__all__ = ["command"]

EPILOG = """\b
Exit codes: 0 done (--check: nothing to do), 1 --check found something to do, or --verify something
wrong with what was made, 2 could not be done.
driftline explain ID says what a change means, driftline release writes the changelog.

\b
Examples:
  driftline generate
  driftline generate shop --check
  driftline generate --verify --callers src/app.py
  driftline generate --format markdown
"""
FORMATS: Final = ("json", "markdown")


@click.command("generate", epilog=EPILOG)
@add_apis_argument
@click.option("--check", "only_compare", is_flag=True, help="Change nothing, only compare.")
@click.option(
    "--verify",
    is_flag=True,
    help="Check types (with mypy, if it is there) and run the contract suite afterwards.",
)
@click.option(
    "--callers",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATH",
    help="With --verify: code that uses the clients, its types are checked as well. Repeatable.",
)
@click.option("--verbose", is_flag=True, help="List every type that is wider than the spec says.")
@format_option(FORMATS)
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    only_compare: bool,
    verify: bool,
    callers: tuple[Path, ...],
    verbose: bool,
    form: str,
    specs: Path | None,
) -> None:
    """Makes the typed clients in generated/ from specs/, each as a whole or not at all.

    Says what that changes for those who call the API and its client, which version that would
    be, and what the changelog would say of it.
    """
    if only_compare and (verify or form != TERMINAL):
        raise UsageError(
            "--check cannot be combined with --verify or --format", "Pass --check alone."
        )
    if callers and not verify:
        raise UsageError("--callers needs --verify", "Pass both options.")
    project = place(specs)
    loaded = load_specs(project, specs, names)
    if only_compare:
        _compare(project, loaded)
    else:
        _generate(project, loaded, form, callers if verify else None, verbose=verbose)


def _compare(project: Project, specs: list[Spec]) -> None:
    differences = compare(project, specs)
    for each in differences:
        echo(f"{each.kind}: generated/{each.path}")
    if differences:
        stale = " ".join(dict.fromkeys(each.api for each in differences))
        echo(f"Stale: {_format_counts(len(differences))}. Run: driftline generate {stale}")
        click.get_current_context().exit(1)
    click.echo("generated/ is what the specs give.")


def _generate(
    project: Project,
    specs: list[Spec],
    form: str,
    callers: tuple[Path, ...] | None,
    *,
    verbose: bool,
) -> None:
    """`callers` is None where nothing is to be verified."""
    problems: list[Problem] = []
    from driftline.changes.release.regenerate import regenerate  # noqa: PLC0415 - not for --check

    outcome = regenerate(project, specs, problems)
    if callers is not None:
        outcome = attrs.evolve(outcome, steps=_verify_clients(project, specs, outcome, callers))
    from driftline.changes.release import json_data, markdown, terminal  # noqa: PLC0415

    if form == "json":
        put(json_data.render(outcome), form)
    elif form == "markdown":
        put(markdown.render(outcome), form)
    elif outcome.files or outcome.steps:
        files = len(outcome.files)
        said = f"Brought up to date: {_format_counts(files)}." if files else _FRESH
        put(terminal.render(outcome, said=said, width=measure_width(), color=use_color()))
    else:
        click.echo(_FRESH)
    if form == TERMINAL:
        _report_widened(problems, verbose=verbose)
    leave(outcome.exit_code)


def _report_widened(problems: list[Problem], *, verbose: bool) -> None:
    """Say where a client's types are wider than its spec, by kind or one by one."""
    for problem in problems if verbose else ():
        echo(problem)
    if problems:
        counts = Counter(problem.id for problem in problems)
        listing = ", ".join(f"{problem_id} {count}" for problem_id, count in sorted(counts.items()))
        hint = "" if verbose else "\n  List them with --verbose."
        echo(f"Wider types than the spec: {len(problems)} ({listing}){hint}")


def _verify_clients(
    project: Project, specs: list[Spec], outcome: Outcome, callers: tuple[Path, ...]
) -> tuple[Step, ...]:
    """Of what was made anew, or of all where nothing was."""
    try:
        from driftline.cli.commands.verify import verify  # noqa: PLC0415 - needs another extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("driftline"):
            raise
        what = f"--verify needs {error.name!r}, which is not installed"
        raise UsageError(what, "Run: pip install 'driftline[contract]'") from None
    changed = [spec for spec in specs if spec.name in outcome.apis]
    return verify(project, changed or specs, callers)


_FRESH: Final = "generated/ is what the specs give."


def _format_counts(files: int) -> str:
    return f"{files} file{'s' * (files != 1)}"
