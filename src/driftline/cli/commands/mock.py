"""`driftline mock`: serves the specs on a port."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from driftline.cli.checking import Checking
from driftline.cli.options import add_apis_argument, add_specs_option, load_specs, place
from driftline.cli.output import echo
from driftline.cli.rows import load_rows, write_rows
from driftline.cli.sites import build_site
from driftline.markup import make_printable
from driftline.mock import Mock, Site, is_loopback, serve

__all__ = ["command"]

EPILOG = """\b
Each API is below its name, as in http://127.0.0.1:8080/shop; what is printed can be pasted into
a shell. Exit codes: 0 or 130 when it is stopped, 2 if it cannot start, as when the port is taken.

\b
Faults is asked for by rules, [API[/OPERATION]:] WORD…:
  latency=200ms  latency=lognormal(200ms,0.5)      uniform, normal, exponential too
  429  retry-after=2  credentials=expired          any status, with its documented answer
  reset=request|before|body|after  truncate=0.5  drip=50ms/16
  body=html|text|empty|garbage|half                what no spec documents
  drift=ID                                         breaks a clause, as driftline drill does
  share=0.1  next=3                                not all requests
and at /_driftline/faults while it runs; /_driftline/ lists what else is there.

\b
Examples:
  driftline mock shop --port 8080
  driftline mock shop --db shop.db                          # what is created stays
  driftline mock shop --db shop.db --snapshot shop.json     # writes the rows, and ends
  driftline mock shop --db shop.db --load shop.json         # serves those rows
  driftline mock --fault 'shop/order.list: 429 retry-after=2 share=0.1' --log json
"""


@click.command("mock", epilog=EPILOG)
@add_apis_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, help="0: one that is free.")
@click.option(
    "--rows",
    default=250,
    show_default=True,
    type=click.IntRange(0),
    help="Number of rows that each listing begins with.",
)
@click.option("--seed", default=0, show_default=True, help="Another seed, other rows.")
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the rows in this file; --rows and --seed count when it is new, or reset.",
)
@click.option("--reset", is_flag=True, help="Put the first rows back before serving.")
@click.option(
    "--load",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Put the rows of a snapshot in the place of all others before serving.",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write all rows to this file, as JSON, and serve nothing.",
)
@click.option(
    "--fault",
    "rules",
    metavar="RULE",
    multiple=True,
    help="What is to go wrong, as below; as often as you like.",
)
@click.option(
    "--log",
    type=click.Choice(["none", "text", "json"]),
    default="none",
    show_default=True,
    help="A line for each request, on stderr.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0, 10_000),
    metavar="FACTOR",
    help="Let rows go through their states, so many times as fast as real time; 0: not at all.",
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
    """Serves a mock of each API: data, pages, filters, credentials, as the spec says."""
    loaded = load_specs(place(specs), specs, names)
    with ExitStack() as stack:
        mocks: list[Mock] = []
        for spec in loaded:
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
    checking: list[Checking] = []

    def report_ready(url: str) -> None:
        checking.append(Checking(site, mocks, specs, url))
        _report_ready(mocks, url)

    # What asks it to stop, as containers do, is no failure.
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        serve(site, host, port, report_ready)
    finally:
        signal.signal(signal.SIGTERM, before)
        for each in checking:
            each.close()


def _report_ready(mocks: Sequence[Mock], url: str) -> None:
    for line in _build_lines(mocks, url):
        echo(line)
    if not is_loopback(url):
        click.echo(_WARNING, err=True)


_WARNING = (
    "warning: this listens not only to programs on this machine: whoever reaches it can read and "
    "change what it has, and control it. Leave out --host if nobody else is to."
)


def _build_lines(mocks: Sequence[Mock], url: str) -> list[str]:
    """What can be pasted into a shell: comments and exports."""
    lines = [f"# Serving until Ctrl-C. Console in the browser: {url}/"]
    lines += ["# To use it, paste into another shell:"]
    for mock in mocks:
        spec = mock.spec
        base_url = f"{url.rstrip('/')}/{spec.name}"
        lines += ["", f"# {make_printable(spec.title)}", _export(spec.base_url_env, base_url)]
        for name, value in mock.credentials.items():
            scheme = spec.security_schemes[name]
            lines.append(_export(scheme.env, value, name))
    return lines


def _export(variable: str | None, value: str, name: str = "base URL") -> str:
    """A line that sets a variable, or a comment where the spec names none."""
    if variable and value == make_printable(value):
        return f"export {variable}={shlex.quote(value)}"
    return f"# {make_printable(name)}: {make_printable(value)}"
