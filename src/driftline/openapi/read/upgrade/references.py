"""Resolves the references of a document, so that each names a component of the expected kind.

The target of a reference into the middle of something else becomes a component. A broken reference
becomes a schema that allows any value, or its entry is removed.
"""

from __future__ import annotations

import copy
import re
from typing import Any, Final
from urllib.parse import unquote

from driftline.openapi.pointer import is_array, is_object, join, split
from driftline.openapi.read.upgrade.context import Context, Reference
from driftline.openapi.read.upgrade.cycles import break_cycles, map_own_tags
from driftline.openapi.read.upgrade.objects import ObjectReader

_SHORT: Final = {
    "definitions": "schemas",
    "parameters": "parameters",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}
"""The sections of components in Swagger 2.0, which people also write in documents of OpenAPI 3."""
_WORDS: Final = frozenset({"properties", "items", "schema", "schemas", "content", "responses"})
_PLURAL: Final = {"requestBodies": "request body", "pathItems": "path item"}


class Resolver:
    """Resolves the references of `ObjectReader`, and reads their targets."""

    def __init__(self, context: Context, objects: ObjectReader) -> None:
        self.context, self.objects = context, objects
        self.names: dict[int, str] = {}

    def run(self) -> None:
        """Resolve each reference; reading targets appends further ones."""
        for reference in self.context.references:
            self.resolve(reference)
        self._remove_missing()
        for mapping, pointer in self.context.mappings:
            self._read_mapping(mapping, pointer)
        map_own_tags(self.context.data["components"].get("schemas", {}))
        break_cycles(self.context)

    def resolve(self, reference: Reference) -> None:
        node, kind = reference.node, reference.kind
        ref = node["$ref"]
        seen: set[str] = set()
        while True:
            if ref in seen:
                self._degrade(reference, "ref.circular", "leads back to itself")
                return
            seen.add(ref)
            position = self._find(ref, kind)
            if position is None:
                outside = not ref.startswith("#") and ("/" in ref or "." in ref)
                if outside:
                    self._degrade(reference, "ref.external", "leaves the document")
                else:
                    self._degrade(reference, "ref.dangling", "has no target")
                return
            owner, key, pointer = position
            target = owner[key]
            is_component = split(pointer)[:-1] == ["components", kind]
            if (
                is_object(target)
                and isinstance(target.get("$ref"), str)
                and (not is_component or kind != "schemas")
            ):
                ref = target["$ref"]
                continue
            break
        if not is_component:
            name = self._name(reference, owner, key, pointer)
            if name is None:
                return
        else:
            name = split(pointer)[-1]
            if self.context.object_kinds.get(id(target), kind) != kind:
                self._has_wrong_kind(reference)
                return
        node["$ref"] = "#" + join("components", kind, name)

    def _read_mapping(self, mapping: dict[str, str], pointer: str) -> None:
        """Make each value of a discriminator's mapping name a component."""
        schemas = self.context.data["components"].get("schemas", {})
        for value, target in list(mapping.items()):
            name = self.context.new_names.get(("schemas", target), target)
            if name in schemas:
                mapping[value] = "#" + join("components", "schemas", name)
                continue
            position = self._find(target, "schemas")
            tokens = split(position[2]) if position else []
            if tokens[:2] == ["components", "schemas"] and len(tokens) == 3:
                mapping[value] = "#" + join(*tokens)
                continue
            del mapping[value]
            message = f"the mapping of {value!r} has no target: {target[:120]!r}"
            hint = "Define it, or correct the name."
            self.context.notes.warn("ref.dangling", pointer + join(value), message, hint)

    def _find(self, ref: str, kind: str) -> tuple[Any, Any, str] | None:
        """Return the container, key and pointer of a reference's target."""
        data = self.context.data
        if not ref.startswith("#"):
            # A bare name, or a path that does not exist.
            components = data.get("components", {}).get(kind, {})
            return (components, ref, join("components", kind, ref)) if ref in components else None
        fragment = ref[1:]
        if fragment and not fragment.startswith("/"):
            anchored = self.context.anchors.get(unquote(fragment))
            if anchored is None:
                return None
            fragment = anchored
        tokens = split(fragment)
        if tokens and tokens[0] in _SHORT and tokens[0] not in data:
            tokens = ["components", _SHORT[tokens[0]], *tokens[1:]]
        if not tokens:
            return None
        return self._follow(tokens)

    def _follow(self, tokens: list[str]) -> tuple[Any, Any, str] | None:
        owner: Any = None
        key: Any = None
        node: Any = self.context.data
        path: list[str] = []
        for index, token in enumerate(tokens):
            if is_object(node) and index and isinstance(node.get("$ref"), str) and path:
                inner = self._follow_through(node)
                if inner is not None:
                    owner, key, pointer = inner
                    node, path = owner[key], split(pointer)
            member_name = token
            if index == 2 and tokens[0] == "components":
                member_name = self.context.new_names.get((tokens[1], unquote(token)), token)
            child = _find_member(node, member_name)
            if child is None:
                return None
            owner, key = node, child
            node = owner[child]
            path.append(str(child))
        return owner, key, join(*path)

    def _follow_through(self, node: dict[str, Any]) -> tuple[Any, Any, str] | None:
        """Return the target of a reference in the middle of a path."""
        for _ in range(20):
            tokens = split(str(node["$ref"])[1:])
            if len(tokens) != 3 or tokens[0] != "components":
                return None
            owner = self.context.data.get("components", {}).get(tokens[1])
            key = self.context.new_names.get((tokens[1], unquote(tokens[2])), unquote(tokens[2]))
            if not is_object(owner) or key not in owner:
                return None
            inner = owner[key]
            if not is_object(inner) or not isinstance(inner.get("$ref"), str):
                return owner, key, join("components", tokens[1], key)
            node = inner
        return None

    def _name(self, reference: Reference, owner: Any, key: Any, pointer: str) -> str | None:
        """Return the name of the component that a nested node becomes."""
        kind, target = reference.kind, owner[key]
        if not is_object(target) or target is reference.node:
            self._degrade(reference, "ref.dangling", f"does not lead to a {_make_singular(kind)}")
            return None
        if id(target) in self.names:
            return self.names[id(target)]
        visited_kind = self.context.object_kinds.get(id(target))
        if visited_kind is not None and visited_kind != kind:
            self._has_wrong_kind(reference)
            return None
        components = self.context.data.setdefault("components", {})
        section = components.setdefault(kind, {})
        name = _find_free_name(pointer, section)
        new = join("components", kind, name)
        self.context.moves.note(new, pointer)
        if visited_kind is None:  # outside OpenAPI's model, and left there
            node = copy.deepcopy(target)
            section[name] = node
            self.objects.visit(kind, section, name, new)
        else:
            section[name] = target
            owner[key] = {"$ref": "#" + new}
        self.names[id(target)] = name
        return name

    def _has_wrong_kind(self, reference: Reference) -> None:
        kind = _make_singular(reference.kind)
        self._degrade(reference, "ref.wrong-kind", f"does not lead to a {kind}")

    def _degrade(self, reference: Reference, name: str, message: str) -> None:
        node = reference.node
        ref = node.pop("$ref", "")
        description = f"$ref {str(ref)[:120]!r} {message}"
        if reference.kind == "schemas":
            description += "; any value is allowed here"
        hint = "Define it, or correct the name."
        self.context.notes.warn(name, reference.pointer + "/$ref", description, hint)
        if reference.kind == "responses":
            node.setdefault("description", "")
        elif reference.kind == "requestBodies":
            node["content"] = {}
        elif reference.kind == "examples":
            node["value"] = None
        elif reference.kind != "schemas":
            self.context.object_kinds[id(node)] = "missing"

    def _remove_missing(self) -> None:
        """Remove entries with a broken reference."""
        for reference in reversed(self.context.references):
            owner, node = reference.owner, reference.node
            if self.context.object_kinds.get(id(node)) == "missing" or (
                reference.kind == "examples" and node.get("value", 0) is None and len(node) == 1
            ):
                _remove(owner, node)


