"""Edits text at JSON pointers and keeps comments, order and quotes.

The edited text is parsed again and compared with the same edit of the data, so a text that this
module cannot edit is rejected and never corrupted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Literal

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.edit.spans import SpanError, SpanNode, find_path, read_spans
from driftline.openapi.edit.writing import TextWriter
from driftline.openapi.pointer import MISSING, is_array, is_object, join, split
from driftline.openapi.read.reader import parse

_BOM: Final = "\ufeff"


class EditError(ValueError):
    """The edit cannot be made in this text."""


@attrs.frozen(kw_only=True)
class TextEdit:
    """An edit: `put` a value at a pointer, `append` it to a list, or `remove` a value.

    A new member of an object is put after the member `after`, or last. `comment` is put above it if
    the format has comments.
    """

    op: Literal["put", "append", "remove"]
    pointer: str
    value: Any = None
    after: str = ""
    comment: str = ""


def edit_data(data: Any, edit: TextEdit) -> Any:
    """Return a copy of `data` with the edit applied.

    Raises:
        EditError: the pointer does not exist.
    """
    node = json_pointer.follow(data, edit.pointer)
    if edit.op == "put":
        *parent_tokens, _ = split(edit.pointer)
        parent = json_pointer.follow(data, join(*parent_tokens))
        if node is MISSING and not is_object(parent):
            raise EditError(f"no object at {join(*parent_tokens) or 'the top'}")
        return json_pointer.put(data, edit.pointer, edit.value)
    if node is MISSING or (edit.op == "append" and not is_array(node)):
        raise EditError(f"nothing to {edit.op} at {edit.pointer}")
    if edit.op == "append":
        return json_pointer.put(data, edit.pointer + "/-", edit.value)
    return json_pointer.remove(data, edit.pointer)


def edit_text(text: str, edit: TextEdit) -> str:
    """Return the text with the edit applied.

    Raises:
        EditError: the pointer does not exist, or the text cannot be edited there.
    """
    if text.startswith(_BOM):
        return _BOM + edit_text(text[1:], edit)
    path = Path("text")
    expected_data = edit_data(parse(path, text).data, edit)
    edits = [edit, attrs.evolve(edit, comment="")] if edit.comment else [edit]
    reason = "the edited text would have another meaning"
    for attempt in edits:
        try:
            edited = _apply_edit(text, attempt)
            if _is_same(parse(path, edited).data, expected_data):
                return edited
        except SpanError as error:
            reason = str(error)
        except Exception as error:  # an edit that changes anything else is discarded
            reason = str(error).partition("\n")[0]
    raise EditError(f"{edit.pointer}: {reason}")


def _is_same(first: Any, second: Any) -> bool:
    """Return whether two values are equal; 1, 1.0 and true differ."""
    if is_object(first) and is_object(second):
        return first.keys() == second.keys() and all(
            _is_same(value, second[key]) for key, value in first.items()
        )
    if is_array(first) and is_array(second):
        return len(first) == len(second) and all(map(_is_same, first, second))
    return type(first) is type(second) and bool(first == second)


def _apply_edit(text: str, edit: TextEdit) -> str:
    root = read_spans(text)
    tokens = split(edit.pointer)
    writer = TextWriter(text, root, is_json=text.lstrip()[:1] in {"{", "["})
    if edit.op == "append":
        path = find_path(root, tokens)
        return writer.insert_item(
            path, path[-1][1].value if path else root, edit.value, edit.comment
        )
    if not tokens:
        raise SpanError("the whole document is not edited")
    parent_path = find_path(root, tokens[:-1])
    owner: SpanNode = parent_path[-1][1].value if parent_path else root
    entry = next((entry for entry in owner.entries if entry.name == tokens[-1]), None)
    if owner.special and owner.kind == "scalar":
        raise SpanError("it is an alias")
    if edit.op == "remove":
        return writer.remove(find_path(root, tokens), edit.comment)
    if entry is not None:
        return writer.replace(find_path(root, tokens), edit.value, edit.comment)
    return writer.insert_member(
        parent_path, owner, tokens[-1], edit.value, after=edit.after, comment=edit.comment
    )
