"""Serve an app of schemathesis' catalogue from a snapshot: FOLDER PORT MODULE:FACTORY[+MODIFIER()].

It runs in a process of its own, which imports nothing of this project.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

CATALOGUE = "test.apps.catalog.openapi"


def build_app(folder: str, name: str) -> Any:
    """Return the app that the catalogue builds, with the modifiers that the name calls."""
    package = ModuleType("test")  # the standard library has a package of this name
    package.__path__ = [str(Path(folder) / "test")]
    sys.modules["test"] = package
    module, _, call = name.partition(":")
    factory, *modifiers = call.split("+")
    known = vars(import_module(f"{CATALOGUE}.modifiers.{module}")) if modifiers else {}
    modifier_values = [eval(expression, dict(known)) for expression in modifiers]  # noqa: S307 - ours, from faulty.toml
    return getattr(import_module(f"{CATALOGUE}.{module}"), factory)(*modifier_values)


def main(folder: str, port: str, name: str) -> None:
    """Serve it until the process ends."""
    app = build_app(folder, name)
    if app.kind == "fastapi":
        import uvicorn  # noqa: PLC0415

        uvicorn.run(app.server, port=int(port), log_level="error")
    else:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        app.server.run(port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:4])
