"""`driftline ci live`: check live servers, with reads only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from driftline.ci import disable_commands, summarize
from driftline.cli.commands.ci.report import (
    NightlyOptions,
    add_nightly_options,
    clear,
    load_channels,
    notify,
    show_report,
)
from driftline.cli.group import format_options, run
from driftline.cli.options import (
    add_apis_argument,
    find_project,
    load_specs,
)
from driftline.cli.output import echo, leave
from driftline.errors import UsageError
from driftline.markup import escape_prose
from driftline.openapi import Spec
from driftline.project import ProjectConfiguration, load_configuration

EPILOG = """\
Credentials are read from the environment variables that the specs name; a
missing variable is an error unless --skip-missing-credentials is passed.

\b
Exit codes:
  0    no drift
  1    drift
  2    could not check
  3    no drift, but a notification could not be sent

\b
Examples:
  driftline ci live
  driftline ci live shop --url shop=https://api.example.com --max-requests 500 --rate 5
"""


@click.command("live", epilog=EPILOG)
@add_apis_argument
@click.option(
    "--skip-missing-credentials",
    "skip",
    is_flag=True,
    help="Skip APIs whose credentials are not set.",
)
@add_nightly_options
def live(*, names: tuple[str, ...], skip: bool, **shared: Any) -> None:
    """Check live servers. Only reads are sent, unless driftline.toml allows writes."""
    from driftline.suite import parse_url_pairs  # noqa: PLC0415 - not for --help

    options = NightlyOptions(**shared)
    configuration = load_configuration(find_project(options.specs).root)
    channels = load_channels(configuration, options.history, silent=options.silent)
    urls = dict(parse_url_pairs(options.urls, configuration))
    selected_specs = _select_accessible(_load_specs(configuration, options.specs, names), skip=skip)
    clear(options.folder)
    if not selected_specs:
        _print_line("No live server was checked.")
        leave(0)
    targets = [
        argument
        for spec in selected_specs
        for argument in ("--url", f"{spec.name}={_choose_url(spec, urls, configuration)}")
    ]
    arguments = format_options({"--history": options.history, "--report": options.folder})
    arguments += [*options.limit_words, *options.shared_words]
    with disable_commands():
        code = run("check", *(spec.name for spec in selected_specs), *targets, *arguments)
    show_report(options.folder, options.specs)
    unsent = notify(channels, options.history, options.folder / "report.json")
    leave(code or unsent)


def _select_accessible(specs: list[Spec], *, skip: bool) -> list[Spec]:
    """Return the specs whose credentials are set; with `skip`, the others are named.

    Raises:
        UsageError: a credential is not set, and `skip` is false.
    """
    lacking = {spec.name: unset for spec in specs if (unset := list(_list_unset_variables(spec)))}
    if lacking and not skip:
        missing = ", ".join(dict.fromkeys(name for names in lacking.values() for name in names))
        message = f"missing credentials for {', '.join(lacking)}: {missing} not set"
        raise UsageError(
            message, "Set the environment variables, or pass --skip-missing-credentials."
        )
    for api, unset in lacking.items():
        _print_line(f"Skipped {api}: {', '.join(unset)} not set.")
    return [spec for spec in specs if spec.name not in lacking]


def _load_specs(
    configuration: ProjectConfiguration, specs: Path | None, names: tuple[str, ...]
) -> list[Spec]:
    """Return the specs with the variables that the project has for its credentials."""
    from driftline.suite import rename_variables  # noqa: PLC0415 - not for --help

    loaded_specs = load_specs(find_project(specs), specs, names)
    return [
        rename_variables(spec, configuration.get_api(spec.name).credentials)
        for spec in loaded_specs
    ]


def _list_unset_variables(spec: Spec, environ: Mapping[str, str] = os.environ) -> Iterator[str]:
    """Yield the environment variables of credentials that are not set."""
    from driftline.suite import list_needed  # noqa: PLC0415 - not for --help

    for name in list_needed(spec):
        variable = spec.security_schemes[name].env
        if variable is not None and not environ.get(variable):
            yield variable


def _choose_url(
    spec: Spec,
    urls: Mapping[str, str],
    configuration: ProjectConfiguration,
    environ: Mapping[str, str] = os.environ,
) -> str:
    url = urls.get(spec.name) or configuration.get_api(spec.name).url
    if url is not None:
        return url
    for server in spec.servers:
        return environ.get(server.env or "") or server.url
    message = f"no server URL for {spec.name}"
    raise UsageError(message, f"Add servers to the spec, or pass --url {spec.name}=URL.")


def _print_line(line: str) -> None:
    echo(line)
    summarize(escape_prose(line))
