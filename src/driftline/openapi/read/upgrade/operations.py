"""The steps that need all references to be resolved: operations as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from driftline.openapi.paths import (
    PathKey,
    list_placeholders,
    read_placeholder,
    split_path,
)
from driftline.openapi.pointer import follow, is_array, is_object, join, split
from driftline.openapi.read.upgrade.access import (
    add_required_keys,
    drop_lost_schemes,
    list_credential_locations,
    normalize_place,
)
from driftline.openapi.read.upgrade.context import Context
from driftline.openapi.read.upgrade.parts import METHODS

_NEGOTIATED: Final = frozenset({"accept", "authorization", "content-type"})


@attrs.frozen
class _FoundOperation:
    """An operation: its key in `paths`, its method, its pointer and the two objects."""

    key: str
    path: PathKey
    method: str
    pointer: str
    node: dict[str, Any]
    item: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.key}"


def read_operations(context: Context) -> None:
    """Give each operation a unique id, and the parameters that its path needs."""
    operations = list(_list_operations(context.data))
    drop_lost_schemes(context.data, [context.data, *(op.node for op in operations)])
    _identify(context, operations)
    _report_ambiguous(context, operations)
    places = [_read_credential_places(context, operation) for operation in operations]
    # What stands beside several operations is only redundant if it is so for each.
    shared: dict[str, set[tuple[str, str]]] = {}
    for operation, own in zip(operations, places, strict=True):
        shared[operation.key] = shared.get(operation.key, own) & own
    for operation, own in zip(operations, places, strict=True):
        _Parameters(context, operation, own, shared[operation.key]).read()
    _check_links(context, operations)


def _read_credential_places(context: Context, operation: _FoundOperation) -> set[tuple[str, str]]:
    """Return name and location of an operation's API keys; required parameters make them so."""
    node, has_own = operation.node, "security" in operation.node
    nodes = [
        _resolve(context, parameter)
        for owner in (node, operation.item)
        if is_array(owner.get("parameters"))
        for parameter in owner["parameters"]
    ]
    required = {
        normalize_place(parameter.get("name"), parameter.get("in"))
        for parameter in nodes
        if parameter.get("required") is True
    }
    if add_required_keys(context.data, node, required) and not has_own:
        context.moves.note(f"{operation.pointer}/security", operation.pointer)
    return list_credential_locations(context.data, node)


def _resolve(context: Context, node: dict[str, Any]) -> dict[str, Any]:
    for _ in range(10):
        reference = node.get("$ref")
        if not isinstance(reference, str):
            break
        inner = follow(context.data, reference[1:])
        if not is_object(inner):
            return {}
        node = inner
    return node


def _list_operations(data: dict[str, Any]) -> Iterator[_FoundOperation]:
    for key, item in data["paths"].items():
        if key.startswith("x-"):
            continue
        path, item_pointer = split_path(key), join("paths", key)
        for method in METHODS:
            if method in item:
                yield _FoundOperation(
                    key, path, method, f"{item_pointer}/{method}", item[method], item
                )


def _identify(context: Context, operations: list[_FoundOperation]) -> None:
    """Assign ids to operations without one, and to all but the first with the same one."""
    document_ids = {op.node.get("operationId") for op in operations}
    first: dict[str, _FoundOperation] = {}
    for operation in operations:
        name = operation.node.get("operationId")
        if isinstance(name, str) and name.strip() and name not in first:
            first[name] = operation
            continue
        base = str(name) if name in first else _derive_id(operation)
        new, number = base, 2
        while new in first or new in document_ids:
            new, number = f"{base}_{number}", number + 1
        operation.node["operationId"] = new
        first[new] = operation
        if name in first and name != new:
            message = f"operationId {name!r} of {operation} is also used by {first[str(name)]}"
            message += f"; it is read as {new!r}"
            pointer = operation.pointer + "/operationId"
            context.notes.warn(
                "operation.id-duplicate", pointer, message, "Rename one of the operations."
            )
        else:
            message = f"{operation} has no operationId; it is read as {new!r}"
            hint = "Name it <resource>.<method>, for example call.list."
            context.notes.warn("operation.id-missing", operation.pointer, message, hint)


