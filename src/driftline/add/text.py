"""Writes an overlay as YAML 1.2, and verifies that it is read as the same values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from driftline.add.plan import Action
from driftline.add.source.document import FetchedDocument
from driftline.errors import SpecError
from driftline.openapi import dump_yaml, parse
from driftline.openapi.read.reader import read

OWN: Final = "x-own"
"""Marks the overlay of an API whose owner means what is proposed."""
HEAD: Final = """\
# The changes that driftline applies to the document in sources/, which stays unchanged. Each has a
# reason. Change or remove what is wrong, and add your own: `driftline add … --update` keeps them.
"""


def format_overlay(
    name: str, document: FetchedDocument, actions: Sequence[Action], *, is_own: bool = False
) -> str:
    """Return the overlay that extends the document, which is kept below the overlay's folder."""
    title = document.spec.title
    copies = any("copy" in action for action in actions)
    data = {
        "overlay": "1.1.0" if copies else "1.0.0",
        "info": {"title": f"{title}, as driftline reads it", "version": "1"},
        "extends": f"sources/{document.build_path(name)}",
        "x-source": document.origin,
        **({OWN: True} if is_own else {}),
        "actions": list(actions),
    }
    return _format_safely(HEAD + dump_yaml(data), data)


def format_actions(actions: Sequence[Action]) -> str:
    """Return actions as YAML entries to append to the list of actions."""
    text = dump_yaml({"actions": list(actions)}) if actions else "actions:\n"
    return _format_safely(text, {"actions": list(actions)}).partition("\n")[2] if actions else ""


def find_own_line(path: Path) -> int:
    """Return the line of `x-own` in the overlay at `path`, or 0."""
    overlay = read(path)
    return overlay.lines[f"/{OWN}"] if overlay.data.get(OWN) else 0


def _format_safely(text: str, data: dict[str, Any]) -> str:
    """Return the text as YAML, or as JSON where YAML would be read differently."""
    try:
        if parse(Path("overlay.yaml"), text).data == data:
            return text
    except SpecError:
        pass
    return json.dumps(data, indent=2) + "\n"
