"""The site that `driftline mock` serves, and its log lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import click

from driftline.cli.output import echo
from driftline.mock import LoggedRequest, Mock, Site
from driftline.mutation import LazyDrifts


def build_site(mocks: Sequence[Mock], *, seed: int, log: str) -> Site:
    """Return a site with these mocks, each below its name."""
    named = {mock.spec.name: mock for mock in mocks}
    return Site(named, seed=seed, drifts=LazyDrifts(seed), log=LOGS[log])


def _print_text_line(asked: LoggedRequest) -> None:
    line = asked.build_log_line()
    query = f"?{line['query']}" if line["query"] else ""
    faults = "".join(f" [{rule}]" for rule in line["faults"])
    what = f"{asked.api} {line['method']} {line['path']}{query}"
    why = f": {' '.join(line['why'].split())}" if line["why"] else ""
    said = f"{line['status'] or '-'} {line['ms']} ms"
    echo(f"{line['time']} {what} {said}{faults}{why}", err=True)


def _print_json_line(asked: LoggedRequest) -> None:
    click.echo(json.dumps(asked.build_log_line()), err=True)


LOGS: dict[str, Callable[[LoggedRequest], None] | None] = {
    "none": None,
    "text": _print_text_line,
    "json": _print_json_line,
}