def _derive_id(operation: _FoundOperation) -> str:
    words = re.findall(r"[A-Za-z0-9]+", operation.key)
    return "_".join([operation.method, *words])


def _report_ambiguous(context: Context, operations: list[_FoundOperation]) -> None:
    """Report operations that no server can distinguish."""
    first: dict[tuple[str, str, object], _FoundOperation] = {}
    for operation in operations:
        shape = re.sub(r"\{[^{}]*\}", "{}", operation.path.path)
        key = (operation.method, shape, (operation.path.query, operation.path.fragment))
        earlier = first.setdefault(key, operation)
        if earlier is not operation:
            message = f"{operation} and {earlier} match the same requests"
            hint = "Merge them, or change one of the paths."
            context.notes.warn("path.ambiguous", operation.pointer, message, hint)


class _Parameters:
    """The parameters of one operation, together with those of its path.

    `credentials` are its API keys, and `path_credentials` those of each operation of its path.
    """

    def __init__(
        self,
        context: Context,
        operation: _FoundOperation,
        credentials: set[tuple[str, str]],
        shared: set[tuple[str, str]],
    ) -> None:
        self.context, self.operation = context, operation
        self.credentials, self.path_credentials = credentials, shared
        self.warn = context.notes.warn

    def read(self) -> None:
        self.deduplicate()
        greedy = [self.rename(placeholder) for placeholder in list_placeholders(self.operation.key)]
        parameters = self.index_parameters()
        names = list_placeholders(self.operation.path.path)
        for name in names:
            if (name, "path") not in parameters:
                self.describe(name)
        for (name, location), node in self.index_parameters().items():
            if location == "path" and name in greedy:
                node["allowReserved"] = True
        for name, location in parameters:
            if location == "path" and name not in names:
                self.forget(name)
        for name, value in self.operation.path.query:
            self.fix(name, value, parameters, is_sent=True)
        for name, value in self.operation.path.fragment:
            self.fix(name, value, parameters, is_sent=bool(value))

    def select_lists(self) -> Iterator[tuple[str, list[Any]]]:
        item_pointer = self.operation.pointer.rpartition("/")[0]
        for pointer, node in (
            (self.operation.pointer, self.operation.node),
            (item_pointer, self.operation.item),
        ):
            parameters = node.get("parameters")
            if is_array(parameters):
                yield f"{pointer}/parameters", parameters

    def deduplicate(self) -> None:
        for pointer, parameters in self.select_lists():
            is_own = pointer.startswith(f"{self.operation.pointer}/")
            credentials = self.credentials if is_own else self.path_credentials
            seen: set[tuple[Any, Any]] = set()
            indexes: list[int] = []
            for index, parameter in enumerate(parameters):
                node = _resolve(self.context, parameter)
                key = (node.get("name"), node.get("in"))
                if key in seen:
                    message = f"the {key[1]} parameter {key[0]!r} is described twice"
                    self.warn("parameter.duplicate", f"{pointer}/{index}", message, "Keep one.")
                elif key[1] == "header" and str(key[0]).lower() in _NEGOTIATED:
                    target = str(parameter.get("$ref", f"#{pointer}/{index}"))[1:]
                    message = f"OpenAPI ignores a header parameter {key[0]!r}"
                    hint = "Describe bodies by content, and credentials by security."
                    self.warn("parameter.ignored-header", target, message, hint)
                elif normalize_place(*key) in credentials:
                    message = f"the {key[1]} parameter {key[0]!r} is a credential, too"
                    target = str(parameter.get("$ref", f"#{pointer}/{index}"))[1:]
                    self.warn("parameter.credential", target, message, "Remove it.")
                elif None not in key:
                    indexes.append(index)
                seen.add(key)
            self.keep(parameters, indexes, pointer)

    def keep(self, parameters: list[Any], indexes: list[int], pointer: str) -> None:
        """Keep only the items at these indexes, and record their previous positions."""
        for new, old in enumerate(indexes):
            if new != old:
                self.context.moves.note(f"{pointer}/{new}", f"{pointer}/{old}")
        if len(indexes) < len(parameters):
            parameters[:] = [parameters[index] for index in indexes]

    def index_parameters(self) -> dict[tuple[str, str], dict[str, Any]]:
        nodes: dict[tuple[str, str], dict[str, Any]] = {}
        for _, parameters in self.select_lists():
            for parameter in parameters:
                node = _resolve(self.context, parameter)
                nodes.setdefault((str(node.get("name")), str(node.get("in"))), node)
        return nodes

    def rename(self, placeholder: str) -> str:
        """Give a path parameter its name without the signs of a router."""
        name, has_slashes = read_placeholder(placeholder)
        for (old_name, location), node in self.index_parameters().items():
            if location == "path" and old_name == placeholder:
                node["name"] = name
        return name if has_slashes else ""

    def describe(self, name: str) -> None:
        message = f"the path of {self.operation} has {{{name}}}, which no path parameter describes"
        self.warn("path.parameter-undescribed", self.operation.pointer, message, "Describe it.")
        self.add({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})

    def add(self, parameter: dict[str, Any]) -> None:
        parameters = self.operation.node.setdefault("parameters", [])
        pointer = f"{self.operation.pointer}/parameters/{len(parameters)}"
        self.context.moves.note(pointer, self.operation.pointer)
        parameters.append(parameter)

    def forget(self, name: str) -> None:
        """Remove a path parameter that is not in the path."""
        for pointer, parameters in self.select_lists():
            for index, parameter in enumerate(parameters):
                node = _resolve(self.context, parameter)
                if (node.get("name"), node.get("in")) == (name, "path"):
                    message = (
                        f"the path of {self.operation} has no {{{name}}} for its path parameter"
                    )
                    hint = "Put it in the path, or remove it."
                    self.warn("path.parameter-unused", f"{pointer}/{index}", message, hint)
                    rest = [position for position in range(len(parameters)) if position != index]
                    self.keep(parameters, rest, pointer)
                    break

    def fix(
        self, name: str, value: str, parameters: dict[tuple[str, str], Any], *, is_sent: bool
    ) -> None:
        """Restrict a parameter to the one value that identifies the operation."""
        if not name:
            return
        for location in ("query", "header"):
            if (name, location) in parameters:
                return  # the document already lists the values
        if is_sent:
            schema = {"type": "string", "enum": [value]}
            self.add({"name": name, "in": "query", "required": True, "schema": schema})
            message = f"{name}={value} in the path of {self.operation} is read as a query parameter"
            hint = "Describe it as a parameter."
            self.warn("path.query", self.operation.pointer, message, hint)


