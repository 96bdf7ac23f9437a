"""Compares the base URLs of a document and of single operations."""

from __future__ import annotations

from driftline.changes.wire.calls.extensions import compare_env
from driftline.changes.wire.sides import Sides
from driftline.changes.wire.source.document import Document, Node
from driftline.changes.wire.uses import Use


def list_base_urls(document: Document) -> set[str]:
    """Return the base URLs of a document with the defaults of their variables; "" by default."""
    return set(map(_expand, document.root.get("servers").list_items())) or {""}


def compare_all_servers(sides: Sides) -> None:
    """Compare the servers of the document."""
    old, new = (document.root.get("servers") for document in (sides.old, sides.new))
    near = old or sides.old.root, new or sides.new.root
    _compare(sides, old, new, near, Use("", "servers"))


def compare_servers(sides: Sides, old: Node | None, new: Node | None, use: Use) -> None:
    """Compare the servers of one operation, if it has its own."""
    if old is None and new is None:
        return
    before, after = (
        own if own is not None else document.root.get("servers")
        for own, document in ((old, sides.old), (new, sides.new))
    )
    near = before or sides.old.root, after or sides.new.root
    _compare(sides, before, after, near, Use(use.operation, "servers"))


def _compare(sides: Sides, old: Node, new: Node, near: tuple[Node, Node], use: Use) -> None:
    before, after = _index_by_url(old), _index_by_url(new)
    expanded = {_expand(node): url for url, node in after.items()}
    for url, node in before.items():
        found = url if url in after else expanded.get(_expand(node))
        if found is None:
            message = f"the base URL {node.get_string('url')} was removed"
            sides.add(
                "server.removed", message, (node, near[1]), use, before=node.get_string("url")
            )
            continue
        other = after.pop(found, None)
        if other is not None:
            compare_env(sides, node, other, use)
            _compare_variables(sides, node, other, use)
    for node in after.values():
        message = f"the base URL {node.get_string('url')} was added"
        sides.add("server.added", message, (near[0], node), use, after=node.get_string("url"))


def _index_by_url(servers: Node) -> dict[str, Node]:
    return {node.get_string("url").rstrip("/"): node for node in servers.list_items()}


def _expand(server: Node) -> str:
    url = server.get_string("url").rstrip("/")
    for name, variable in server.get("variables").list_members():
        url = url.replace("{" + name + "}", str(variable.get("default").value))
    return url


def _compare_variables(sides: Sides, old: Node, new: Node, use: Use) -> None:
    before, after = (
        dict(old.get("variables").list_members()),
        dict(new.get("variables").list_members()),
    )
    for name in before.keys() & after.keys():
        was, now = before[name].get("default").value, after[name].get("default").value
        if was != now:
            message = f"the part {name!r} of the base URL was {was} by default and is now {now}"
            places = before[name].get("default"), after[name].get("default")
            sides.add("server.variable.changed", message, places, use, before=was, after=now)
        tables = [
            {str(n.value): n for n in v[name].get("enum").list_items()} for v in (before, after)
        ]
        for value in tables[0].keys() - tables[1].keys() if tables[1] else ():
            message = f"the part {name!r} of the base URL may no longer be {value!r}"
            places = tables[0][value], after[name]
            sides.add("server.variable.changed", message, places, use, before=value)
        for value in tables[1].keys() - tables[0].keys() if tables[0] else ():
            message = f"the part {name!r} of the base URL may now be {value!r}"
            places = before[name], tables[1][value]
            sides.add("server.variable.added", message, places, use, after=value)
