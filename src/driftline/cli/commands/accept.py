"""`driftline accept`: findings become edits of the spec, or entries of a baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from driftline.cli.options import add_specs_option, find_project, load_specs
from driftline.cli.output import TERMINAL, echo, format_option, leave, measure_width, put, use_color
from driftline.errors import UsageError
from driftline.markup import format_count, format_json
from driftline.project import Project, load_configuration

if TYPE_CHECKING:
    from driftline.accept import Acceptance, AcceptancePlan, AcceptanceResult, Effects
    from driftline.checks import Finding
    from driftline.report import Report

EPILOG: Final = """\
REPORT is a report.json of driftline check or observe, or its directory; it defaults to
report/report.json. FINDING is a finding id, an API, or the first digits of a fingerprint, and
defaults to every finding; with --assumptions, it is an API.

Without --write, nothing is written: you see the edit with its file and line, what it changes on
the wire and in Python, and the lines of --callers that it breaks. With --write, specs and clients
are written together, or not at all, and the check runs again.

\b
Exit codes:
  0    every finding has an edit; with --write, the check passed afterwards
  1    a finding has no edit, or the check found drift afterwards
  2    error; nothing was written, unless the message says so

\b
Examples:
  driftline accept
  driftline accept report/report.json response.enum.undocumented --write
  driftline accept 1f0c2a9b --callers src/app.py --reason "ticket 4711" --write
  driftline accept shop --write --url shop=https://api.example.com
  driftline accept 1f0c2a9b --until 2030-03-31 --reason "fixed in March" --write
  driftline accept --assumptions --write
