"""What standard output can show: how wide it is, and whether in colour."""

from __future__ import annotations

import os
import shutil
import sys

__all__ = ["color", "width"]


def color() -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR; FORCE_COLOR wins over no terminal."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def width() -> int:
    """In columns, within what can be read."""
    return max(40, min(shutil.get_terminal_size((100, 24)).columns, 140))
