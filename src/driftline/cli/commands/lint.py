"""`driftline lint`: validate the specs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from driftline.cli.options import add_apis_argument, add_specs_option, find_project, load_specs
from driftline.errors import Problem, UsageError
from driftline.openapi import load_problem_kinds
from driftline.openapi.lint.rules import lint
from driftline.printable import make_printable
from driftline.project import ProjectConfiguration, load_configuration

EPILOG = """\
Explain a problem with: driftline explain ID

\b
Ignore a kind of problem, with a reason, in driftline.toml:
  [ignore]
  "security.env-missing" = "credentials are passed as arguments"

\b
Exit codes:
  0    no errors (warnings are allowed)
  2    errors, or a spec could not be read

\b
Examples:
  driftline lint
  driftline lint shop
"""

MOST: Final = 20
"""The number of problems of one kind that are shown; the others are counted."""


@click.command("lint", epilog=EPILOG)
@add_apis_argument
@add_specs_option
@click.option(
    "--all", "show_all", is_flag=True, help=f"Show all problems, not only {MOST} of each kind."
)
def command(*, names: tuple[str, ...], specs: Path | None, show_all: bool) -> None:
    """Validate the specs, with a hint for each problem."""
    project = find_project(specs)
    ignored_problems = read_ignored(project.root)
    loaded_specs = load_specs(project, specs, names)
    problems = [
        problem
        for spec in loaded_specs
        for problem in lint(spec)
        if problem.id not in ignored_problems
    ]
    for line in _format_lines(problems, max_count=len(problems) if show_all else MOST):
        click.echo(line)
    counts = Counter(problem.severity for problem in problems)
    if problems:
        click.echo(f"Errors: {counts['error']}. Warnings: {counts['warning']}.")
    if counts["error"]:
        click.get_current_context().exit(2)
    click.echo(f"Valid: {', '.join(make_printable(spec.name) for spec in loaded_specs)}.")


def _format_lines(problems: Iterable[Problem], *, max_count: int) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for problem in problems:
        counts[problem.id] += 1
        if counts[problem.id] <= max_count:
            location, message, hint = map(_join_lines, _format_texts(problem))
            yield f"{location}: {problem.severity}: {message} [{problem.id}]"
            yield f"  {hint}"
    for name, count in counts.items():
        if count > max_count:
            yield f"{count - max_count} more of {name}; list them with --all"


def _format_texts(problem: Problem) -> tuple[str, str, str]:
    return str(problem.location.relative_to(Path.cwd())), problem.message, problem.hint


def _join_lines(string: str) -> str:
    """Return any string as one line for a terminal."""
    return make_printable(string.replace("\r", "\\r").replace("\n", "\\n"))


_HINT = 'Write the id and a reason: "path.ambiguous" = "both are served by one handler".'


def read_ignored(root: Path) -> Mapping[str, str]:
    """Return by id why a project ignores a kind of problem.

    The table is `ignore` in driftline.toml, or `tool.driftline.ignore` in pyproject.toml.

    Raises:
        FileError: the file is invalid.
        UsageError: an unknown id, or a missing reason.
    """
    configuration = load_configuration(root)
    ignored_problems: Mapping[str, str] = configuration.sections.get("ignore", {})
    for name, reason in ignored_problems.items():
        _validate(configuration, name, reason)
    return ignored_problems


def _validate(configuration: ProjectConfiguration, name: str, reason: object) -> None:
    location = configuration.locate("ignore", name)
    if name not in load_problem_kinds():
        raise UsageError(f"{location}: unknown problem {name!r} in `ignore`", _HINT)
    if not isinstance(reason, str) or not reason.strip():
        raise UsageError(f"{location}: {name} is ignored without a reason", _HINT)
