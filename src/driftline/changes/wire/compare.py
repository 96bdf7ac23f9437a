"""Compares two documents of one API, or all APIs of two sides."""

from __future__ import annotations

from collections.abc import Sequence

from driftline.changes.rules import RULES
from driftline.changes.wire.calls.access import compare_all_servers, compare_schemes
from driftline.changes.wire.calls.base_paths import find_base_paths, report_base_path
from driftline.changes.wire.calls.operations import compare_operations
from driftline.changes.wire.change import SEVERITIES, Change
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Use


def compare(old: Document, new: Document) -> list[Change]:
    """Return every change, the most severe first, and in the order of the new document.

    Raises:
        SpecError: a part of a document cannot be read.
    """
    sides = DocumentSides(old, new)
    base_paths = find_base_paths(sides)
    if base_paths:
        report_base_path(sides, base_paths)
    else:
        compare_all_servers(sides)
    compare_schemes(sides)
    compare_operations(sides, base_paths)
    return sorted(sides.list_changes(), key=_rank)


def compare_apis(old: Sequence[Document], new: Sequence[Document]) -> list[Change]:
    """Return the changes of all APIs by name, including added and removed ones.

    Raises:
        SpecError: a part of a document cannot be read.
    """
    before, after = ({document.name: document for document in side} for side in (old, new))
    changes: list[Change] = []
    for name in dict.fromkeys((*before, *after)):
        if name in before and name in after:
            changes += compare(before[name], after[name])
        elif name in before:
            changes.append(
                _build_lone_change("api.removed", "the API was removed", before[name].root)
            )
        else:
            changes.append(_build_lone_change("api.added", "the API was added", after[name].root))
    return sorted(changes, key=_rank)


def _build_lone_change(name: str, message: str, node: Node) -> Change:
    rule = RULES[name]
    return Change(
        id=name,
        severity=rule.severity,
        direction=rule.direction,
        api=node.document.name,
        message=message,
        old=node.location,
        new=node.location,
        uses=(Use("", ""),),
    )


def _rank(change: Change) -> tuple[int, str, int, int, str, str]:
    grave = SEVERITIES.index(change.severity)
    return (grave, change.api, change.new.line, change.old.line, change.id, change.message)
