"""Pairs the operations of two documents, and compares each pair."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from driftline.changes.wire.calls.access import compare_security, compare_servers
from driftline.changes.wire.calls.base_paths import BasePaths, strip_base_path
from driftline.changes.wire.calls.bodies import compare_bodies, compare_responses
from driftline.changes.wire.calls.extensions import compare_extensions
from driftline.changes.wire.calls.parameters import Call, compare_parameters
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Use
from driftline.openapi import PathTemplate
from driftline.rules import Direction

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@attrs.frozen(eq=False)
class _Path:
    """A path of a document, without a base path that moved, and the location of its operations."""

    path: str
    template: PathTemplate
    item: Node

    def list_operations(self) -> dict[str, Node]:
        nodes = {method: self.item.get(method) for method in _METHODS}
        return {method: node.resolve() for method, node in nodes.items() if node}


def compare_operations(sides: DocumentSides, base_paths: BasePaths) -> None:
    """Compare all operations and webhooks."""
    old, new = _list_paths(sides.old, base_paths.old), _list_paths(sides.new, base_paths.new)
    for before, after in _pair_paths(old, new):
        if before is None or after is None:
            _report_lone_path(sides, before, after)
        else:
            _compare_paths(sides, before, after)
    _compare_webhooks(sides)


def _list_paths(document: Document, base: str) -> list[_Path]:
    members = document.root.get("paths").list_members()
    return [
        _Path(path, PathTemplate(strip_base_path(path, base)), node.resolve())
        for path, node in members
        if path.startswith("/")
    ]


def _pair_paths(old: list[_Path], new: list[_Path]) -> Iterator[tuple[_Path | None, _Path | None]]:
    """Pair paths that are equal, or else of the same shape."""
    by_path = {path.template: path for path in new}
    exact_matches = {path.path: by_path[path.template] for path in old if path.template in by_path}
    paired = {path.path for path in exact_matches.values()}
    by_shape: dict[str, list[_Path]] = {}
    for new_path in new:
        if new_path.path not in paired:
            by_shape.setdefault(new_path.template.shape, []).append(new_path)
    for before in old:
        alike = by_shape.get(before.template.shape, [])
        after = exact_matches.get(before.path) or (alike.pop(0) if alike else None)
        yield before, after
        paired |= {after.path} if after else set()
    yield from ((None, path) for path in new if path.path not in paired)


def _report_lone_path(sides: DocumentSides, before: _Path | None, after: _Path | None) -> None:
    """Report a path that only one of the documents has."""
    for method, node in before.list_operations().items() if before else ():
        anchor = sides.new.root.get("paths")
        _report_removed(sides, f"{method.upper()} {before.path if before else ''}", node, anchor)
    for method, node in after.list_operations().items() if after else ():
        use = Use(f"{method.upper()} {after.path if after else ''}", "")
        anchor = sides.old.root.get("paths")
        sides.add("operation.added", "the operation was added", (anchor, node), use)


def _report_removed(sides: DocumentSides, name: str, node: Node, anchor: Node) -> None:
    deprecated = " (it was deprecated)" if node.has_flag("deprecated") else ""
    message = f"the operation was removed{deprecated}"
    sides.add("operation.removed", message, (node, anchor), Use(name, ""))


def _compare_paths(sides: DocumentSides, before: _Path, after: _Path) -> None:
    if before.path == after.path and sides.schemas.equality.is_same(before.item, after.item):
        return
    old, new = before.list_operations(), after.list_operations()
    for method in dict.fromkeys((*old, *new)):
        name = f"{method.upper()} {after.path}"
        if method not in new:
            _report_removed(sides, f"{method.upper()} {before.path}", old[method], after.item)
        elif method not in old:
            message = "the operation was added"
            sides.add("operation.added", message, (before.item, new[method]), Use(name, ""))
        else:
            new_names = dict(zip(before.template.names, after.template.names, strict=True))
            calls = (
                Call(name, before.item, old[method]),
                Call(name, after.item, new[method]),
            )
            _compare_call(sides, *calls, new_names=new_names, direction="request")


def _compare_call(
    sides: DocumentSides, old: Call, new: Call, *, new_names: dict[str, str], direction: Direction
) -> None:
    """Compare one operation; the bodies of a callback have the opposite direction."""
    use = Use(new.name, "")
    _compare_metadata(sides, old.operation, new.operation, use)
    if direction == "request":
        compare_parameters(sides, old, new, new_names)
        compare_security(sides, old.operation, new.operation, use)
        compare_servers(sides, old.servers, new.servers, use)
        compare_extensions(sides, old.operation, new.operation, use)
    compare_bodies(sides, old.operation, new.operation, new.name, direction)
    compare_responses(sides, old.operation, new.operation, new.name, direction)
    _compare_callbacks(sides, old, new)


def _compare_metadata(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = (
        "" if node.pointer in node.document.unnamed else node.get_string("operationId")
        for node in (old, new)
    )
    if before and after and before != after:
        message = f"the operationId was {before!r} and is now {after!r}"
        nodes = old.get("operationId"), new.get("operationId")
        values = {"before": before, "after": after}
        sides.add("operation.id.changed", message, nodes, use, **values)
    if new.has_flag("deprecated") and not old.has_flag("deprecated"):
        message = "the operation is now deprecated"
        sides.add("operation.deprecated", message, (old, new.get("deprecated")), use)
    elif old.has_flag("deprecated") and not new.has_flag("deprecated"):
        message = "the operation is no longer deprecated"
        sides.add("operation.undeprecated", message, (old.get("deprecated"), new), use)


def _compare_callbacks(sides: DocumentSides, old: Call, new: Call) -> None:
    before = {name: node.resolve() for name, node in old.operation.get("callbacks").list_members()}
    after = {name: node.resolve() for name, node in new.operation.get("callbacks").list_members()}
    anchors = old.operation, new.operation
    for name in dict.fromkeys((*before, *after)):
        requests = [
            _list_callback_requests(side.get(name), f"{new.name} callback {name}")
            for side in (before, after)
        ]
        _compare_events(sides, requests[0], requests[1], anchors)


def _list_callback_requests(callback: Node | None, name: str) -> dict[str, Call]:
    """Return the requests of callbacks by name, expression and method."""
    calls: dict[str, Call] = {}
    for expression, item in callback.list_members() if callback else ():
        if not expression.startswith("x-"):
            calls |= _list_calls(f"{name} {expression}", item.resolve())
    return calls


def _list_calls(name: str, item: Node) -> dict[str, Call]:
    operations = ((method, item.get(method)) for method in _METHODS)
    return {
        f"{name} {method.upper()}": Call(f"{name} {method.upper()}", item, node.resolve())
        for method, node in operations
        if node
    }


def _compare_events(
    sides: DocumentSides, old: dict[str, Call], new: dict[str, Call], anchors: tuple[Node, Node]
) -> None:
    for name in dict.fromkeys((*old, *new)):
        use = Use(name, "")
        if name not in new:
            sides.add(
                "callback.removed", "it is no longer sent", (old[name].operation, anchors[1]), use
            )
        elif name not in old:
            sides.add("callback.added", "it is now sent", (anchors[0], new[name].operation), use)
        else:
            _compare_call(sides, old[name], new[name], new_names={}, direction="response")


def _compare_webhooks(sides: DocumentSides) -> None:
    tables: list[dict[str, Call]] = []
    for document in (sides.old, sides.new):
        calls: dict[str, Call] = {}
        for name, item in document.root.get("webhooks").list_members():
            calls |= _list_calls(f"webhook {name}", item.resolve())
        tables.append(calls)
    anchors = sides.old.root.get("webhooks"), sides.new.root.get("webhooks")
    _compare_events(sides, tables[0], tables[1], anchors)
