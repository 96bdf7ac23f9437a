"""Bundles a document of several files: targets of a `$ref` in other files are included.

Only files below the folder of the document are read. A target that can be a component gets a name
there, so that schemas may refer to each other; any other replaces its `$ref`.
"""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

import attrs

from driftline.errors import Problem, SpecError
from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import (
    MISSING,
    is_array,
    is_example_reference,
    is_object,
    iterate_references,
)
from driftline.openapi.read.identifiers import resolve_identifiers
from driftline.openapi.read.origins import NodeMoves, Notes
from driftline.openapi.read.reader import MAX_NODES, Source, decode, parse
from driftline.openapi.read.upgrade.context import join_tokens
from driftline.openapi.schema.walk import NAMED, VALUES

ReadFile = Callable[[str], bytes]
"""Reads a file by its path relative to the document's folder; raises OSError if it cannot."""

MAX_FILES: Final = 5_000
MAX_BYTES: Final = 50_000_000
MAX_HOPS: Final = 50

_SCHEMA_KEYS: Final = frozenset(
    {
        *("schema", "items", "additionalProperties", "not", "if", "then", "else", "contains"),
        *("propertyNames", "unevaluatedItems", "unevaluatedProperties", "itemSchema"),
        *("contentSchema",),
    }
)
_SCHEMA_GROUPS: Final = frozenset(
    {
        *("allOf", "anyOf", "oneOf", "prefixItems", "properties", "patternProperties", "$defs"),
        *("definitions", "dependentSchemas", "schemas"),
    }
)
_GROUPS: Final = {
    **dict.fromkeys(_SCHEMA_GROUPS, "schemas"),
    "parameters": "parameters",
    "responses": "responses",
    "requestBodies": "requestBodies",
    "headers": "headers",
    "examples": "examples",
    "links": "links",
}
_SWAGGER: Final = {"schemas": "definitions", "parameters": "parameters", "responses": "responses"}


@attrs.frozen
class _Slot:
    """A position in the document: its container and key, and the file of its value."""

    owner: Any
    key: Any
    pointer: str
    file: str
    kind: str | None
    has_names: bool
    hops: tuple[tuple[str, str], ...]


def bundle(source: Source, read_file: ReadFile | None, notes: Notes) -> Source:
    """Return the document with all references to other files included; changes `source`."""
    resolve_identifiers(source.data)
    if not _leaves(source.data):
        return source
    bundler = _Bundler(source, read_file, notes)
    bundler.run()
    return bundler.node_moves.build_source(source.data, source.problems)


def _leaves_file(reference: str, file: str) -> bool:
    """Return whether a reference leads out of its file, or `file` is not the document."""
    if reference.startswith("#"):
        return bool(file)
    return re.search(r"[/.#:]", reference) is not None  # a bare name refers to a schema


def _leaves(document: Any) -> bool:
    """Return whether any `$ref` leads out of the document."""
    return any(_leaves_file(reference, "") for reference in iterate_references(document))


