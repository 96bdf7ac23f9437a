"""The version of a project, in pyproject.toml and other files that it lists, and the next one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

import attrs
from packaging.version import InvalidVersion, Version

from driftline.errors import FileError, Location, Problem, UsageError
from driftline.openapi import is_array, is_object
from driftline.rules import Severity

FILE: Final = "pyproject.toml"
_TABLES: Final = (("project",), ("tool", "poetry"))


@attrs.frozen
class VersionFiles:
    """The version of the project in `root`; "" where pyproject.toml has none.

    `key_path` is its table in that file, and `files` are others that contain it in quotes.
    """

    root: Path
    version: str = ""
    key_path: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def replace_version(self, new: str) -> dict[Path, str]:
        """Return the files that change, with their new text.

        Raises:
            FileError: a file does not have the version that it should.
        """
        if not self.key_path or new == self.version:
            return {}
        import tomlkit  # noqa: PLC0415 - to read a version, it is not needed

        path = self.root / FILE
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        table: Any = document
        for name in self.key_path:
            table = table[name]
        table["version"] = new
        contents = {path: tomlkit.dumps(document)}
        for name in self.files:
            contents[self.root / name] = _replace_version(self.root, name, self.version, new)
        return contents


def read_version(root: Path) -> VersionFiles:
    """Return the version in pyproject.toml, and where it is; without the file, it is empty.

    Raises:
        FileError: the file is not TOML, or a setting is invalid.
    """
    path = root / FILE
    if not path.is_file():
        return VersionFiles(root)
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _build_error(path, 1, f"invalid TOML: {error}", "Correct the file.") from None
    version_files = _read_table(data, ("tool", "driftline")).get("version-files", [])
    if not is_array(version_files) or not all(isinstance(entry, str) for entry in version_files):
        raise _build_error(
            path, 1, "tool.driftline.version-files is not a list of paths", "Write a list."
        )
    for names in _TABLES:
        version = _read_table(data, names).get("version")
        if isinstance(version, str):
            return VersionFiles(root, version, names, tuple(version_files))
    return VersionFiles(root)


def _read_table(data: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    table: Any = data
    for name in names:
        table = table.get(name) if is_object(table) else None
    return table if is_object(table) else {}


def _replace_version(root: Path, name: str, old: str, new: str) -> str:
    """Return a file with the version replaced, which it must contain once, in quotes."""
    path = root / name
    content = path.read_text(encoding="utf-8") if path.is_file() else ""
    matches = list(re.finditer(rf"""(?<=["']){re.escape(old)}(?=["'])""", content))
    if len(matches) != 1:
        message = f'expected "{old}" once, found it {len(matches)} times'
        raise _build_error(path, 1, message, f"Correct the file, or version-files in {FILE}.")
    return content[: matches[0].start()] + new + content[matches[0].end() :]


def _build_error(path: Path, line: int, message: str, hint: str) -> FileError:
    return FileError((Problem("release.config-invalid", Location(path, line, ""), message, hint),))


Part = Literal["patch", "minor", "major"]
PARTS: Final[tuple[Part, ...]] = ("patch", "minor", "major")
_WHY: Final[dict[str, str]] = {
    "breaking": "changes that break client code",
    "additive": "additive changes",
    "harmless": "no changes for client code",
}
_PART: Final[dict[str, Part]] = {"breaking": "major", "additive": "minor", "harmless": "patch"}


@attrs.frozen
class Bump:
    """The change of a version: from, to, which part, and why."""

    part: Part
    old: str
    new: str
    why: str

    def __str__(self) -> str:
        return f"{self.old} → {self.new} ({self.part}: {self.why})"


def bump(severities: Iterable[Severity], old: str, minimum: Part = "patch") -> Bump:
    """Return the next semantic version: major for breaking, minor for additive changes.

    Before 1.0.0 each is one number lower, as packagers read it: `~=0.2.0` is safe then.

    Raises:
        UsageError: `old` is not a version.
    """
    version = _parse(old)
    present = set(severities)
    most_severe = next(
        (severity for severity in ("breaking", "additive") if severity in present), "harmless"
    )
    part = _PART[most_severe]
    why = _WHY[most_severe]
    if version.major == 0 and part != "patch":
        part = PARTS[PARTS.index(part) - 1]
        why += ", before 1.0"
    if PARTS.index(minimum) > PARTS.index(part):
        part, why = minimum, "asked for"
    return Bump(part, old, _increment(version, part), why)


def _parse(string: str) -> Version:
    """Return the parsed version.

    Raises:
        UsageError: it is invalid.
    """
    try:
        return Version(string)
    except InvalidVersion:
        raise UsageError(f"{string!r} is not a valid version", "Write it like 1.4.0.") from None


def is_later(version: str, other: str) -> bool:
    """Return whether a version is later than another."""
    return _parse(version) > _parse(other)


def has_major_version(old: str, new: str) -> bool:
    """Return whether the new version allows breaking changes; an invalid version does not."""
    try:
        required_version = bump(("breaking",), old).new
        return not is_later(required_version, new)
    except UsageError:
        return False


def _increment(version: Version, part: Part) -> str:
    if version.is_prerelease:  # the release that it prepares
        return version.base_version
    numbers = (version.major, version.minor, version.micro)
    index = 2 - PARTS.index(part)
    incremented = (*numbers[:index], numbers[index] + 1, 0, 0)[:3]
    return ".".join(map(str, incremented))