def _remove(owner: Any, node: Any) -> None:
    if is_array(owner):
        owner[:] = [item for item in owner if item is not node]
    elif is_object(owner):
        for key in [key for key, value in owner.items() if value is node]:
            del owner[key]


def _find_member(node: Any, token: str) -> Any:
    """Return the key or index of a member, which may be percent-encoded."""
    if is_object(node):
        plain = unquote(token)
        return plain if plain in node else token if token in node else None
    if is_array(node) and token.isdecimal() and len(token) < 10 and int(token) < len(node):
        return int(token)
    return None


def _make_singular(kind: str) -> str:
    singular = _PLURAL.get(kind, kind.removesuffix("s"))
    return "security scheme" if kind == "securitySchemes" else singular


def _find_free_name(pointer: str, section: dict[str, Any]) -> str:
    """Return an unused name for the node at a pointer, from its last tokens."""
    tokens = [w for w in split(pointer) if w not in _WORDS and not w.isdecimal() and "/" not in w]
    parts = ["".join(p[:1].upper() + p[1:] for p in re.findall(r"[A-Za-z0-9]+", w)) for w in tokens]
    parts = [part for part in parts if part]
    taken_names = {name.lower() for name in section}
    name = ""
    for count in range(1, len(parts) + 1):
        name = "".join(parts[-count:])
        if name[:1].isalpha() and name.lower() not in taken_names:
            return name
    number = 1
    while f"{name or 'Schema'}{number}".lower() in taken_names:
        number += 1
    return f"{name or 'Schema'}{number}"
