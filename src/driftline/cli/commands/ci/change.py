"""`driftline ci change`: all checks for a pull request, in one command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import click

from driftline.changes import (
    FAIL_ON,
    FailOn,
    Repository,
    find_sides,
    load_change_rules,
    report,
)
from driftline.changes.wire import formats
from driftline.ci import ROOM, disable_commands, summarize
from driftline.cli.commands.ci.report import (
    add_baseline_option,
    add_folder_option,
    clear,
    show_report,
)
from driftline.cli.group import choose_exit_code, run
from driftline.cli.options import (
    add_apis_argument,
    add_specs_option,
    find_project as project,
    load_specs,
)
from driftline.cli.output import echo, leave, measure_width
from driftline.errors import DriftlineError, UsageError
from driftline.files import make_folder, replace
from driftline.report import read_baseline

EPILOG = """\
\b
Exit codes:
  0    no drift
  1    drift, or generated/ is out of date
  2    error, or an invalid spec

\b
Examples:
  driftline ci change --base origin/main
  driftline ci change shop --base HEAD^1 --fail-on-change breaking --report out
"""
SAID = {0: "✓", 1: "✗", 2: "could not run"}


@click.command("change", epilog=EPILOG)
@add_apis_argument
@click.option(
    "--base", metavar="REV", help="Git revision to compare with. [default: no comparison]"
)
@add_folder_option
@click.option(
    "--fail-on-change",
    type=click.Choice(FAIL_ON),
    default="never",
    show_default=True,
    help="Lowest severity of a change since REV that fails; unversioned: breaking without a new "
    "major info.version.",
)
@add_baseline_option
@add_specs_option
def change(
    *,
    names: tuple[str, ...],
    base: str | None,
    folder: Path,
    fail_on_change: FailOn,
    baseline: str | None,
    specs: Path | None,
) -> None:
    """Run all checks for a pull request.

    Validate the specs, compare the clients with them, check both against the mock, and report
    changes since REV.
    """
    specs_arguments = [] if specs is None else ["--specs", str(specs)]
    accepted = [] if baseline is None else ["--baseline", baseline]
    clear(folder)
    with disable_commands():
        diff_markdown, code = (
            ("", 0) if base is None else _diff(base, specs, fail_on_change, baseline)
        )
        codes = {
            "driftline lint": run("lint", *names, *specs_arguments),
            "driftline generate --check": run("generate", *names, "--check", *specs_arguments),
            "driftline check": run(
                "check", *names, *specs_arguments, *accepted, "--report", str(folder)
            ),
        }
    markdown = f"{diff_markdown}\n{_format_summary(folder, codes)}".lstrip()
    make_folder(folder)
    replace({folder / "comment.md": markdown})
    summarize(markdown)
    show_report(folder, specs)
    leave(choose_exit_code(code, *codes.values()))


def _format_summary(folder: Path, codes: Mapping[str, int]) -> str:
    """Return a line per command; the last line has the verdict of the report."""
    lines = [f"- `{name}`: {SAID[code]}" for name, code in codes.items()]
    if (folder / "report.md").is_file():
        lines[-1] += " " + (folder / "report.md").read_text(encoding="utf-8").partition("\n")[0]
    return "\n".join(lines) + "\n"


def _diff(base: str, specs: Path | None, fail_on: FailOn, baseline: str | None) -> tuple[str, int]:
    """Return the changes since a revision as Markdown, and the exit code."""
    echo(f"$ driftline diff {base}")
    try:
        if _are_new(base, project(specs).specs if specs is None else specs):
            click.echo("The specs are new: there are no clients yet.")
            return "The specs are new: there are no clients yet.\n", 0
        rules = attrs.evolve(
            load_change_rules(project(specs).root),
            fail_on=fail_on,
            baseline=None if baseline is None else read_baseline(Path(baseline)),
        )
        diff_report = report(find_sides(base, None if specs is None else str(specs)), rules)
    except DriftlineError as error:
        echo(f"error: {error}", err=True)
        return "The changes on the wire could not be determined; see the log.\n", 2
    click.echo(
        formats.render_terminal(diff_report, width=measure_width(), title="On the wire"), nl=False
    )
    markdown = formats.render_markdown(diff_report, limit=ROOM // 2, title="On the wire")
    return f"{markdown}\n{_describe_python_changes(base, specs)}", diff_report.exit_code


def _describe_python_changes(base: str, specs: Path | None) -> str:
    """Return the changes to the clients since a revision as Markdown."""
    from driftline.changes import compare_with_base  # noqa: PLC0415 - it needs griffe

    try:
        current_project = project(specs)
        comparison = compare_with_base(
            current_project, load_specs(current_project, specs, ()), base
        )
    except DriftlineError as error:
        echo(f"error: {error}", err=True)
        return "The changes in Python could not be determined; see the log.\n"
    click.echo(
        formats.render_terminal(comparison.python, width=measure_width(), title="In Python"),
        nl=False,
    )
    for item in comparison.unknown:
        echo(f"Could not compare: {item}")
    return formats.render_markdown(comparison.python, limit=ROOM // 2 - 1_000, title="In Python")


def _are_new(base: str, folder: Path) -> bool:
    """Return whether a known revision does not have the directory."""
    repository = Repository.find(Path.cwd())
    if repository is None or not repository.has_revision(base):
        return False  # the diff reports the error
    try:
        inner = repository.relativize(folder)
        return inner is not None and not repository.is_folder(base, inner)
    except UsageError:
        return True
