"""Links between calls: the OpenAPI links of a spec, and those that its extensions imply.

A cursor leads to the next page, a created row to what reads, changes and deletes it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import attrs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import is_object, walk_objects


def has_followers(spec: Spec, operation: Operation) -> bool:
    """Return whether another call can use the response of this operation."""
    targets = _read_targets(spec)
    return any(targets.is_usable(link) for link in _iterate_links(spec, operation)) or bool(
        list_implied_links(spec, operation)
    )


def list_connected_operations(spec: Spec, operation: Operation) -> tuple[Operation, ...]:
    """Return `operation` and all that links connect with it, in document order.

    Links connect in both directions, and over several operations. An operation with an effect on
    the rows of a listing is connected with the listing.
    """
    return _connect_operations(spec)[operation.id]


@lru_cache(maxsize=16)
def _connect_operations(spec: Spec) -> Mapping[str, tuple[Operation, ...]]:
    """Return the connected operations of each operation by its ID."""
    groups = {operation.id: {operation.id} for operation in spec.operations}
    for operation in spec.operations:
        for target in _iterate_followers(spec, operation):
            smaller, larger = sorted((groups[operation.id], groups[target.id]), key=len)
            if smaller is larger:
                continue
            larger |= smaller
            groups |= dict.fromkeys(smaller, larger)
    members: dict[int, list[Operation]] = {}
    for operation in spec.operations:
        members.setdefault(id(groups[operation.id]), []).append(operation)
    connected = {key: tuple(operations) for key, operations in members.items()}
    return {name: connected[id(group)] for name, group in groups.items()}


def _iterate_followers(spec: Spec, operation: Operation) -> Iterator[Operation]:
    """Yield the targets of the links of an operation, and the listing of the rows it affects."""
    targets = _read_targets(spec)
    links = [*_iterate_links(spec, operation), *list_implied_links(spec, operation).values()]
    followers = [targets.find_operation(spec, link) for link in links]
    if operation.effect and operation.effect.of:
        followers.append(spec.find_operation(operation.effect.of))
    return (follower for follower in followers if follower is not None)


def _iterate_links(spec: Spec, operation: Operation) -> Iterator[Any]:
    """Yield the documented links of all responses of an operation."""
    for response in operation.responses:
        yield from _list_links(spec.resolve(response.pointer)[1]).values()


def list_implied_links(spec: Spec, operation: Operation) -> dict[str, Mapping[str, Any]]:
    """Return the links that follow from `x-listing` and `x-effect`, by name."""
    links: dict[str, Mapping[str, Any]] = {}
    listing, effect = operation.listing, operation.effect
    cursor = listing.page.opaque_parameter if listing else None
    if listing and cursor and listing.page.next and not listing.page.is_followed:
        parameters = {cursor: f"$response.body#{listing.page.next}"}
        links["nextPage"] = {"operationId": operation.id, "parameters": parameters}
    if not effect or effect.kind != "create" or effect.item is None or not effect.of:
        return links
    rows = spec.find_operation(effect.of)
    if rows is None or rows.listing is None:
        return links
    for target in spec.operations:
        about = target.effect
        if about and about.kind != "create" and about.of == effect.of and about.id:
            parameters = {about.id: f"$response.body#{effect.item}{rows.listing.id}"}
            links[about.kind] = {"operationId": target.id, "parameters": parameters}
    return links


def build_linked_document(spec: Spec) -> dict[str, Any]:
    """Return the document with implied links added to each first successful response.

    Its paths and path parameters are those of `find_request_path`.
    """
    document: dict[str, Any] = copy.deepcopy(dict(spec.document))
    request_paths = {op.path_key: find_request_path(op) for op in spec.operations}
    document["paths"] = {
        request_paths.get(key, key): item for key, item in document["paths"].items()
    }
    _drop_broken_links(document, _LinkTargets.from_document(document))
    for operation in spec.operations:
        links = list_implied_links(spec, operation)
        if not links or operation.success is None:
            continue
        _, response = spec.resolve(operation.success.pointer)
        _drop_broken_links(
            response := copy.deepcopy(response), _LinkTargets.from_document(document)
        )
        linked_response = {**response, "links": {**links, **response.get("links", {})}}
        path_pointer = json_pointer.join("paths", operation.path_key)
        request_pointer = json_pointer.join("paths", find_request_path(operation))
        pointer = operation.pointer.removeprefix(path_pointer + "/")
        pointer = (
            operation.pointer if pointer == operation.pointer else f"{request_pointer}/{pointer}"
        )
        responses = json_pointer.follow(document, pointer + "/responses")
        responses[operation.success.status] = linked_response
    _sanitize_path_parameters(document)
    return document


def find_request_path(operation: Operation) -> str:
    """Return the key of an operation's path where requests are made of it.

    Parts that only distinguish operations become a fragment, which is never sent, without braces.
    """
    path = re.sub(r"\{[^{}]*\}", lambda match: sanitize_path_name(match[0]), operation.path)
    rest = operation.path_key.removeprefix(operation.path)
    return path + ("#" + re.sub(r"[{}#?]", "", rest) if rest else "")


def sanitize_path_name(name: str) -> str:
    """Return the name of a path parameter without the signs that `str.format` reads in it."""
    return re.sub(r"[.:!\[\]]", "_", name)


def _sanitize_path_parameters(document: dict[str, Any]) -> None:
    """Rename path parameters and what links call them; a request does not have their names."""
    new_names: dict[str, str] = {}
    for node in walk_objects(document):
        name = node.get("name")
        if node.get("in") == "path" and isinstance(name, str):
            node["name"] = new = sanitize_path_name(name)
            new_names |= {name: new, f"path.{name}": f"path.{new}"} if new != name else {}
    for node in walk_objects(document) if new_names else ():
        for link in _list_links(node).values():
            if is_object(link) and is_object(link.get("parameters")):
                values = link["parameters"].items()
                link["parameters"] = {new_names.get(name, name): value for name, value in values}


@attrs.frozen
class _LinkTargets:
    """The possible targets of a link: the operationIds of a document, and its reusable links."""

    document: Any
    ids: frozenset[str]

    @classmethod
    def from_document(cls, document: Any) -> _LinkTargets:
        return cls(document, _list_ids(document))

    def is_usable(self, link: Any) -> bool:
        """Return whether a link may be followed, as far as its operationId tells."""
        link = self._resolve(link)
        if not is_object(link):
            return False
        return "operationId" not in link or link["operationId"] in self.ids

    def find_operation(self, spec: Spec, link: Any) -> Operation | None:
        """Return the target of a link, by its operationId or operationRef, or None."""
        link = self._resolve(link)
        if not is_object(link):
            return None
        if "operationId" in link:
            return spec.find_operation(str(link["operationId"]))
        pointer = json_pointer.parse_reference(str(link.get("operationRef")))
        return next((op for op in spec.operations if op.pointer == pointer), None)

    def _resolve(self, link: Any) -> Any:
        """Return a link, which may be a reference to a reusable one."""
        if is_object(link) and isinstance(link.get("$ref"), str):
            target = json_pointer.parse_reference(link["$ref"])
            return json_pointer.follow(self.document, target)
        return link


@lru_cache(maxsize=16)
def _read_targets(spec: Spec) -> _LinkTargets:
    """Return the possible targets of the links of a spec."""
    return _LinkTargets.from_document(spec.document)


def _list_ids(document: Any) -> frozenset[str]:
    """Return the operationIds of a document."""
    paths = document.get("paths")
    return frozenset(
        str(operation.get("operationId"))
        for item in (paths.values() if is_object(paths) else ())
        if is_object(item)
        for operation in item.values()
        if is_object(operation)
    )


def _drop_broken_links(node: Any, targets: _LinkTargets) -> None:
    """Remove, in place, the links that lead to no operation."""
    for owner in walk_objects(node):
        if "links" in owner:
            links = _list_links(owner)
            owner["links"] = {n: link for n, link in links.items() if targets.is_usable(link)}


def _list_links(response: dict[str, Any]) -> dict[str, Any]:
    links = response.get("links")
    return links if is_object(links) else {}
