"""Applies edits to the files of a spec, or adds them as actions to its overlay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from driftline.accept.dialect import find_dialect, translate
from driftline.accept.edits import UnacceptableError
from driftline.add import OverlayPlan
from driftline.errors import SpecError
from driftline.openapi import (
    EditError,
    QueryError,
    Spec,
    TextEdit,
    edit_text,
    is_array,
    is_overlay,
    join,
    read_layered,
    split,
    trace_clause,
)
from driftline.openapi.read.reader import read


@attrs.define
class Placement:
    """The files of one spec with the edits so far, in memory.

    If the spec is an overlay, `overlay` has its actions, and its document is not edited.
    """

    spec: Spec
    dialect: Any
    overlay: OverlayPlan | None
    contents: dict[Path, str] = attrs.field(factory=dict[Path, str])
    originals: dict[Path, str] = attrs.field(factory=dict[Path, str])

    def place(self, edits: tuple[TextEdit, ...], reason: str) -> None:
        """Apply the edits that resolve one finding; if one fails, undo the others.

        Raises:
            UnacceptableError: an edit cannot be made in this file.
        """
        previous_contents, plan = dict(self.contents), self.overlay
        previous_actions = None if plan is None else (list(plan.actions), plan.data)
        try:
            for number, edit in enumerate(translate(edits, self.dialect)):
                self._apply_edit(edit, reason, first=number == 0)
        except (EditError, SpecError, QueryError, KeyError, OSError) as error:
            self.contents = previous_contents
            if previous_actions is not None:
                self.overlay = _rebuild(self.spec, previous_actions[0])
            message = str(error).partition("\n")[0]
            hint = "Make this edit by hand."
            raise UnacceptableError(f"the file cannot be edited there: {message}", hint) from None

    def _apply_edit(self, edit: TextEdit, reason: str, *, first: bool) -> None:
        if self.overlay is not None:
            _, pointer = self._trace(edit.pointer, into_base=False)
            self._add_actions(self.overlay, attrs.evolve(edit, pointer=pointer), reason)
            return
        path, pointer = self._trace(edit.pointer, into_base=True)
        comment = reason if first else ""
        self.contents[path] = edit_text(
            self._get_text(path), attrs.evolve(edit, pointer=pointer, comment=comment)
        )

    def _get_text(self, path: Path) -> str:
        if path not in self.originals:
            self.originals[path] = path.read_bytes().decode()
        return self.contents.get(path, self.originals[path])

    def _trace(self, pointer: str, *, into_base: bool) -> tuple[Path, str]:
        """Return the file and pointer of a node, which need not exist yet."""
        parent_tokens, child_tokens = split(pointer), list[str]()
        if parent_tokens:  # the parent exists; the member may be new
            child_tokens.insert(0, parent_tokens.pop())
        while True:
            try:
                parent = join(*parent_tokens) if parent_tokens else ""
                spec = self.spec
                path, source_pointer = trace_clause(
                    spec.path, spec.lines, parent, into_base=into_base
                )
                return path, source_pointer + (join(*child_tokens) if child_tokens else "")
            except KeyError:
                if not parent_tokens:
                    raise
                child_tokens.insert(0, parent_tokens.pop())

    def _add_actions(self, plan: OverlayPlan, edit: TextEdit, reason: str) -> None:
        """Add the actions of an edit to the overlay and to its file."""
        action_count = len(plan.actions)
        *parent_tokens, last = split(edit.pointer)
        parent = join(*parent_tokens) if parent_tokens else ""
        if edit.op == "append":
            plan.update(edit.pointer, [edit.value], reason)
        elif edit.op == "put":
            plan.set(parent, last, edit.value, reason)
        elif is_array(plan.get_node(parent)) and isinstance(plan.get_node(edit.pointer), str):
            plan.remove_item(parent, plan.get_node(edit.pointer), reason)
        else:
            plan.remove(edit.pointer, reason)
        path = self.spec.path
        content = self._get_text(path)
        for action in plan.actions[action_count:]:
            content = edit_text(content, TextEdit(op="append", pointer="/actions", value=action))
        self.contents[path] = content


def open_placement(spec: Spec) -> Placement:
    """Return the current files of a spec.

    Raises:
        SpecError: a file cannot be read.
    """
    source = read_layered(spec.path)
    if not is_overlay(read(spec.path)):
        return Placement(spec, find_dialect(source.data), None)
    return Placement(spec, find_dialect(source.data), OverlayPlan(source))


def _rebuild(spec: Spec, actions: list[dict[str, Any]]) -> OverlayPlan:
    """Return a plan with only these actions."""
    plan = OverlayPlan(read_layered(spec.path))
    for action in actions:
        plan.repeat(action)
    return plan
