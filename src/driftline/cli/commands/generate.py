"""`driftline generate`: generate the typed clients."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import click

from driftline.cli.options import add_apis_argument, add_specs_option, find_project, load_specs
from driftline.cli.output import TERMINAL, echo, format_option, leave, measure_width, put, use_color
from driftline.errors import Problem, UsageError
from driftline.faces import suggest_extra
from driftline.markup import format_count, format_json
from driftline.openapi import Spec
from driftline.project import Project

if TYPE_CHECKING:
    from driftline.changes import Outcome, Step

EPILOG = """\
Explain a change or a type with: driftline explain ID. Write the changelog with: driftline release

\b
Exit codes:
  0    generated; with --check, up to date
  1    --check found differences, or --verify failed
  2    error

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
@click.option(
    "--check",
    "only_compare",
    is_flag=True,
    help="Compare generated/ with the specs, and write nothing.",
)
@click.option(
    "--verify",
    is_flag=True,
    help="Run mypy (if installed) and the contract suite (extra contract) afterwards.",
)
@click.option(
    "--callers",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATH",
    help="Also type-check this code that uses the clients (with --verify). Repeatable.",
)
@click.option(
    "--package",
    is_flag=True,
    help="Make each client a distribution: write a pyproject.toml if it has none.",
)
@click.option("--verbose", is_flag=True, help="List every type that is wider than in the spec.")
@format_option(FORMATS)
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    only_compare: bool,
    verify: bool,
    callers: tuple[Path, ...],
    package: bool,
    verbose: bool,
    form: str,
    specs: Path | None,
) -> None:
    """Generate the typed clients in generated/ from specs/.

    Report the changes on the wire and in Python, the next version, and its changelog entry.
    """
    if only_compare and (verify or package or form != TERMINAL):
        raise UsageError(
            "--check cannot be combined with --verify, --package or --format",
            "Pass --check alone.",
        )
    if callers and not verify:
        raise UsageError("--callers needs --verify", "Pass both options.")
    project = find_project(specs)
    loaded_specs = load_specs(project, specs, names)
    if only_compare:
        _compare(project, loaded_specs)
    else:
        problems: list[Problem] = []
        outcome = _regenerate(project, loaded_specs, problems, package=package)
        if verify:
            steps = _verify_clients(project, loaded_specs, outcome, callers)
            outcome = attrs.evolve(outcome, steps=steps)
        _report(outcome, problems, form, verbose=verbose)


def _compare(project: Project, specs: list[Spec]) -> None:
    from driftline.generate import compare  # noqa: PLC0415 - not for --help

    differences = compare(project, specs)
    for difference in differences:
        echo(f"{difference.kind}: generated/{difference.path}")
    if differences:
        stale = " ".join(dict.fromkeys(stale_file.api for stale_file in differences))
        count = format_count(len(differences), "file")
        echo(f"Out of date: {count}. Run: driftline generate {stale}")
        click.get_current_context().exit(1)
    click.echo(_FRESH)


def _regenerate(
    project: Project, specs: list[Spec], problems: list[Problem], *, package: bool
) -> Outcome:
    """Regenerate the clients; griffe and the generator are imported on demand."""
    from driftline.changes import regenerate  # noqa: PLC0415 - not for --check

    return regenerate(project, specs, problems, package=package)


def _report(outcome: Outcome, problems: list[Problem], form: str, *, verbose: bool) -> None:
    """Print what changed, and exit."""
    from driftline.changes.release import formats  # noqa: PLC0415

    if form == "json":
        put(format_json(outcome.to_dict()), form)
    elif form == "markdown":
        put(formats.render_markdown(outcome), form)
    elif outcome.files or outcome.steps:
        files = len(outcome.files)
        summary = f"Updated: {format_count(files, 'file')}." if files else _FRESH
        put(
            formats.render_terminal(
                outcome, summary=summary, width=measure_width(), color=use_color()
            )
        )
    else:
        click.echo(_FRESH)
    if form == TERMINAL:
        _report_widened(problems, verbose=verbose)
    leave(outcome.exit_code)


def _report_widened(problems: list[Problem], *, verbose: bool) -> None:
    """Report types that are wider than in the spec, by kind or one by one."""
    for problem in problems if verbose else ():
        echo(problem.relative_to(Path.cwd()))
    if problems:
        counts = Counter(problem.id for problem in problems)
        listing = ", ".join(f"{problem_id} {count}" for problem_id, count in sorted(counts.items()))
        hint = "" if verbose else "\n  List them with --verbose."
        echo(f"Wider types than the spec: {len(problems)} ({listing}){hint}")


def _verify_clients(
    project: Project, specs: list[Spec], outcome: Outcome, callers: tuple[Path, ...]
) -> tuple[Step, ...]:
    """Verify the clients that changed, or all clients if none changed."""
    try:
        from driftline.cli.commands.verify import verify  # noqa: PLC0415 - needs another extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("driftline"):
            raise
        message = f"--verify needs {error.name!r}, which is not installed"
        raise UsageError(message, suggest_extra("contract")) from None
    changed_specs = [spec for spec in specs if spec.name in outcome.apis]
    return verify(project, changed_specs or specs, callers)


_FRESH: Final = "generated/ is up to date."
