"""The specs of a test: from the project's folders, or those that come with driftline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from driftline.errors import UsageError
from driftline.openapi import Spec, find, load

__all__ = ["find_shipped_folder", "load_named"]


def find_shipped_folder() -> Path:
    """Return the folder of the specs that come with driftline."""
    package = Path(__file__).parents[1]
    inside = package / "specs"
    # In a checkout of driftline itself they stand beside src/.
    return inside if inside.is_dir() else package.parents[1] / "specs"


def load_named(names: Sequence[str], folders: Sequence[Path]) -> list[Spec]:
    """Load the specs of these names, each from the first folder that has it; no name: all.

    Raises:
        UsageError: a folder or spec does not exist.
        SpecError: a spec is invalid.
    """
    own = {path.stem: path for folder in reversed(folders) for path in find(folder)}
    if not names and not own:
        known = ", ".join(path.stem for path in _list_shipped())
        what = "no API selected for driftline_mock"
        raise UsageError(
            what,
            f'Write @pytest.mark.driftline("NAME"), or driftline_apis = NAME '
            f"in pytest's settings. APIs: {known}.",
        )
    places = {path.stem: path for path in _list_shipped()} | own
    for name in names:
        if name not in places:
            remedy = f"Use one of: {', '.join(sorted(places))}; or set driftline_specs."
            raise UsageError(f"unknown API {name!r}", remedy)
    return [_load(places[name]) for name in names or sorted(own)]


def _list_shipped() -> list[Path]:
    folder = find_shipped_folder()
    return find(folder) if folder.is_dir() else []


@cache
def _load(path: Path) -> Spec:
    return load(path)
