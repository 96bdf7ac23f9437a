"""A generated client, edited as a generator would have made it from another spec."""

from __future__ import annotations

import shutil
from pathlib import Path

from changes_python.python_cases import Edits
from driftline.changes.python.compare import compare_packages
from driftline.changes.python.griffe_reader import Package, find_relevant_modules
from driftline.changes.wire import Change

__all__ = ["build_package", "compare_clients", "compare_relevant", "edit_clients"]


def edit_clients(client: Path, folder: Path, edits: Edits) -> Path:
    """A copy of a folder with clients in it, edited."""
    shutil.copytree(client, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in edits:
        path = folder / "shop_client" / file
        source = path.read_text(encoding="utf-8")
        assert old in source, (file, old)
        path.write_text(source.replace(old, new), encoding="utf-8")
    return folder


def build_package(folder: Path) -> Package:
    """The client in a folder, as griffe reads it."""
    return Package("shop_client", folder, folder.name)


def compare_clients(old: Package, new: Package) -> list[Change]:
    """What the one changes for client code of the other."""
    return compare_packages("shop", old, new)


def compare_relevant(old: Package, new: Package) -> list[Change]:
    """The same, read from the modules that a comparison needs."""
    modules = find_relevant_modules(*(package.folder / package.name for package in (old, new)))
    return compare_packages(
        "shop",
        *(
            Package(package.name, package.folder, package.display_path, modules)
            for package in (old, new)
        ),
    )
