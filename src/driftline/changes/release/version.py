"""The version of a project: in pyproject.toml, and in other files that it lists."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.errors import FileError, Location, Problem
from driftline.openapi import is_array, is_object

FILE: Final = "pyproject.toml"
_TABLES: Final = (("project",), ("tool", "poetry"))


@attrs.frozen
class VersionFiles:
    """The version of the project in `root`; "" where pyproject.toml has none.

    `table` is where in that file it stands, `files` are others in which it stands as a text.
    """

    root: Path
    version: str = ""
    table: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def replace_version(self, new: str) -> dict[Path, str]:
        """Return the files that change, with their new text.

        Raises:
            FileError: a file does not have the version that it should.
        """
        if not self.table or new == self.version:
            return {}
        import tomlkit  # noqa: PLC0415 - to read a version, it is not needed

        path = self.root / FILE
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        table: Any = document
        for name in self.table:
            table = table[name]
        table["version"] = new
        texts = {path: tomlkit.dumps(document)}
        for name in self.files:
            texts[self.root / name] = _replace_version(self.root, name, self.version, new)
        return texts


def read_version(root: Path) -> VersionFiles:
    """Return what pyproject.toml says; without one, nothing is kept.

    Raises:
        FileError: the file is not TOML, or not as it should be.
    """
    path = root / FILE
    if not path.is_file():
        return VersionFiles(root)
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _build_error(path, 1, f"invalid TOML: {error}", "Correct the file.") from None
    own = _read_table(data, ("tool", "driftline")).get("version-files", [])
    if not is_array(own) or not all(isinstance(each, str) for each in own):
        raise _build_error(
            path, 1, "tool.driftline.version-files is not a list of paths", "Write a list."
        )
    for names in _TABLES:
        version = _read_table(data, names).get("version")
        if isinstance(version, str):
            return VersionFiles(root, version, names, tuple(own))
    return VersionFiles(root)


def _read_table(data: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    found: Any = data
    for name in names:
        found = found.get(name) if is_object(found) else None
    return found if is_object(found) else {}


def _replace_version(root: Path, name: str, old: str, new: str) -> str:
    """Return a file in which the version stands once, as a text in quotes."""
    path = root / name
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = list(re.finditer(rf"""(?<=["']){re.escape(old)}(?=["'])""", text))
    if len(found) != 1:
        what = f'expected "{old}" once, found it {len(found)} times'
        raise _build_error(path, 1, what, f"Correct the file, or version-files in {FILE}.")
    return text[: found[0].start()] + new + text[found[0].end() :]


def _build_error(path: Path, line: int, what: str, remedy: str) -> FileError:
    return FileError((Problem("release.config-invalid", Location(path, line, ""), what, remedy),))
