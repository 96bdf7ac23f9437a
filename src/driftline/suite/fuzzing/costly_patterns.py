"""Patterns that schemathesis would match or compile for minutes or hours.

`^(a+)+$` divides a string of n characters in 2^n ways, and each is tried if the string does not
match. Hypothesis draws strings and matches each with the pattern, so that one such pattern in a
schema with a minimum length never ends. Its requests are made without the pattern.

schemathesis also writes lengths into patterns: `.*` of at most 65,536 characters becomes
`^.{0,65536}$`, which takes a third of a second and 150 MB each time it is compiled. It never makes
such long strings, so that its requests are the same without the lengths.
"""

from __future__ import annotations

import re
import string
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from driftline.openapi import can_compile_pattern, is_object, select_clauses, walk_objects

_PARSER: Any = getattr(re, "_parser")  # noqa: B009 - not public, and the only parser there is
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_MANY = 10
_ASCII: Final = frozenset(range(128))
_WORD: Final = frozenset(string.ascii_letters + string.digits + "_")
_CATEGORIES: Final[dict[str, Callable[[str], bool]]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_WORD": _WORD.__contains__,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdecimal(),
    "CATEGORY_NOT_WORD": lambda char: char not in _WORD,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
}
MOST_LENGTH: Final = 1_024
"""Longer lengths are not written into a pattern."""


@lru_cache(maxsize=4096)
def is_costly(pattern: str) -> bool:
    """Return whether repeats of a group divide a string in many ways, as in `(a+)+`.

    A dot beside a repeat counts as a repeat: `([a-z]+.)+` divides a string in as many ways.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _has_nested_repeat(_PARSER.parse(pattern))
    except (re.error, ArithmeticError, LookupError, ValueError, TypeError, RecursionError):
        return False


def _has_nested_repeat(tree: Any) -> bool:
    for name, argument in tree:
        if str(name) in _REPEATS and argument[1] >= _MANY and _is_ambiguous(argument[2]):
            return True
        if any(_has_nested_repeat(part) for part in _list_parts(str(name), argument)):
            return True
    return False


def _is_ambiguous(tree: Any) -> bool:
    """Return whether repeats of a sequence divide a string in many ways.

    Three kinds do: only long repeats and dots (`a+`), alternatives that begin alike (`a|b|ab`), and
    an end of variable length that may also be the next beginning (`aa?`).
    """
    items = [item for item in tree if str(item[0]) != "ANY"]
    if len(items) == 1 and str(items[0][0]) in {"SUBPATTERN", "BRANCH"}:
        parts = [*_list_parts(str(items[0][0]), items[0][1])]
        return any(map(_is_ambiguous, parts)) or _begin_alike(parts)
    repeats = [argument for name, argument in items if str(name) in _REPEATS]
    return (
        bool(repeats)
        and len(repeats) == len(items)
        and any(argument[1] >= _MANY for argument in repeats)
    ) or _ends_as_it_begins(tree)


def _begin_alike(parts: list[Any]) -> bool:
    first_characters = [_list_first(part) for part in parts]
    return sum(map(len, first_characters)) > len(frozenset[int]().union(*first_characters))


def _ends_as_it_begins(tree: Any) -> bool:
    if len(tree) == 0:
        return False
    last = tree[len(tree) - 1 :]
    shortest, longest = last.getwidth()
    return shortest < longest and not _list_first(tree).isdisjoint(_list_first(last))


def _list_first(tree: Any) -> frozenset[int]:
    """Return the ASCII characters that a match may begin with."""
    codes = frozenset[int]()
    for name, argument in tree:
        kind = str(name)
        parts = [*_list_parts(kind, argument)]
        if parts:
            codes = codes.union(*map(_list_first, parts))
        else:
            codes |= _list_members(kind, argument)
        is_optional = kind in _REPEATS and argument[0] == 0
        if kind != "AT" and not is_optional and all(part.getwidth()[0] for part in parts):
            break
    return codes


def _list_members(kind: str, argument: Any) -> frozenset[int]:
    if kind == "LITERAL":
        return frozenset({argument})
    if kind == "RANGE":
        return frozenset(range(argument[0], min(argument[1], 127) + 1))
    if kind == "CATEGORY":
        return frozenset(code for code in range(128) if _CATEGORIES[str(argument)](chr(code)))
    if kind == "IN":
        members = [_list_members(str(name), member) for name, member in argument]
        union = frozenset[int]().union(*members)
        return _ASCII - union if str(argument[0][0]) == "NEGATE" else union
    return frozenset() if kind in {"NEGATE", "AT"} else _ASCII


def _list_parts(name: str, argument: Any) -> Iterator[Any]:
    if name in _REPEATS:
        yield argument[2]
    elif name == "SUBPATTERN":
        yield argument[3]
    elif name == "BRANCH":
        yield from argument[1]


def drop_costly_patterns(document: Any) -> None:
    """Remove, in place, the patterns that take exponential time to match."""
    for node in walk_objects(document):
        pattern = node.get("pattern")
        if isinstance(pattern, str) and is_costly(pattern):
            del node["pattern"]
        names = node.get("patternProperties")
        if is_object(names):
            for name in [
                name for name in names if is_costly(name) or not can_compile_pattern(name)
            ]:
                del names[name]


def drop_long_lengths(document: Any) -> None:
    """Remove, in place, long lengths beside patterns, and patterns too large for validators.

    A schema is validated without such a pattern, too.
    """
    for _, node in list(select_clauses(document)):
        pattern = node.get("pattern")
        if not isinstance(pattern, str):
            continue
        if not can_compile_pattern(pattern):
            del node["pattern"]
        for keyword in ("minLength", "maxLength"):
            length = node.get(keyword)
            if isinstance(length, int | float) and length > MOST_LENGTH:
                del node[keyword]