def _check_links(context: Context, operations: list[_FoundOperation]) -> None:
    """Remove links to operations that do not exist."""
    operation_ids = {op.node["operationId"] for op in operations}
    owners: list[tuple[str, Any]] = []
    for operation in operations:
        for status, response in operation.node["responses"].items():
            if is_object(response):
                owners.append((operation.pointer + join("responses", status), response))
    components = context.data["components"]
    for name, response in components.get("responses", {}).items():
        owners.append((join("components", "responses", name), response))
    for pointer, owner in owners:
        links = owner.get("links") if is_object(owner) else None
        links = links if is_object(links) else {}
        for name in list(links):
            _check_link(context, links, name, pointer + join("links", name), operation_ids)
    shared = components.get("links", {})
    for name in list(shared):
        _check_link(context, shared, name, join("components", "links", name), operation_ids)


def _check_link(
    context: Context, links: dict[str, Any], name: str, pointer: str, operation_ids: set[str]
) -> None:
    link = links[name]
    if not is_object(link) or "$ref" in link:
        return
    if link.get("operationId") in operation_ids or isinstance(link.get("operationRef"), str):
        return
    message = f"the link {name!r} has an unknown operation"
    context.notes.warn("link.operation-unknown", pointer, message, "Correct its operationId.")
    if split(pointer)[:2] != ["components", "links"]:
        del links[name]
