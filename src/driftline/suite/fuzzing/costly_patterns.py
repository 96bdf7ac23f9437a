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
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from driftline.openapi import can_compile_pattern, select_clauses, walk_objects

_PARSER: Any = getattr(re, "_parser")  # noqa: B009 - not public, and the only parser there is
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_MANY = 10
MOST_LENGTH: Final = 1_024
"""Longer lengths are not written into a pattern."""


@lru_cache(maxsize=4096)
def is_costly(pattern: str) -> bool:
    """Return whether a repeated group consists of repeats only, as in `(a+)+`.

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
    """Return whether a sequence, or an alternative of it, consists of long repeats and dots."""
    items = [item for item in tree if str(item[0]) != "ANY"]
    if len(items) == 1 and str(items[0][0]) in {"SUBPATTERN", "BRANCH"}:
        return any(_is_ambiguous(part) for part in _list_parts(str(items[0][0]), items[0][1]))
    repeats = [argument for name, argument in items if str(name) in _REPEATS]
    return (
        bool(repeats)
        and len(repeats) == len(items)
        and any(argument[1] >= _MANY for argument in repeats)
    )


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
