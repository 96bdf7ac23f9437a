"""`driftline mock`: serve the specs on a port."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from driftline.cli.check_service import CheckService
from driftline.cli.options import add_apis_argument, add_specs_option, find_project, load_specs
from driftline.cli.output import echo
from driftline.errors import UsageError
from driftline.files import MOST_OF_RUN, read_file, replace
from driftline.mock import LoggedRequest, Mock, Site, is_loopback, serve
from driftline.mutation import MutantDrifts
from driftline.openapi import is_object
from driftline.printable import make_printable

EPILOG = """\b
Each API is served under its name, for example http://127.0.0.1:8080/shop. Paste the printed lines
into a shell.

\b
Exit codes:
  0    stopped by SIGTERM, or snapshot written
  2    could not start, for example because the port is in use
  130  stopped by Ctrl-C

\b
Fault rules, [API[/OPERATION]:] WORD…:
  latency=200ms  latency=lognormal(200ms,0.5)      or uniform, normal, exponential
  429  retry-after=2  credentials=expired          respond with a status, as documented
  reset=request|before|body|after  truncate=0.5    break the connection
  drip=50ms/16                                     send the body slowly
  body=html|text|empty|garbage|half                send an undocumented body
  item=cut|garbage|wrong  pace=200ms               break or slow down the items of a stream
  drift=ID                                         violate a clause (ids: /_driftline/drifts)
  share=0.1  next=3                                limit to some requests
Change them at /_driftline/faults while the mock runs; /_driftline/ lists all routes.

\b
Examples:
  driftline mock shop --port 8080
  driftline mock shop --db shop.db                          # keep the rows
  driftline mock shop --db shop.db --snapshot shop.json     # write the rows and exit
  driftline mock shop --db shop.db --load shop.json         # serve those rows
  driftline mock --fault 'shop/orders.list: 429 retry-after=2 share=0.1' --log json
