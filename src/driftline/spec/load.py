"""Finds and loads specs: a file, or a folder of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from driftline.errors import SpecError, UsageError
from driftline.spec import structure
from driftline.spec.build import build
from driftline.spec.model import Spec
from driftline.spec.overlay import read_layered

__all__ = ["SUFFIXES", "find", "load"]

SUFFIXES = (".yaml", ".yml", ".json")


def load(path: Path) -> Spec:
    """The spec in the file at `path`, which may be an overlay of another file.

    Raises:
        SpecError: it cannot be read, or is not a sound OpenAPI 3.1 document.
    """
    source = read_layered(path)
    problems = structure.problems(source)
    if problems:
        raise SpecError(tuple(problems))
    return build(source)


def find(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """The spec files of `folder`, sorted; only those of the APIs in `names`, if there are any.

    Raises:
        UsageError: there is no such folder, no spec in it, or no API of one of the names.
    """
    if not folder.is_dir():
        remedy = "Run driftline in a project that has one, or name it with --specs."
        raise UsageError(f"there is no folder {folder}", remedy)
    found = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}
    if not found:
        raise UsageError(f"there is no spec in {folder}", "Add <api>.yaml, an OpenAPI 3.1 file.")
    for name in names:
        if name not in found:
            known = ", ".join(found)
            raise UsageError(f"there is no API named {name!r}", f"Known here: {known}.")
    return [path for stem, path in found.items() if not names or stem in names]
