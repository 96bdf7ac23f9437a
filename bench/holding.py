"""A process that holds pages of calls, and reports by how many bytes it grew.

    python -m bench.holding ours|read|vendor|json FILE

FILE has one page a line. Each is the response to a client without a network, and kept; the first is
read before all and thrown away, so that what is made once is not counted.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import httpx

STATM = Path("/proc/self/statm")


def _build_transport(lines: Iterator[bytes]) -> httpx.MockTransport:
    json = {"Content-Type": "application/json"}
    return httpx.MockTransport(lambda _: httpx.Response(200, content=next(lines), headers=json))


def _hold_ours(lines: Iterator[bytes]) -> Callable[[], object]:
    from roark_client import Roark  # noqa: PLC0415 - each process has what it holds, no more

    client = Roark(bearer_token="x", transport=_build_transport(lines))  # noqa: S106
    return lambda: client.call.list(limit=100)


def _read(lines: Iterator[bytes]) -> Callable[[], object]:
    from roark_client import Roark  # noqa: PLC0415

    from bench.reading import read_all  # noqa: PLC0415

    client = Roark(bearer_token="x", transport=_build_transport(lines))  # noqa: S106

    def hold() -> object:
        page = client.call.list(limit=100)
        read_all(page.data)
        return page

    return hold


def _hold_vendor(lines: Iterator[bytes]) -> Callable[[], object]:
    from roark_analytics import Roark  # noqa: PLC0415

    http = httpx.Client(transport=_build_transport(lines))
    client = Roark(bearer_token="x", http_client=http)  # noqa: S106
    return lambda: client.call.list(limit=100)


def _hold_json(lines: Iterator[bytes]) -> Callable[[], object]:
    client = httpx.Client(transport=_build_transport(lines))
    return lambda: client.get("https://api.example.com/v1/call").json()


HOLDERS = {"ours": _hold_ours, "read": _read, "vendor": _hold_vendor, "json": _hold_json}


def _measure_resident() -> int:
    gc.collect()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _run(kind: str, file: Path) -> None:
    with file.open("rb") as lines:
        count = sum(1 for _ in lines)
        lines.seek(0)
        first = lines.readline()
        lines.seek(0)
        hold = HOLDERS[kind](chain([first], lines))
        hold()
        before = _measure_resident()
        held = [hold() for _ in range(count)]
        sys.stdout.write(f"{_measure_resident() - before}\n")
    del held


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]))
