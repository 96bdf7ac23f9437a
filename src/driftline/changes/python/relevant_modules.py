"""Selects the modules of a client that a comparison has to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

_ALWAYS: Final = frozenset(
    {"__init__.py", "client.py", "errors.py", "models/__init__.py", "api/__init__.py"}
)
_WORD: Final = re.compile(rb"\w+")
_DEFINITION: Final = re.compile(rb"^(?:class )?(\w+)[(:]", re.MULTILINE)


@attrs.frozen
class _Source:
    """A module: the names that it defines, and its words and lines."""

    defines: frozenset[bytes]
    words: frozenset[bytes]
    lines: frozenset[bytes]
    is_alias: bool

    @classmethod
    def read(cls, content: bytes) -> _Source:
        return cls(
            frozenset(_DEFINITION.findall(content)),
            frozenset(_WORD.findall(content)),
            frozenset(content.splitlines()),
            b"\nclass " not in content,
        )


def find_relevant_modules(old: Path, new: Path) -> frozenset[str]:
    """Return the modules, relative to the package, that can show a change from `old` to `new`.

    These are the modules that differ, the models and methods that lead to one of them (they tell
    whether a model is sent or received, and where a value is used), and the aliases that a
    differing module names. A client of 1,000 operations has 1,700 modules, and a change of its
    spec seldom touches ten of them. The modules of single operations, `api/order/order_list.py`,
    are the client's own. Without any difference, there is nothing to read.
    """
    before, after = _read_surface_files(old), _read_surface_files(new)
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    if not changed:
        return frozenset()
    sources = {
        path: [_Source.read(side[path]) for side in (before, after) if path in side]
        for path in before.keys() | after.keys()
    }
    changed |= _find_renamed(changed & _ALWAYS, sources)
    return _ALWAYS | _find_users(changed, sources) | _find_aliases(changed, sources)


def _read_surface_files(package: Path) -> dict[str, bytes]:
    return {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in _list_surface_files(package)
    }


def _list_surface_files(package: Path) -> Iterator[Path]:
    yield from package.glob("*.py")
    yield from package.glob("models/*.py")
    yield from package.glob("api/*/__init__.py")


def _find_renamed(changed: Set[str], sources: Mapping[str, list[_Source]]) -> set[str]:
    """Find the modules of what a line names that only one version of the main modules has."""
    lines: set[bytes] = set()
    for path in changed:
        versions = [each.lines for each in sources[path]]
        lines |= versions[0] ^ versions[-1] if len(versions) > 1 else versions[0]
    words = {word for line in lines for word in _WORD.findall(line)}
    return {path for path, versions in sources.items() if words & _list_definitions(versions)}


def _find_users(changed: Set[str], sources: Mapping[str, list[_Source]]) -> set[str]:
    """Find each module that names a model of `changed`, and so on for the models in it."""
    users: dict[bytes, set[str]] = {}
    names = {name for versions in sources.values() for each in versions for name in each.defines}
    for path, versions in sources.items():
        for name in names.intersection(word for each in versions for word in each.words):
            users.setdefault(name, set()).add(path)
    relevant: set[str] = set()
    pending = set(changed)
    while pending:
        path = pending.pop()
        relevant.add(path)
        if PurePosixPath(path).parts[0] == "models":
            for name in _list_definitions(sources[path]):
                pending |= users.get(name, set()) - relevant
    return relevant


def _find_aliases(changed: Set[str], sources: Mapping[str, list[_Source]]) -> set[str]:
    """Find the aliases that a module of `changed` names: a type may now be written out."""
    words = {word for path in changed for each in sources[path] for word in each.words}
    return {
        path
        for path, versions in sources.items()
        if PurePosixPath(path).parts[0] == "models"
        and any(each.is_alias and each.defines & words for each in versions)
    }


def _list_definitions(versions: list[_Source]) -> set[bytes]:
    return {name for each in versions for name in each.defines}
