"""An overlay as text: YAML 1.2 that reads back as what it was made of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from driftline.add.plan import Action
from driftline.add.source.document import FetchedDocument
from driftline.errors import SpecError
from driftline.openapi.read.reader import parse
from driftline.openapi.read.scalars import plain

__all__ = ["actions_text", "overlay_text"]

_YAML: Final[Any] = yaml  # some of its types are unknown
HEAD: Final = """\
# What driftline changes in the document below, which stays as it came. Each action says why;
# change or remove what is wrong, and add your own: `driftline add … --update` keeps that.
"""


class _Dumper(_YAML.SafeDumper):  # type: ignore[misc]
    """Indents lists, writes no alias, and quotes what YAML 1.2 would read as something else."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        del indentless
        parent: Any = super()
        return parent.increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: Any, value: str) -> Any:
    style = None if isinstance(plain(value), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def overlay_text(name: str, document: FetchedDocument, actions: Sequence[Action]) -> str:
    """The overlay that extends the document, which is kept below the overlay's folder."""
    title = document.spec.title
    copies = any("copy" in action for action in actions)
    data = {
        "overlay": "1.1.0" if copies else "1.0.0",
        "info": {"title": f"{title}, as driftline reads it", "version": "1"},
        "extends": f"sources/{document.place(name)}",
        "x-source": document.origin,
        "actions": list(actions),
    }
    return _safe(HEAD + _dump_yaml(data), data)


def actions_text(actions: Sequence[Action]) -> str:
    """Entries to be put at the end of the list of actions."""
    text = _dump_yaml({"actions": list(actions)}) if actions else "actions:\n"
    return _safe(text, {"actions": list(actions)}).partition("\n")[2] if actions else ""


def _dump_yaml(data: dict[str, Any]) -> str:
    options: dict[str, Any] = {"sort_keys": False, "allow_unicode": True, "width": 100}
    return str(_YAML.dump(data, Dumper=_Dumper, **options))


def _safe(text: str, data: dict[str, Any]) -> str:
    """The text, or JSON (which is YAML too) where it would not be read as it is meant."""
    try:
        if parse(Path("overlay.yaml"), text).data == data:
            return text
    except SpecError:
        pass
    return json.dumps(data, indent=2) + "\n"
