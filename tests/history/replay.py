"""The history of an API as revisions of its spec, built from patches."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import attrs
from ruamel.yaml import YAML

from driftline.openapi import pointer as json_pointer

__all__ = ["APIS", "SPECS", "Step", "apply_patch", "list_revisions", "list_steps"]

FOLDER = Path(__file__).parent
SPECS = FOLDER.parents[1] / "specs"
APIS = ("roark", "revox")
_FIELDS = ("name", "caller", "wire", "python", "check", "errors")


@attrs.frozen
class Step:
    """A change of an API, with client code of that time and the expected reports."""

    api: str
    number: int
    name: str
    caller: str
    wire: list[str]
    python: list[str]
    check: list[str]
    errors: list[str]


def load_history(api: str) -> Any:
    return YAML(typ="safe").load(FOLDER / f"{api}.yaml")


def list_steps(api: str) -> list[Step]:
    """Return the steps of an API."""
    return [
        Step(api=api, number=number, **{name: fields[name] for name in _FIELDS})
        for number, fields in enumerate(load_history(api)["steps"], 1)
    ]


def list_revisions(api: str) -> list[Any]:
    """Return the first spec and the spec after each step."""
    api_history = load_history(api)
    document = YAML(typ="safe").load(SPECS / f"{api}.yaml")
    documents = [apply_patch(document, api_history.get("undone", []))]
    for step in api_history["steps"]:
        documents.append(apply_patch(documents[-1], step["patch"]))
    return documents


def apply_patch(document: Any, patch: list[dict[str, Any]]) -> Any:
    """Return a copy with the patch applied (RFC 6902: add, remove, replace)."""
    patched_document = json.loads(json.dumps(deepcopy(document)))
    for change in patch:
        *parent_tokens, last = json_pointer.split(change["path"])
        parent = json_pointer.follow(patched_document, json_pointer.join(*parent_tokens))
        key: Any = last
        if isinstance(parent, list):
            key = len(parent) if last == "-" else int(last)
        if change["op"] == "add" and isinstance(parent, list):
            parent.insert(key, change["value"])
        elif change["op"] == "remove":
            del parent[key]
        else:
            assert change["op"] == "add" or key in parent or isinstance(parent, list)
            parent[key] = change["value"]
    return patched_document
