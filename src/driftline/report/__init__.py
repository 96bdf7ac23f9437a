"""What a run came to, as one frozen value, and its renderings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftline.report.formats.files import write
    from driftline.report.report import OperationLine, Report, ReportedApi

__all__ = ["OperationLine", "Report", "ReportedApi", "write"]

_MODULES = {
    "ReportedApi": "report",
    "OperationLine": "report",
    "Report": "report",
    "write": "formats.files",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `--help` shows options and runs nothing."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
