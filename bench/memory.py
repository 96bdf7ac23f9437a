"""10,000 calls held at once: by how much a fresh process grows."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from bench.children import report
from bench.figures import CannotMeasure, Comparison, Target, compare
from bench.holding import STATM
from bench.pages import PAGE, generate_pages
from bench.rounds import Case, interleave

PAGES = 100
NAMES = {
    "ours": "typed models",
    "read": "typed models, all read",
    "vendor": "vendor's SDK",
    "json": "JSON objects",
}


def _measure_held(kind: str, file: Path) -> float:
    return float(report("-m", "bench.holding", kind, str(file))) / 1e6


def measure(rounds: int) -> list[Comparison]:
    """Typed models against the vendor's; JSON objects for the record.

    Raises:
        CannotMeasure: the system does not tell how large a process is.
    """
    if not STATM.exists():
        raise CannotMeasure(f"there is no {STATM}: only Linux tells the size of a process there")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pages"
        file.write_bytes(b"".join(body + b"\n" for body in generate_pages(PAGE, PAGES)))
        cases: dict[str, Case] = {
            name: partial(_measure_held, kind, file) for kind, name in NAMES.items()
        }
        rounds_by_name = interleave(cases, rounds)
    ours, read, vendor, json = NAMES.values()
    held = partial(
        compare,
        rounds_by_name,
        measurement="memory",
        subject=f"{PAGE * PAGES:,} calls held",
        unit="MB",
    )
    return [
        held(ours, vendor, Target("at most", 0.55)),
        held(read, vendor),
        held(ours, json),
    ]
