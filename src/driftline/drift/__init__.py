"""The main job: do spec, generated client, mock or live server, and documents agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftline.drift.files import write
    from driftline.drift.report import Api, OperationLine, Report
    from driftline.drift.run import check

__all__ = ["Api", "OperationLine", "Report", "check", "write"]

_MODULES = {
    "Api": "report",
    "OperationLine": "report",
    "Report": "report",
    "check": "run",
    "write": "files",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `--help` shows options and runs nothing."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
