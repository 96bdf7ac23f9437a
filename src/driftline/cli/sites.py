"""What `driftline mock` serves: in its own process, or in each of its workers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from driftline.cli.options import load_specs, place
from driftline.cli.output import echo
from driftline.drifts import LazyDrifts
from driftline.mock import Asked, Mock, Site

if TYPE_CHECKING:
    from driftline.mock import Shared

__all__ = ["LOGS", "Working", "site_of"]


def site_of(mocks: Sequence[Mock], *, seed: int, log: str, shared: Shared | None = None) -> Site:
    """The site of these mocks, each below its name."""
    named = {mock.spec.name: mock for mock in mocks}
    return Site(named, seed=seed, drifts=LazyDrifts(seed), log=LOGS[log], shared=shared)


@attrs.frozen
class Working:
    """What each worker is told, to serve the same as the others."""

    specs: Path | None
    names: tuple[str, ...]
    calls: int
    seed: int
    log: str
    db: Path
    shared: Path

    def __call__(self) -> Site:
        from driftline.mock import Shared  # noqa: PLC0415 - one process does not need it

        loaded = load_specs(place(self.specs), self.specs, self.names)
        mocks = [Mock(spec, rows=self.calls, seed=self.seed, db=self.db) for spec in loaded]
        return site_of(mocks, seed=self.seed, log=self.log, shared=Shared(self.shared))


def _text_line(asked: Asked) -> None:
    line = asked.line()
    query = f"?{line['query']}" if line["query"] else ""
    trouble = "".join(f" [{rule}]" for rule in line["trouble"])
    what = f"{asked.api} {line['method']} {line['path']}{query}"
    why = f": {' '.join(line['why'].split())}" if line["why"] else ""
    said = f"{line['status'] or '-'} {line['ms']} ms"
    echo(f"{line['time']} {what} {said}{trouble}{why}", err=True)


def _json_line(asked: Asked) -> None:
    click.echo(json.dumps(asked.line()), err=True)


LOGS: dict[str, Callable[[Asked], None] | None] = {
    "none": None,
    "text": _text_line,
    "json": _json_line,
}