"""


@click.command("mock", epilog=EPILOG)
@add_apis_argument
@click.option(
    "--host", metavar="HOST", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--port",
    metavar="N",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 for a free one.",
)
@click.option(
    "--rows",
    metavar="N",
    default=250,
    show_default=True,
    type=click.IntRange(0),
    help="Number of initial rows in each listing.",
)
@click.option(
    "--seed",
    metavar="N",
    default=0,
    show_default=True,
    help="Seed for mock data.",
)
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the rows in this file; --rows and --seed apply when it is new or reset.",
)
@click.option("--reset", is_flag=True, help="Restore the initial rows of --db before serving.")
@click.option(
    "--load",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Replace all rows with a snapshot before serving.",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all rows to this file as JSON, and exit.",
)
@click.option(
    "--fault",
    "rules",
    metavar="RULE",
    multiple=True,
    help="Inject a fault (see below). Repeatable.",
)
@click.option(
    "--log",
    type=click.Choice(["none", "text", "json"]),
    default="none",
    show_default=True,
    help="Log each request to stderr.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 10_000),
    metavar="FACTOR",
    help="Run the clock this many times as fast as real time. [default: 0, or as stored in --db]",
)
@add_specs_option
def command(
    *,
    names: tuple[str, ...],
    host: str,
    port: int,
    rows: int,
    seed: int,
    db: Path | None,
    reset: bool,
    load: Path | None,
    snapshot: Path | None,
    rules: tuple[str, ...],
    log: str,
    speed: float | None,
    specs: Path | None,
) -> None:
    """Serve a mock of each API: data, pages, filters and credentials from the spec."""
    loaded_specs = load_specs(find_project(specs), specs, names)
    with ExitStack() as stack:
        mocks: list[Mock] = []
        for spec in loaded_specs:
            mocks.append(Mock(spec, rows=rows, seed=seed, db=db))
            stack.callback(mocks[-1].close)
        for mock in mocks if reset else ():
            mock.reset()
        if load is not None:
            load_rows(mocks, load)
        for mock in mocks if speed is not None else ():
            mock.clock.run(speed or 0.0)
        if snapshot is not None:
            write_rows(mocks, snapshot)
            return
        site = build_site(mocks, seed=seed, log=log)
        site.faults.set(*rules)
        _serve(site, mocks, specs, host, port)


def _serve(site: Site, mocks: Sequence[Mock], specs: Path | None, host: str, port: int) -> None:
    services: list[CheckService] = []

    def report_ready(url: str) -> None:
        services.append(CheckService(site, mocks, specs, url))
        _report_ready(mocks, url)

    # SIGTERM, which containers send to stop a process, is not a failure.
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        serve(site, host, port, report_ready)
    finally:
        signal.signal(signal.SIGTERM, before)
        for service in services:
            service.close()


def _report_ready(mocks: Sequence[Mock], url: str) -> None:
    for line in _build_lines(mocks, url):
        echo(line)
    if not is_loopback(url):
        click.echo(_WARNING, err=True)


_WARNING = (
    "warning: the mock is reachable from other machines: anyone who reaches it can read and change "
    "its data, and control it\n  Omit --host to serve this machine only."
)


def _build_lines(mocks: Sequence[Mock], url: str) -> list[str]:
    """Return comments and exports to paste into a shell."""
    lines = [f"# Serving until Ctrl-C. Console in the browser: {url}/"]
    lines += ["# To use it, paste into another shell:"]
    for mock in mocks:
        spec = mock.spec
        base_url = f"{url.rstrip('/')}/{spec.name}"
        lines += ["", f"# {make_printable(spec.title)}", _export(spec.base_url_env, base_url)]
        for name, value in mock.credentials.items():
            scheme = spec.security_schemes[name]
            lines.append(_export(scheme.env, value, name))
            if scheme.env and name in mock.tokens.clients:
                lines += _describe_tokens(mock, scheme.env, name, base_url)
    return lines


def _describe_tokens(mock: Mock, env: str, name: str, base_url: str) -> Iterator[str]:
    """Return comments: the variables with which clients obtain a token that expires."""
    from driftline.runtime import name_variables  # noqa: PLC0415 - loads httpx

    client, prefix = mock.tokens.clients[name], name_variables(env)
    yield f"# For tokens that expire, instead of {env}:"
    values = {"CLIENT_ID": client.client_id, "CLIENT_SECRET": client.client_secret}
    for suffix, value in {**values, "TOKEN_URL": base_url + mock.tokens.find_path(name)}.items():
        yield f"# {_export(f'{prefix}_{suffix}', value)}"


def _export(variable: str | None, value: str, name: str = "base URL") -> str:
    """Return a line that sets a variable, or a comment if the spec names no variable."""
    if variable and value == make_printable(value):
        return f"export {variable}={shlex.quote(value)}"
    return f"# {make_printable(name)}: {make_printable(value)}"


def build_site(mocks: Sequence[Mock], *, seed: int, log: str) -> Site:
    """Return a site with these mocks, each below its name."""
    mocks_by_name = {mock.spec.name: mock for mock in mocks}
    return Site(mocks_by_name, seed=seed, drifts=MutantDrifts(seed), log=LOGS[log])


def _print_text_line(logged_request: LoggedRequest) -> None:
    line = logged_request.build_log_line()
    query = f"?{line['query']}" if line["query"] else ""
    faults = "".join(f" [{rule}]" for rule in line["faults"])
    request_line = f"{logged_request.api} {line['method']} {line['path']}{query}"
    why = f": {' '.join(line['why'].split())}" if line["why"] else ""
    response_summary = f"{line['status'] or '-'} {line['ms']} ms"
    echo(f"{line['time']} {request_line} {response_summary}{faults}{why}", err=True)


def _print_json_line(logged_request: LoggedRequest) -> None:
    click.echo(json.dumps(logged_request.build_log_line()), err=True)


LOGS: dict[str, Callable[[LoggedRequest], None] | None] = {
    "none": None,
    "text": _print_text_line,
    "json": _print_json_line,
}


def load_rows(mocks: Sequence[Mock], path: Path) -> None:
    """Load the snapshots in a file; APIs without a mock are ignored.

    Raises:
        UsageError: the file is not a snapshot of these APIs, or violates a spec.
    """
    hint = "Pass a file written by --snapshot."
    try:
        data: Any = json.loads(read_file(path, MOST_OF_RUN))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: could not read the snapshot: {error}", hint) from None
    matching_mocks = [mock for mock in mocks if is_object(data) and mock.spec.name in data]
    if not matching_mocks:
        names = ", ".join(mock.spec.name for mock in mocks)
        raise UsageError(f"{path}: no snapshot of {names}", hint)
    try:
        loads = [mock.prepare_load(data[mock.spec.name]) for mock in matching_mocks]
    except UsageError as error:
        raise UsageError(f"{path}: {error.message}", error.hint) from None
    for load in loads:
        load()


def write_rows(mocks: Sequence[Mock], path: Path) -> None:
    """Write a snapshot of each mock atomically.

    Raises:
        UsageError: the file is not writable.
    """
    content = json.dumps({mock.spec.name: mock.snapshot() for mock in mocks}, indent=1)
    try:
        replace({path: content + "\n"})
    except OSError as error:
        hint = "Pass a writable file."
        raise UsageError(f"{path}: could not write the snapshot: {error.strerror}", hint) from None
