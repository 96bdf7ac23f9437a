"""The history of an API as revisions of its spec, made from patches."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

from driftline.openapi import pointer as json_pointer

__all__ = ["APIS", "SPECS", "Step", "apply_patch", "revisions", "steps"]

HERE = Path(__file__).parent
SPECS = HERE.parents[1] / "specs"
APIS = ("roark", "revox")
_WORDS = ("name", "caller", "wire", "python", "check", "errors")


@attrs.frozen
class Step:
    """One thing that happened: a caller of that time, and what is to be said of it."""

    api: str
    number: int
    name: str
    caller: str
    wire: list[str]
    python: list[str]
    check: list[str]
    errors: list[str]


def history(api: str) -> Any:
    return YAML(typ="safe").load(HERE / f"{api}.yaml")


def steps(api: str) -> list[Step]:
    """All of an API."""
    return [
        Step(api=api, number=number, **{name: each[name] for name in _WORDS})
        for number, each in enumerate(history(api)["steps"], 1)
    ]


def revisions(api: str) -> list[Any]:
    """The spec as it was first, and after each step."""
    told = history(api)
    document = YAML(typ="safe").load(SPECS / f"{api}.yaml")
    found = [apply_patch(document, told.get("undone", []))]
    for step in told["steps"]:
        found.append(apply_patch(found[-1], step["patch"]))
    return found


def apply_patch(document: Any, patch: list[dict[str, Any]]) -> Any:
    """A copy with the patch applied (RFC 6902: add, remove, replace)."""
    made = json.loads(json.dumps(deepcopy(document)))
    for change in patch:
        *above, last = json_pointer.split(change["path"])
        parent = json_pointer.follow(made, json_pointer.join(*above))
        place: Any = last
        if isinstance(parent, list):
            place = len(parent) if last == "-" else int(last)
        if change["op"] == "add" and isinstance(parent, list):
            parent.insert(place, change["value"])
        elif change["op"] == "remove":
            del parent[place]
        else:
            assert change["op"] == "add" or place in parent or isinstance(parent, list)
            parent[place] = change["value"]
    return made
