"""The next version of a release, by its changes for client code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import attrs
from packaging.version import InvalidVersion, Version

from driftline.errors import UsageError
from driftline.rules import Severity

Part = Literal["patch", "minor", "major"]
PARTS: Final[tuple[Part, ...]] = ("patch", "minor", "major")
_WHY: Final[dict[str, str]] = {
    "breaking": "something breaks callers",
    "additive": "there is something new",
    "harmless": "nothing changes for callers",
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


def bump(severities: Iterable[Severity], old: str, least: Part = "patch") -> Bump:
    """Return the next semantic version: major for breaking, minor for additive changes.

    Before 1.0.0 each is one number lower, as packagers read it: `~=0.2.0` is safe then.

    Raises:
        UsageError: `old` is not a version.
    """
    version = _parse(old)
    found = set(severities)
    gravest = next((each for each in ("breaking", "additive") if each in found), "harmless")
    part = _PART[gravest]
    why = _WHY[gravest]
    if version.major == 0 and part != "patch":
        part = PARTS[PARTS.index(part) - 1]
        why += ", before 1.0"
    if PARTS.index(least) > PARTS.index(part):
        part, why = least, "asked for"
    return Bump(part, old, _increment(version, part), why)


def _parse(text: str) -> Version:
    """Return the parsed version.

    Raises:
        UsageError: it is invalid.
    """
    try:
        return Version(text)
    except InvalidVersion:
        raise UsageError(f"{text!r} is not a valid version", "Write it like 1.4.0.") from None


def is_later(one: str, other: str) -> bool:
    """Return whether a version is later than another."""
    return _parse(one) > _parse(other)


def has_major_version(old: str, new: str) -> bool:
    """Return whether the new version allows breaking changes; an invalid version does not."""
    try:
        needed = bump(("breaking",), old).new
        return not is_later(needed, new)
    except UsageError:
        return False


def _increment(version: Version, part: Part) -> str:
    if version.is_prerelease:  # the release that it prepares
        return version.base_version
    numbers = (version.major, version.minor, version.micro)
    place = 2 - PARTS.index(part)
    raised = (*numbers[:place], numbers[place] + 1, 0, 0)[:3]
    return ".".join(map(str, raised))
