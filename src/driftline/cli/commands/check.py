"""`driftline check`: the main job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

import attrs
import click

from driftline.cli.failure_options import JudgingOptions, add_judging_options
from driftline.cli.help_sections import LIVE, OUTPUT, RESULT, SectionedCommand
from driftline.cli.live_options import LiveOptions, add_live_options
from driftline.cli.options import (
    add_apis_argument,
    add_not_covered_option,
    add_seed_option,
    add_shard_option,
    add_specs_option,
    find_project,
    load_specs,
)
from driftline.cli.output import handle_interrupt, leave, put
from driftline.cli.progress import show_check_progress
from driftline.cli.report_output import finish, report_options, show
from driftline.openapi import Spec
from driftline.project import ApiSettings, ProjectConfiguration, load_configuration
from driftline.report import redact_url
from driftline.shard import Shard

EPILOG = """\
API is the name of a file in specs/, such as shop for specs/shop.yaml; the default is all of
them. Options take precedence over driftline.toml.

A live server receives reads only, unless --allow-writes names an operation. Credentials are
read from the environment variables that the spec names. Findings on clauses
marked x-assumed fail a live run only with --fail-on assumed, or if the API is
your own (add --own).

Explain a finding with: driftline explain ID

\b
Exit codes:
  0    no drift
  1    drift
  2    could not check
  130  interrupted

\b
Examples:
  driftline check
  driftline check shop --report report
  driftline check shop --url shop=https://api.example.com --allow-writes orders.create
  driftline check shop --url shop=https://api.example.com --resume report
  driftline check --write-baseline accepted.yaml --reason "ticket 4711" --until 2030-03-31
  driftline check --baseline accepted.yaml --since report/report.json --fail-on-new
  driftline check --shard 1/4 --report report-1
  driftline check --format sarif > driftline.sarif
