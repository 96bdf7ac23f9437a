"""The command line: `driftline check`, `generate`, `diff`, `mock`, `lint` and `explain`."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from driftline.faces import suggest_extra


def main() -> None:
    """Run the command line; the exit code is 0, 1, 2 or 130, see `driftline --help`."""
    collect_garbage_rarely()
    _keep_tables_in_cache()
    try:
        from driftline.cli.group import driftline  # noqa: PLC0415 - click comes with an extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("driftline"):
            raise
        message = f"error: the commands need {error.name!r}, which is not installed"
        sys.stderr.write(f"{message}\n  {suggest_extra('contract')}\n")
        sys.exit(2)
    driftline(prog_name="driftline")


def collect_garbage_rarely() -> None:
    """Look for reference cycles after 100,000 new objects, not after 700.

    Documents are large trees without cycles: looking through them takes a fifth of the time of a
    diff of 1,000 operations, and finds nothing.
    """
    gc.set_threshold(100_000, 20, 20)


def _keep_tables_in_cache() -> None:
    """Let Hypothesis keep its tables in the user's cache, not in the current folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~", ".cache")).expanduser()
    if cache.is_absolute():
        folder = str(cache / "driftline" / "hypothesis")
        os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", folder)
