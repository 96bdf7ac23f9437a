"""Cuts schemas that are too large to validate, fake or fuzz within 300 MB.

A tuple of 20,000 items or an enum of 5 MB takes ten to twenty kilobytes a part in every validator
and strategy. No real API has one, so that such a schema keeps only its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import Any, Final

from driftline.openapi.pointer import is_array, is_object, join
from driftline.openapi.schema.walk import NAMED, VALUES

_MOST_SIZE: Final = 10_000
_MOST_PARTS: Final = 3_000
"""How many subschemas one keyword may have."""
_DEEPEST: Final = 60
_NEGATION: Final = 10
"""How many levels a `not` counts for: each inverts all that is below it."""
_CHARACTERS: Final = 40
"""How many characters of names and values weigh as much as a schema."""
_KEPT: Final = frozenset(
    {
        *("type", "nullable", "x-nullable", "title", "deprecated"),
        *("readOnly", "writeOnly"),
    }
)
_SKIPPED: Final = frozenset({"default", "description", "example", "examples", "title"})
# What is wider below one of these makes the schema with the keyword narrower, which is cut instead.
_INVERTING: Final = frozenset({"not", "if", "contains"})

Report = Callable[[str], None]


def cut_large_schemas(schema: dict[str, Any], pointer: str, report: Report) -> None:
    """Replace, in place, the innermost schemas that are too large by their type.

    `report` is called with the pointer of each.
    """
    if _cut(schema, pointer, report) == inf:
        _replace(schema, pointer, report)


def _cut(
    schema: dict[str, Any],
    pointer: str,
    report: Report,
    depth: int = 0,
    *,
    is_inverted: bool = False,
) -> float:
    """Return the size of a schema after the cuts below it; infinite if it has to be cut."""
    size = 1.0
    for word, value in schema.items():
        if word in _SKIPPED or word.startswith("x-"):
            continue
        inverts = is_inverted or word in _INVERTING
        child_depth = depth + (_NEGATION if word == "not" else 1)
        count, size = 0, size + _weigh(word, value)
        for token, part in _list_parts(word, value):
            count += 1
            child_pointer = pointer + join(word, *token)
            own = _cut(part, child_pointer, report, child_depth, is_inverted=inverts)
            if own == inf and inverts:
                return inf
            if own == inf:
                _replace(part, child_pointer, report)
            size += 1 if own == inf else own
        if count > _MOST_PARTS:
            return inf
    return inf if size > _MOST_SIZE or depth > _DEEPEST else size


def _list_parts(keyword: str, value: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yield the subschemas of a keyword, each with its pointer's tokens below the keyword."""
    if is_object(value) and keyword in NAMED:
        yield from (((name,), child) for name, child in value.items() if is_object(child))
    elif is_object(value) and keyword not in VALUES:
        yield (), value
    elif is_array(value) and keyword not in VALUES:
        yield from (((str(n),), child) for n, child in enumerate(value) if is_object(child))


def _weigh(keyword: str, value: Any) -> float:
    """Return the weight of the names and scalars of a keyword."""
    if keyword in {"const", "enum"}:
        return len(str(value)) / _CHARACTERS
    names = value if is_object(value) or is_array(value) else (value,)
    return sum(len(name) for name in names if isinstance(name, str)) / _CHARACTERS


def _replace(schema: dict[str, Any], pointer: str, report: Report) -> None:
    kept_keywords = {word: schema[word] for word in schema.keys() & _KEPT}
    schema.clear()
    schema.update(kept_keywords)
    report(pointer)
