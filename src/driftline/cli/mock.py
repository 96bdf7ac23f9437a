"""`driftline mock`: serves the specs on a port."""

from __future__ import annotations

import json
import shlex
import signal
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from driftline.cli.checking import Checking
from driftline.cli.options import apis, load_specs, place, specs_option
from driftline.cli.rows import load_rows, write_rows
from driftline.mock import Asked, Handle, Mock, Site, is_loopback, serve

__all__ = ["command"]

EPILOG = """\b
Each API is below its name, as in http://127.0.0.1:8080/shop; what is printed can be pasted into
a shell. Exit codes: 0 or 130 when it is stopped, 2 if it cannot start, as when the port is taken.

\b
Trouble is asked for by rules, [API[/OPERATION]:] WORD…:
  latency=200ms  latency=lognormal(200ms,0.5)      uniform, normal, exponential too
  429  retry-after=2  credentials=expired          any status, with its documented answer
  reset=request|before|body|after  truncate=0.5  drip=50ms/16
  body=html|text|empty|garbage|half                what no spec documents
  drift=ID                                         breaks a clause, as driftline drill does
  share=0.1  next=3                                not all requests
and at /_driftline/trouble while it runs; /_driftline/ lists what else is there.

\b
Examples:
  driftline mock shop --port 8080
  driftline mock shop --db shop.db                          # what is created stays
  driftline mock shop --db shop.db --snapshot shop.json     # writes the rows, and ends
  driftline mock shop --db shop.db --load shop.json         # serves those rows
  driftline mock --trouble 'shop/order.list: 429 retry-after=2 share=0.1' --log json
"""


class _Drifts:
    """The drill's, imported when the first is asked for: a mock without trouble starts sooner."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def ids(self, mock: Mock) -> Sequence[str]:
        return list(self._drill().ids(mock))

    def handle(self, mock: Mock, drift: str) -> Handle:
        made: Handle = self._drill().handle(mock, drift)
        return made

    def _drill(self) -> Any:
        return import_module("driftline.drill.drifts").Drifts(self._seed)


@click.command("mock", epilog=EPILOG)
@apis
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8080, show_default=True, help="0: one that is free.")
@click.option(
    "--calls",
    default=250,
    show_default=True,
    type=click.IntRange(0),
    help="How many rows each listing has at first.",
)
@click.option("--seed", default=0, show_default=True, help="Another seed, other rows.")
@click.option(
    "--db",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the rows in this file; --calls and --seed count when it is new, or reset.",
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
    "--trouble",
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
    help="Let calls go through their states, so many times as fast as real time; 0: not at all.",
)
@specs_option
def command(
    *,
    names: tuple[str, ...],
    host: str,
    port: int,
    calls: int,
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
    mocks: list[Mock] = []
    try:
        mocks += (Mock(spec, rows=calls, seed=seed, db=db) for spec in loaded)
        for mock in mocks if reset else ():
            mock.reset()
        if load is not None:
            load_rows(mocks, load)
        for mock in mocks if speed is not None else ():
            mock.clock.run(speed or 0.0)
        if snapshot is not None:
            write_rows(mocks, snapshot)
        else:
            named = {mock.spec.name: mock for mock in mocks}
            site = Site(named, seed=seed, drifts=_Drifts(seed), log=_LOGS[log])
            site.trouble.set(*rules)
            _serve(site, mocks, specs, host, port)
    finally:
        for mock in mocks:
            mock.close()


def _serve(site: Site, mocks: Sequence[Mock], specs: Path | None, host: str, port: int) -> None:
    checking: list[Checking] = []

    def ready(url: str) -> None:
        checking.append(Checking(site, mocks, specs, url))
        click.echo("\n".join(_lines(mocks, url)))
        if not is_loopback(url):
            click.echo(_WARNING, err=True)

    # What asks it to stop, as containers do, is no failure.
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        serve(site, host, port, ready)
    finally:
        signal.signal(signal.SIGTERM, before)
        for each in checking:
            each.close()


_WARNING = (
    "warning: this listens not only to programs on this machine: whoever reaches it can read and "
    "change what it has, and control it. Leave out --host if nobody else is to."
)


def _text_line(asked: Asked) -> None:
    line = asked.line()
    query = f"?{line['query']}" if line["query"] else ""
    trouble = "".join(f" [{rule}]" for rule in line["trouble"])
    what = f"{asked.api} {line['method']} {line['path']}{query}"
    why = f": {' '.join(line['why'].split())}" if line["why"] else ""
    said = f"{line['status'] or '-'} {line['ms']} ms"
    click.echo(f"{line['time']} {what} {said}{trouble}{why}", err=True)


def _json_line(asked: Asked) -> None:
    click.echo(json.dumps(asked.line(), ensure_ascii=False), err=True)


_LOGS: dict[str, Callable[[Asked], None] | None] = {
    "none": None,
    "text": _text_line,
    "json": _json_line,
}


def _lines(mocks: Sequence[Mock], url: str) -> list[str]:
    """What can be pasted into a shell: comments and exports."""
    lines = [f"# Serving until Ctrl-C. Console in the browser: {url}/"]
    lines += ["# To use it, paste into another shell:"]
    for mock in mocks:
        spec = mock.spec
        base_url = f"{url.rstrip('/')}/{spec.name}"
        variable = next((server.env for server in spec.servers if server.env), None)
        lines += ["", f"# {spec.title}", _export(variable, base_url)]
        for name, value in mock.credentials.items():
            scheme = spec.security_schemes[name]
            lines.append(_export(scheme.env, value, name))
    return lines


def _export(variable: str | None, value: str, name: str = "base URL") -> str:
    return f"export {variable}={shlex.quote(value)}" if variable else f"# {name}: {value}"
