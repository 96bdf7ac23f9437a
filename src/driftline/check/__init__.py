"""The main job: specs, clients and suite make one report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from driftline.check.run import check

__all__ = ["check"]

_MODULES = {
    "check": "run",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: `--help` shows options and runs nothing."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
