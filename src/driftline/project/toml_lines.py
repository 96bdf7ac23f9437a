"""Lines of the keys of a TOML file, which tomllib does not keep."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import cast


def find_line(text: str, path: Sequence[str]) -> int:
    """Return the 1-based line of the longest part of a key path that the text writes out."""
    best, line, table = 0, 1, tuple[str, ...]()
    for number, content in enumerate(text.splitlines(), 1):
        stripped = content.strip()
        if stripped.startswith("["):
            here = _read_key(stripped)
            table = here or table
        else:
            key = _read_key(stripped.partition("=")[0] + "= 0") if "=" in stripped else ()
            here = (*table, *key) if key else ()
        shared = _count_shared(here, path)
        if shared == len(here) and shared > best:
            best, line = shared, number
    return line


def _read_key(text: str) -> tuple[str, ...]:
    """Return the keys of a header or assignment, or nothing of what only looks like one."""
    try:
        value: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict):
        members = [*cast("dict[str, object]", value).items()]
        if len(members) != 1:
            break
        name, value = members[0]
        keys.append(name)
    return tuple(keys)


def _count_shared(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
