"""Resolves references by the identifiers of JSON Schema 2020-12: `$id`, `$anchor` and `$self`.

A `$id` gives the references below it another base. Here each of them becomes a pointer within the
document, so that no later step has to know about bases. A reference that no identifier resolves
stays: it names a file, a component, or a part of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urljoin

import attrs

from driftline.openapi.pointer import MISSING, follow, is_array, is_object, join, walk_objects
from driftline.openapi.schema.walk import NAMED, VALUES


def resolve_identifiers(document: Any) -> None:
    """Make references by identifier pointers within the document, in place."""
    if not is_object(document) or str(document.get("openapi")).startswith("3.0"):
        return  # `$id` is not a keyword there
    if "$self" not in document and not _has_identifiers(document):
        return
    index = _Index()
    nodes = list(_list_nodes(document))
    for node in nodes:
        index.add(node)
    for node in nodes:
        reference = node.data.get("$ref")
        pointer = index.find(node.base, reference) if isinstance(reference, str) else None
        if pointer and follow(document, pointer) is not MISSING:
            node.data["$ref"] = "#" + pointer.replace("%", "%25")


def _has_identifiers(document: Any) -> bool:
    return any(isinstance(node.get("$id"), str) for node in walk_objects(document))


@attrs.frozen
class _UrlNode:
    """An object of the document, and the base of its references."""

    data: dict[str, Any]
    pointer: str
    base: str


class _Index:
    """The pointers of all identified schemas."""

    def __init__(self) -> None:
        self.resources: dict[str, str] = {}
        self.anchors: dict[tuple[str, str], str] = {}

    def add(self, node: _UrlNode) -> None:
        identifier = node.data.get("$id") if node.pointer else ""
        if isinstance(identifier, str) and not identifier.startswith("#"):
            self.resources.setdefault(node.base, node.pointer)
        for keyword in ("$anchor", "$dynamicAnchor", "$id"):
            name = node.data.get(keyword)
            if isinstance(name, str) and (keyword != "$id" or name.startswith("#")):
                self.anchors.setdefault((node.base, name.lstrip("#")), node.pointer)

    def find(self, base: str, reference: str) -> str | None:
        uri, _, fragment = urljoin(base, reference).partition("#")
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            return self.anchors.get((uri, fragment))
        root = self.resources.get(uri)
        return None if root is None else root + fragment


def _list_nodes(document: dict[str, Any]) -> Iterator[_UrlNode]:
    """Yield every object that can hold keywords, with its base."""
    self_url = document.get("$self")
    pending: list[tuple[Any, str, str, bool]] = [
        (document, "", self_url.partition("#")[0] if isinstance(self_url, str) else "", False)
    ]
    while pending:
        data, pointer, base, is_named = pending.pop()
        if is_array(data):
            pending += [(item, f"{pointer}/{n}", base, False) for n, item in enumerate(data)]
            continue
        if not is_object(data):
            continue
        if not is_named:
            identifier = data.get("$id")
            if isinstance(identifier, str) and not identifier.startswith("#"):
                base = urljoin(base, identifier).partition("#")[0]
            yield _UrlNode(data, pointer, base)
        for key, child in data.items():
            if is_named or not (key in VALUES or (key == "examples" and is_array(child))):
                has_names = key in NAMED and not is_named and is_object(child)
                pending.append((child, pointer + join(key), base, has_names))
