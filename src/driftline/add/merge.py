"""Merges the overlay for a changed document, and keeps hand-written actions unchanged."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from driftline.add.plan import Action
from driftline.add.source.document import FetchedDocument
from driftline.add.text import OWN, format_actions, format_overlay
from driftline.openapi import Source, join


@attrs.frozen
class MergeResult:
    """The new list of actions, its text, and what happened to the old ones."""

    actions: Sequence[Action]
    text: str
    by_hand: Sequence[Action]
    needless: Sequence[Action]
    new: Sequence[Action]


def merge_actions(
    overlay: Source,
    document: FetchedDocument,
    before: Sequence[Action],
    after: Sequence[Action],
    *,
    is_own: bool = False,
) -> MergeResult:
    """Return the overlay for a new document.

    Actions that `before` proposed and `after` does not are removed; new ones of `after` are added.
    An action that was never proposed is hand-written and kept. A proposal that is missing was
    declined, and is not proposed again.
    """
    present: list[Action] = overlay.data["actions"]
    declined = [action for action in before if action not in present]
    accepted = [action for action in after if action in present or action not in declined]
    actions = _place_actions(present, before, accepted)
    blocks = _split_blocks(overlay, overlay.path.read_text(encoding="utf-8"))
    if blocks and is_own and not overlay.data.get(OWN):
        blocks = _mark_as_own(*blocks)
    text = _format_text(blocks, actions, overlay, document) if blocks else None
    return MergeResult(
        actions=actions,
        text=text or format_overlay(overlay.path.stem, document, actions, is_own=is_own),
        by_hand=[action for action in present if action not in before],
        needless=[action for action in present if action in before and action not in accepted],
        new=[action for action in accepted if action not in present],
    )


def _place_actions(
    present: Sequence[Action], before: Sequence[Action], accepted: Sequence[Action]
) -> list[Action]:
    """Keep hand-written actions after the action that they followed; a last one stays last."""
    actions = list(accepted)
    anchor = -1
    last = max((index for index, action in enumerate(present) if action in accepted), default=-1)
    for index, action in enumerate(present):
        if action in accepted:
            anchor = len(actions) - 1 if index == last else actions.index(action)
        elif action not in before:
            anchor += 1
            actions.insert(anchor, action)
    return actions


def _split_blocks(overlay: Source, text: str) -> tuple[str, list[str]] | None:
    """Return the text before the actions, and the lines of each.

    None if they cannot be separated.
    """
    lines = text.splitlines(keepends=True)
    count = len(overlay.data["actions"])
    starts = [overlay.lines[join("actions", index)] - 1 for index in range(count)]
    if not starts or starts != sorted(set(starts)) or list(overlay.data)[-1] != "actions":
        return None
    if any(not lines[start].startswith("  - ") for start in starts):
        return None
    # A comment belongs to what follows.
    starts = [_add_comments(lines, start) for start in starts]
    ends = [*starts[1:], len(lines)]
    head = "".join(lines[: starts[0]])
    return head, ["".join(lines[a:b]) for a, b in zip(starts, ends, strict=True)]


def _mark_as_own(head: str, blocks: list[str]) -> tuple[str, list[str]] | None:
    """Add `x-own` before the actions; None if their format is unexpected."""
    start = head.rfind("\nactions:\n") + 1
    return (f"{head[:start]}{OWN}: true\n{head[start:]}", blocks) if start else None


def _add_comments(lines: Sequence[str], start: int) -> int:
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return start


def _format_text(
    parts: tuple[str, list[str]],
    actions: Sequence[Action],
    overlay: Source,
    document: FetchedDocument,
) -> str | None:
    head, blocks = parts
    origin: dict[str, str] = overlay.data["x-source"]
    if origin.keys() != document.origin.keys():
        return None
    extends = f"sources/{document.build_path(overlay.path.stem)}"
    changes = {str(origin[key]): value for key, value in document.origin.items()}
    for old, new in {**changes, str(overlay.data["extends"]): extends}.items():
        if old != new and head.count(old) != 1:
            return None
        head = head.replace(old, new)
    present: list[Action] = overlay.data["actions"]
    entries = [blocks[present.index(a)] if a in present else format_actions([a]) for a in actions]
    return head + "".join(entry if entry.endswith("\n") else entry + "\n" for entry in entries)