class _Bundler:
    def __init__(self, source: Source, read_file: ReadFile | None, notes: Notes) -> None:
        self.source, self.read_file, self.notes = source, read_file, notes
        self.node_moves = NodeMoves(source)
        self.files: dict[str, Source | None] = {}
        self.size = 0
        self.copied_count = 0
        self.names: dict[tuple[str, str, str], str] = {}
        self.adopted_pointers: set[str] = set()
        self.pending_slots: list[_Slot] = []
        self.is_swagger = is_object(source.data) and "swagger" in source.data

    def run(self) -> None:
        for kind in dict.fromkeys(_GROUPS.values()):
            self.adopt(kind)
        self.enter(self.source.data, _Slot(None, None, "", "", None, has_names=False, hops=()))
        while self.pending_slots:
            slot = self.pending_slots.pop()
            if not slot.file and slot.pointer in self.adopted_pointers:
                continue
            node = slot.owner[slot.key]
            reference = node.get("$ref") if is_object(node) else None
            if isinstance(reference, str) and _leaves_file(reference, slot.file):
                self.refer(slot, node, reference, self.find_target(slot, reference))
            else:
                self.enter(node, slot)

    def adopt(self, kind: str) -> None:
        """Name targets of components that are only references: `Pet: {$ref: pet.yaml}`."""
        tokens = self.get_place(kind)
        owner = (
            json_pointer.follow(self.source.data, json_pointer.join(*tokens)) if tokens else None
        )
        for name, node in list(owner.items()) if is_object(owner) else ():
            reference = node.get("$ref") if is_object(node) else None
            if not isinstance(reference, str) or not _leaves_file(reference, ""):
                continue
            pointer = json_pointer.join(*tokens, name)
            slot = _Slot(owner, name, pointer, "", kind, has_names=False, hops=())
            self.adopted_pointers.add(pointer)
            file_target = self.find_target(slot, reference)
            is_new = file_target is not None and (kind, *file_target[:2]) not in self.names
            if file_target is not None and file_target[0] and is_object(file_target[2]) and is_new:
                self.names[kind, file_target[0], file_target[1]] = name
                self.inline(slot, node, *file_target)
            else:
                self.refer(slot, node, reference, file_target)

    def get_place(self, kind: str) -> list[str]:
        """Return the path of the map that has the components of a kind."""
        if not self.is_swagger:
            return ["components", kind]
        return [_SWAGGER[kind]] if kind in _SWAGGER else []

    def enter(self, node: Any, slot: _Slot) -> None:
        """Queue what is below a node, except values that are not part of OpenAPI's model."""
        if is_object(node):
            self.bundle_mapping(node, slot)
            for key, child in list(node.items()):
                if not (is_object(child) or is_array(child)):
                    continue
                is_example = key == "value" or (key == "example" and "schema" in node)
                if is_example and not slot.has_names and is_example_reference(child):
                    self.take_example(node, key, slot)
                    continue
                if not slot.has_names and (key in VALUES or key.startswith("x-")):
                    continue
                if key == "examples" and is_array(child) and not slot.has_names:
                    continue
                has_names = key in NAMED and not slot.has_names and is_object(child)
                kind = self.find_kind_below(slot, key)
                pointer = slot.pointer + json_pointer.join(key)
                self.pending_slots.append(
                    _Slot(node, key, pointer, slot.file, kind, has_names=has_names, hops=slot.hops)
                )
        elif is_array(node):
            group = json_pointer.split(slot.pointer)[-1] if slot.pointer else ""
            for index in range(len(node)):
                pointer = f"{slot.pointer}/{index}"
                kind = _GROUPS.get(group)
                self.pending_slots.append(
                    _Slot(node, index, pointer, slot.file, kind, has_names=False, hops=slot.hops)
                )

    def take_example(self, node: dict[str, Any], key: str, slot: _Slot) -> None:
        """Put the content of another file in the place of an example that only refers to it."""
        reference = node[key]["$ref"]
        if not _leaves_file(reference, slot.file):
            return
        file_target = self.find_target(
            attrs.evolve(slot, pointer=slot.pointer + json_pointer.join(key)), reference
        )
        if file_target is not None:
            example = file_target[2]
            is_whole = is_object(example) and "value" in example
            node[key] = self.copy_node(example["value"] if is_whole else example)

    def bundle_mapping(self, node: dict[str, Any], slot: _Slot) -> None:
        """Include the schemas of other files that a discriminator names."""
        discriminator = node.get("discriminator") if not slot.has_names else None
        mapping = discriminator.get("mapping") if is_object(discriminator) else None
        mapping = mapping if is_object(mapping) else {}
        for value, target in mapping.items():
            if isinstance(target, str) and (slot.file or not target.startswith("#")):
                if not re.search(r"[/.#]", target):
                    continue  # the name of a schema
                file_target = self.find_target(slot, target)
                if file_target is not None and file_target[0] and is_object(file_target[2]):
                    mapping[value] = self.add_component("schemas", *file_target)

    def find_kind_below(self, slot: _Slot, key: str) -> str | None:
        """Return the kind of component that a member can be."""
        if slot.has_names:
            return _GROUPS.get(json_pointer.split(slot.pointer)[-1])
        if key in _SCHEMA_KEYS:
            return "schemas"
        return "requestBodies" if key == "requestBody" else None

    def refer(
        self,
        slot: _Slot,
        node: dict[str, Any],
        reference: str,
        file_target: tuple[str, str, Any] | None,
    ) -> None:
        if file_target is None:
            slot.owner[slot.key] = {k: v for k, v in node.items() if k != "$ref"}
            if slot.kind in {"responses"}:
                slot.owner[slot.key].setdefault("description", "")
            return
        file, pointer, target = file_target
        if not file:  # refers back to the document itself
            node["$ref"] = "#" + join_tokens(json_pointer.split(pointer))
            return
        kind = slot.kind if is_object(target) else None
        if kind is not None and (kind in _SWAGGER or not self.is_swagger):
            node["$ref"] = self.add_component(kind, file, pointer, target)
            return
        if (file, pointer) in slot.hops or len(slot.hops) > MAX_HOPS:
            message = f"circular $ref {reference!r}"
            self.notes.warn("ref.circular", slot.pointer, message, "End it at a definition.")
            slot.owner[slot.key] = {}
            return
        self.inline(slot, node, file, pointer, target)

    def inline(
        self, slot: _Slot, node: dict[str, Any], file: str, pointer: str, target: Any
    ) -> None:
        """Replace a reference by its target in another file."""
        value = self.copy_node(target)
        if is_object(value):
            value |= {key: sibling for key, sibling in node.items() if key != "$ref"}
        slot.owner[slot.key] = value
        self.node_moves.note(slot.pointer, pointer, self.files[file])
        self.pending_slots.append(attrs.evolve(slot, file=file, hops=(*slot.hops, (file, pointer))))

    def copy_node(self, node: Any) -> Any:
        self.copied_count += _count(node)
        if self.copied_count > MAX_NODES:
            location = self.source.locate("")
            message = f"more than {MAX_NODES} nodes, including referenced files"
            raise SpecError((Problem("file.too-large", location, message, "Split the document."),))
        return copy.deepcopy(node)

    def add_component(self, kind: str, file: str, pointer: str, target: Any) -> str:
        """Return the reference to a node of another file, which becomes a component."""
        tokens = self.get_place(kind)
        name = self.names.get((kind, file, pointer))
        if name is None:
            owner: Any = self.source.data
            for token in tokens:
                if not is_object(owner.get(token)):
                    owner[token] = {}
                owner = owner[token]
            name = _find_free_name(file, pointer, owner)
            self.names[kind, file, pointer] = name
            owner[name] = self.copy_node(target)
            new = json_pointer.join(*tokens, name)
            self.node_moves.note(new, pointer, self.files[file])
            self.pending_slots.append(_Slot(owner, name, new, file, kind, has_names=False, hops=()))
        return "#" + json_pointer.join(*tokens, name)

    def find_target(self, slot: _Slot, reference: str) -> tuple[str, str, Any] | None:
        """Return file, pointer and node of a reference; the file "" is the document itself."""
        path, _, fragment = reference.partition("#")
        file = self.load_file(slot, reference, path) if path else slot.file
        if file is None:
            return None
        data = self.source.data if not file else getattr(self.files[file], "data", None)
        pointer = join_tokens(json_pointer.split(fragment)) if fragment else ""
        node = json_pointer.follow(data, pointer)
        if node is MISSING:
            message = f"$ref {reference!r} has no target"
            self.notes.warn("ref.dangling", slot.pointer, message, "Correct the name.")
            return None
        return file, pointer, node

    def load_file(self, slot: _Slot, reference: str, path: str) -> str | None:
        """Return the path of a file below the document's folder after reading it."""
        path = unquote(path)  # a reference is a URI, so a blank in a name is `%20`
        name = posixpath.normpath(posixpath.join(posixpath.dirname(slot.file), path))
        outside = name.startswith(("..", "/")) or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path)
        if outside or "\\" in path or self.read_file is None:
            message = f"$ref {reference!r} leaves the document"
            hint = "Keep the file below the document's directory, or bundle the document."
            self.notes.warn("ref.external", slot.pointer, message, hint)
            return None
        if name == self.source.path.name:
            return ""
        if name not in self.files:
            self.files[name] = self.open_file(name)
        if self.files[name] is None:
            message = f"$ref {reference!r}: could not read the file"
            hint = "Put the file below the document's directory."
            self.notes.warn("ref.file-unreadable", slot.pointer, message, hint)
            return None
        return name

    def open_file(self, name: str) -> Source | None:
        if self.read_file is None or len(self.files) >= MAX_FILES:
            return None
        try:
            content = self.read_file(name)
            self.size += len(content)
            if self.size > MAX_BYTES:
                return None
            path = self.source.folder / name
            return parse(path, decode(path, content)[0])
        except (OSError, ValueError, SpecError):
            return None


def _count(node: Any) -> int:
    count, pending = 0, [node]
    while pending:
        current = pending.pop()
        count += 1
        if is_object(current):
            pending += current.values()
        elif is_array(current):
            pending += current
    return count


def _find_free_name(file: str, pointer: str, section: dict[str, Any]) -> str:
    tokens = [token for token in json_pointer.split(pointer) if not token.isdecimal()]
    stem = tokens[-1] if tokens else PurePosixPath(file).stem
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip("_") or "Part"
    lower = {key.lower() for key in section}
    if name.lower() not in lower:
        return name
    number = 2
    while f"{name}_{number}".lower() in lower:
        number += 1
    return f"{name}_{number}"
