"""Helpers to edit a generated client and compare the result with the original."""

from __future__ import annotations

import shutil
from pathlib import Path

from changes_python.python_cases import Edits
from driftline.changes.python.compare import compare_packages
from driftline.changes.python.griffe_reader import Package, find_relevant_modules
from driftline.changes.wire import Change

__all__ = ["build_package", "compare_clients", "compare_relevant", "edit_clients"]


def edit_clients(client: Path, folder: Path, edits: Edits) -> Path:
    """Return a copy of the directory of clients with edits applied."""
    shutil.copytree(client, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in edits:
        path = folder / "shop_client" / file
        source = path.read_text(encoding="utf-8")
        assert old in source, (file, old)
        path.write_text(source.replace(old, new), encoding="utf-8")
    return folder


def build_package(folder: Path) -> Package:
    """Return the client in a directory as a package to compare."""
    return Package("shop_client", folder, folder.name)


def compare_clients(old: Package, new: Package) -> list[Change]:
    """Return the changes between two clients for client code."""
    return compare_packages("shop", old, new)


def compare_relevant(old: Package, new: Package) -> list[Change]:
    """Return the changes, reading only the modules that the comparison needs."""
    modules = find_relevant_modules(*(package.folder / package.name for package in (old, new)))
    return compare_packages(
        "shop",
        *(
            Package(package.name, package.folder, package.display_path, modules)
            for package in (old, new)
        ),
    )