"""
FORMATS: Final = ("json", "markdown")
_REPORT: Final = Path("report/report.json")
_FILE = click.Path(path_type=Path)


@click.command("accept", epilog=EPILOG)
@click.argument("names", metavar="[REPORT] [FINDING]...", nargs=-1)
@click.option("--write", is_flag=True, help="Write specs and clients, and check again.")
@click.option(
    "--callers",
    type=click.Path(path_type=Path, exists=True),
    multiple=True,
    metavar="PATH",
    help="Code that uses the clients: show which lines break (requires mypy). Repeatable.",
)
@click.option("--reason", metavar="TEXT", default="", help="Reason, kept with each edit.")
@click.option(
    "--url",
    "urls",
    metavar="API[=URL]",
    multiple=True,
    help="Check this live server afterwards instead of the mock; URL defaults to the one in "
    "driftline.toml. Repeatable.",
)
@click.option(
    "--assumptions",
    is_flag=True,
    help="Confirm assumptions (x-assumed) that the run covered without a finding.",
)
@click.option(
    "--until",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Add the findings to --baseline until this date, and leave the spec unchanged.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=_FILE,
    default=Path("accepted.yaml"),
    show_default=True,
    help="Baseline that --until adds to.",
)
@format_option(FORMATS)
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    write: bool,
    callers: tuple[Path, ...],
    reason: str,
    urls: tuple[str, ...],
    assumptions: bool,
    until: datetime | None,
    baseline: Path,
    form: str,
    specs: Path | None,
) -> None:
    """Turn findings into the smallest edits of the spec, or add them to a baseline.

    Findings without an edit (server errors, security, lost data) are listed with the reason.
    """
    from driftline.accept import build_plan, confirm_assumptions, select_findings  # noqa: PLC0415
    from driftline.report import parse_coverage, parse_findings, read_data  # noqa: PLC0415

    report, selected_names = _split_names(names)
    project = find_project(specs)
    folder = project.specs if specs is None else specs.resolve()
    loaded_specs = load_specs(project, specs, selected_names if assumptions else ())
    data = read_data(report)
    reported_findings = parse_findings(data)
    findings = select_findings(reported_findings, () if assumptions else selected_names)
    if until is not None:
        _extend_baseline(baseline, findings, reason, until, write=write)
        return
    day = datetime.now(UTC).date()
    if assumptions:
        coverage = parse_coverage(data)
        plan = confirm_assumptions(loaded_specs, findings, coverage, reason=reason, day=day)
    else:
        plan = build_plan(
            loaded_specs, findings, reported_findings=reported_findings, reason=reason, day=day
        )
    recheck = _build_recheck(project, plan, urls, specs) if write else None
    outcome, code = _accept(project, folder, plan, callers, recheck)
    _show(outcome, form)
    leave(code)


def _split_names(names: Sequence[str]) -> tuple[Path, list[str]]:
    """Return the report and the findings that are named."""
    if names and (Path(names[0]) / _REPORT.name).is_file():
        return Path(names[0]) / _REPORT.name, list(names[1:])
    if names and (names[0].endswith(".json") or Path(names[0]).is_file()):
        return Path(names[0]), list(names[1:])
    return _REPORT, list(names)


def _build_recheck(
    project: Project, plan: AcceptancePlan, urls: Sequence[str], specs: Path | None
) -> Callable[[], Report]:
    """Return the check afterwards, with the settings of the project, which are read now."""
    from driftline.check import build_filter, check  # noqa: PLC0415 - not for --help
    from driftline.suite import parse_url_pairs  # noqa: PLC0415

    configuration = load_configuration(project.root)
    targets = dict(parse_url_pairs(urls, configuration))

    def recheck() -> Report:
        from driftline.cli.progress import show_check_progress  # noqa: PLC0415

        with show_check_progress() as progress:
            return check(
                project,
                plan.apis,
                urls={name: url for name, url in targets.items() if name in plan.apis},
                progress=progress,
                specs=None if specs is None else specs.resolve(),
                configuration=configuration,
                selection=build_filter(configuration, (), ()),
            )

    return recheck


def _accept(
    project: Project,
    folder: Path,
    plan: AcceptancePlan,
    callers: Sequence[Path],
    recheck: Callable[[], Report] | None,
) -> tuple[Acceptance, int]:
    """Return the outcome and the exit code; without `recheck`, nothing is written."""
    from driftline.accept import Acceptance, apply_plan, measure_effects, stage_plan  # noqa: PLC0415

    effects: Effects | None = None
    result: AcceptanceResult | None = None
    if plan.contents:
        with stage_plan(project, folder, plan) as staged:
            effects = measure_effects(project, folder, staged, callers)
            if recheck is not None:
                result = apply_plan(project, folder, plan, staged, recheck)
    outcome = Acceptance.build(project.root, plan, effects, result)
    after = 0 if result is None else result.exit_code
    return outcome, after or int(bool(plan.rejections))


def _show(outcome: Acceptance, form: str) -> None:
    from driftline.accept import formats  # noqa: PLC0415

    if form == TERMINAL:
        put(formats.render_terminal(outcome, width=measure_width(), color=use_color()))
    else:
        data = form == "json"
        put(format_json(outcome.to_dict()) if data else formats.render_markdown(outcome), form)


def _extend_baseline(
    path: Path, findings: Sequence[Finding], reason: str, until: datetime, *, write: bool
) -> None:
    """Add the findings to a baseline, or show what would be added."""
    from driftline.accept import describe_finding  # noqa: PLC0415 - not for --help
    from driftline.report import (  # noqa: PLC0415
        open_baseline,
        write_baseline,
    )

    today = datetime.now(UTC).date()
    if not reason.strip():
        raise UsageError("--until needs a reason", "Pass --reason TEXT.")
    if until.date() < today:
        raise UsageError(f"--until {until.date()} is in the past", "Choose today or a later date.")
    baseline = open_baseline(path)
    extended = baseline.renew(findings, (), reason=reason, expires=until.date(), today=today)
    new = len(extended.entries) - len(baseline.entries)
    for finding in findings:
        echo(f"in the baseline until {until.date()}: {describe_finding(finding)}")
    summary = format_count(new, "finding")
    if write:
        write_baseline(extended)
        echo(f"Baseline: {path}, {summary} added. Use it with: driftline check --baseline {path}")
    else:
        echo(f"{summary} would be added to {path}. Nothing was written; pass --write to apply.")
