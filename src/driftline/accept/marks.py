"""Removes marks `x-assumed` of clauses that are no longer assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from driftline.accept.edits import EditedDocument
from driftline.openapi import TextEdit, is_array, is_object, join, split

_VALUES: Final = frozenset({"enum", "const", "type", "default", "anyOf", "oneOf"})
"""Keywords whose new value is what a server returned, besides the bounds."""


def list_settled_marks(clauses: EditedDocument, edits: Sequence[TextEdit]) -> Iterator[TextEdit]:
    """Yield edits that remove the marks of edited clauses.

    A mark of a whole node is removed only if the node is a schema without subschemas that got a
    value returned by a server; a mark of a larger part also covers clauses that no response has
    shown.
    """
    keywords: dict[str, set[str]] = {}
    edited_schemas: set[str] = set()
    for edit in edits:
        *parent_tokens, last = split(edit.pointer)
        parent = join(*parent_tokens)
        keywords.setdefault(parent, set()).add(last)
        node = clauses.get(parent)
        if edit.op != "remove" and is_object(node) and _has_one_schema(node):
            edited_schemas |= (
                {parent} if last in _VALUES or last.startswith(("min", "max")) else set()
            )
    for parent, edited in keywords.items():
        node = clauses.get(parent)
        if is_object(node):
            settled_clauses = {parent + join(keyword) for keyword in edited} | (
                edited_schemas & {parent}
            )
            for _, removal in list_mark_removals(
                parent, node.get("x-assumed"), settled_clauses.__contains__
            ):
                yield removal


def _has_one_schema(node: dict[str, object]) -> bool:
    return not any(
        is_object(value) or (is_array(value) and any(map(is_object, value)))
        for keyword, value in node.items()
        if keyword != "x-assumed"
    )


def list_mark_removals(
    pointer: str, mark: object, is_settled: Callable[[str], bool]
) -> Iterator[tuple[list[str], TextEdit]]:
    """Yield the clauses of a node that are settled, with the edit that removes their mark.

    A mark is about the node at `pointer`, or about keywords of it.
    """
    mark_pointer = pointer + "/x-assumed"
    if isinstance(mark, str) and is_settled(pointer):
        yield [pointer], TextEdit(op="remove", pointer=mark_pointer)
    if not is_object(mark):
        return
    clauses = {keyword: pointer + join("$ref" if keyword == "ref" else keyword) for keyword in mark}
    settled_keywords = [keyword for keyword, clause in clauses.items() if is_settled(clause)]
    if settled_keywords and len(settled_keywords) == len(mark):
        yield list(clauses.values()), TextEdit(op="remove", pointer=mark_pointer)
        return
    for settled_keyword in settled_keywords:
        yield (
            [clauses[settled_keyword]],
            TextEdit(op="remove", pointer=mark_pointer + join(settled_keyword)),
        )