"""


@click.command(
    "check",
    cls=SectionedCommand,
    epilog=EPILOG,
    sections={
        "Selection": ("operations", "tags", "shard"),
        "Live server": LIVE,
        "Output": OUTPUT,
        "Result": RESULT,
    },
)
@add_apis_argument
@report_options
@add_seed_option
@add_shard_option
@click.option(
    "--examples",
    metavar="DIR|URL",
    default="",
    help="Keep failing examples in a directory or at redis://…, and try them first.",
)
@click.option(
    "--operation",
    "operations",
    metavar="GLOB",
    multiple=True,
    help="Check only operations with this id or METHOD /path; !GLOB excludes. Repeatable.",
)
@click.option(
    "--tag",
    "tags",
    metavar="GLOB",
    multiple=True,
    help="Check only operations with this tag; !GLOB excludes. Repeatable.",
)
@click.option(
    "--pytest",
    "own_tests",
    is_flag=True,
    help="Also run the tests in contract_tests/ with pytest.",
)
@click.option(
    "--progress",
    "progress_form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of progress on stderr; json prints one line per check.",
)
@click.option(
    "--show-config",
    is_flag=True,
    help="Print each setting and where it comes from, and exit.",
)
@add_live_options
@add_judging_options("assumed for a mock, otherwise additive")
@add_not_covered_option
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    folder: Path | None,
    history: Path | None,
    form: str,
    progress_form: str,
    not_covered: bool,
    show_config: bool,
    specs: Path | None,
    **options: Any,
) -> None:
    """Check that specs, generated clients, and mocks or live servers agree."""
    from driftline.check import check  # noqa: PLC0415 - not for --help

    live, judging = LiveOptions.extract(options), JudgingOptions.extract(options)
    rules, project = judging.build_rules(), find_project(specs)
    configuration = load_configuration(project.root)
    arguments = {
        **_build_arguments(configuration, **options),
        **live.build_arguments(configuration),
    }
    if show_config:
        put(format_configuration(configuration, load_specs(project, specs, names), arguments))
        leave(0)
    folder = live.choose_folder(folder)
    with handle_interrupt() as pressed:
        with show_check_progress(progress_form) as progress:
            report = check(
                project,
                names,
                configuration=configuration,
                folder=folder,
                progress=progress,
                specs=None if specs is None else specs.resolve(),
                **arguments,
            )
        report = attrs.evolve(report, rules=rules)
        if pressed:  # show the checks that ended before Ctrl-C
            show(report, folder, form, not_covered=not_covered)
    finish(report, judging, folder, form, not_covered=not_covered, history=history)


def _build_arguments(
    configuration: ProjectConfiguration,
    *,
    seed: int,
    shard: str,
    examples: str,
    operations: tuple[str, ...],
    tags: tuple[str, ...],
    own_tests: bool,
) -> dict[str, Any]:
    """Return what to run, as arguments for `driftline.check.check`."""
    from driftline.check import build_filter  # noqa: PLC0415 - not for --help

    return {
        "seed": seed,
        "shard": Shard.parse(shard),
        "examples": examples,
        "own_tests": own_tests,
        "selection": build_filter(configuration, operations, tags),
    }


_DEFAULTS: Final = {"rate": 10, "max_requests": 2000, "timeout": 30}
_OPTIONS: Final = {
    "url": "--url",
    "allow_writes": "--allow-writes",
    "operations": "--operation",
    "tags": "--tag",
    "rate": "--rate",
    "max_requests": "--max-requests",
    "timeout": "--timeout",
}


def format_configuration(
    configuration: ProjectConfiguration, specs: Sequence[Spec], arguments: Mapping[str, Any]
) -> str:
    """Return one line for each setting: its name, its value and its source."""
    lines = [line for spec in specs for line in _list_settings(configuration, spec, arguments)]
    for name, severity in configuration.severities.items():
        source = _format_source(configuration, "severity", name)
        lines.append((f"severity.{name}", severity, source))
    if configuration.checks:
        source = _format_source(configuration, "checks")
        lines.append(("checks", _format(configuration.checks), source))
    widths = [max(len(line[column]) for line in lines) for column in (0, 1)]
    return "".join(
        f"{name.ljust(widths[0])}  {value.ljust(widths[1])}  {source}\n"
        for name, value, source in lines
    )


def _list_settings(
    configuration: ProjectConfiguration, spec: Spec, arguments: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    from driftline.add import find_own_line  # noqa: PLC0415 - not for --help

    settings, passed_options = configuration.get_api(spec.name), _list_passed(spec, arguments)
    for field in attrs.fields(ApiSettings):
        key = field.name.replace("_", "-")
        value, source = getattr(settings, field.name), "default"
        if field.name in passed_options:
            value, source = passed_options[field.name], _OPTIONS[field.name]
        elif key in configuration.sections.get("api", {}).get(spec.name, {}):
            source = _format_source(configuration, "api", spec.name, key)
        elif field.name == "own" and (line := find_own_line(spec.path)):  # driftline add --own
            value, source = True, f"{spec.path.name}:{line}"
        elif value is None:
            value = _DEFAULTS.get(field.name)
        yield f"{spec.name}.{key}", _format(value, hide=field.name == "headers"), source


def _list_passed(spec: Spec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the command line for an API."""
    selection = arguments["selection"]
    url = arguments["urls"].get(spec.name)
    options = {
        "url": url and redact_url(url),
        "allow_writes": arguments["allow_writes"],
        "operations": selection.operations,
        "tags": selection.tags,
        **{name: arguments.get(name) for name in _DEFAULTS},
    }
    return {name: value for name, value in options.items() if value}


def _format_source(configuration: ProjectConfiguration, *keys: str) -> str:
    location = configuration.locate(*keys)
    return f"{location.file.name}:{location.line}"


def _format(value: Any, *, hide: bool = False) -> str:
    """Return a value as TOML would have it; of headers only the names, since values are secret."""
    if isinstance(value, Mapping):
        table = cast("Mapping[str, Any]", value)
        pairs = (name if hide else f"{name} = {_format(member)}" for name, member in table.items())
        return f"{{{', '.join(pairs)}}}" if table else "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float) or value is None:
        return "none" if value is None else str(value)
    return ", ".join(map(str, value)) or "none"
