"""Compares driftline's extensions (see specs/README.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from driftline.changes.wire.schemas.pair import shorten_value
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Node
from driftline.changes.wire.uses import Use
from driftline.openapi import is_array, is_object, load_vocabulary
from driftline.rules import Direction

_ROWS: Final = ("items", "id", "total", "totalHeader")


def compare_extensions(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the extensions of one operation."""
    _compare_listing(sides, old, new, use)
    _compare_effect(sides, old, new, use)
    compare_assumed(sides, old, new, use, "request")


def compare_env(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the environment variable of a server or a security scheme."""
    before, after = old.get_string("x-env"), new.get_string("x-env")
    nodes = old.get("x-env") or old, new.get("x-env") or new
    if before == after:
        return
    values = {"before": before or None, "after": after or None}
    if before and after:
        message = f"the environment variable was {before} and is now {after}"
        sides.add("env.changed", message, nodes, use, **values)
    elif before:
        message = f"the environment variable {before} is no longer read"
        sides.add("env.removed", message, nodes, use, **values)
    else:
        sides.add(
            "env.added", f"the environment variable {after} is now read", nodes, use, **values
        )


def compare_message(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the location of error messages."""
    before, after = old.get("x-message").value, new.get("x-message").value
    nodes = old.get("x-message") or old, new.get("x-message") or new
    if before == after:
        return
    if before and after:
        message = f"the error message moved from {before} to {after}"
        sides.add("message.moved", message, nodes, use, before=before, after=after)
    elif before:
        sides.add("message.removed", f"the error message is no longer at {before}", nodes, use)
    else:
        sides.add("message.added", f"the error message is at {after}", nodes, use)


def compare_assumed(
    sides: DocumentSides, old: Node, new: Node, use: Use, direction: Direction
) -> None:
    """Compare the assumptions of an operation, parameter or response."""
    before, after = (_list_assumed(node) for node in (old, new))
    nodes = old.get("x-assumed") or old, new.get("x-assumed") or new
    for name in after - before:
        message = f"{name or 'it'} is now marked as an assumption"
        sides.add(f"{direction}.assumption.added", message, nodes, use)
    for name in before - after:
        message = f"{name or 'it'} is no longer marked as an assumption"
        sides.add(f"{direction}.assumption.removed", message, nodes, use)


def _list_assumed(node: Node) -> set[str]:
    value = node.get("x-assumed").value
    return set(value) if is_object(value) else {""} if isinstance(value, str) else set()


def _compare_listing(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = old.get("x-listing"), new.get("x-listing")
    if not is_object(before.value) and not is_object(after.value):
        return
    if not is_object(after.value):
        sides.add("listing.removed", "it is no longer a listing", (before, new), use)
        return
    if not is_object(before.value):
        sides.add("listing.added", "it is now a listing", (old, after), use)
        return
    _report_differences(sides, "listing.rows.moved", (before, after), _ROWS, use)
    pages = before.get("page"), after.get("page")
    keys = load_vocabulary()["$defs"]["x-listing"]["properties"]["page"]["properties"]
    _report_differences(sides, "listing.page.changed", pages, keys, use)
    sizes = before.get("size"), after.get("size")
    _report_differences(sides, "listing.size.changed", sizes, ("parameter", "fixed"), use)
    _compare_order(sides, before.get("order"), after.get("order"), use)
    _compare_named(sides, "filter", before, after, use)
    _compare_named(sides, "search", before, after, use)
    echoes = before.get("echo"), after.get("echo")
    names = dict.fromkeys((*_list_keys(echoes[0]), *_list_keys(echoes[1])))
    _report_differences(sides, "listing.echo.changed", echoes, names, use)


def _list_keys(node: Node) -> list[str]:
    return list(node.value) if is_object(node.value) else []


def _read_value(node: Node, key: str) -> Any:
    member = node.get(key)
    # Page numbers have a default of their own: they begin with 1.
    return member.value if member else 1 if key == "first" else None


def _report_differences(
    sides: DocumentSides, name: str, nodes: tuple[Node, Node], keys: Iterable[str], use: Use
) -> None:
    """Report a change for each extension that differs or exists on one side only."""
    old, new = nodes
    for key in keys:
        before, after = (_read_value(node, key) for node in nodes)
        if before != after:
            parent_keys = [part for part in name.split(".")[:-1] if part not in {"rows", key}]
            rule = f"the rule x-{'.'.join((*parent_keys, key))}"
            was, now = shorten_value(before), shorten_value(after)
            message = f"{rule} was {was} and is now {now}"
            if before is None:
                message = f"{rule} was added: {now}"
            elif after is None:
                message = f"{rule} was removed: {was}"
            members = old.get(key) or old, new.get(key) or new
            sides.add(name, message, members, use, before=before, after=after)


def _compare_order(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    if not old and not new:
        return
    if not old or not new:
        message = (
            "the order of rows is now defined" if new else "the order of rows is no longer defined"
        )
        sides.add("listing.order.changed", message, (old, new), use)
        return
    _report_differences(
        sides, "listing.order.changed", (old, new), ("by", "direction", "descending"), use
    )
    fields = old.get("fields"), new.get("fields")
    before, after = (set(_list_keys(node)) for node in fields)
    for name in before - after:
        message = f"rows can no longer be sorted by {name!r}"
        sides.add("listing.order.value-removed", message, (fields[0].get(name), fields[1]), use)
    for name in after - before:
        message = f"rows can now be sorted by {name!r}"
        sides.add("listing.order.value-added", message, (fields[0], fields[1].get(name)), use)
    _report_differences(sides, "listing.order.changed", fields, sorted(before & after), use)


def _compare_named(sides: DocumentSides, kind: str, old: Node, new: Node, use: Use) -> None:
    """Compare filters or searches by their parameter."""
    tables = old.get(kind), new.get(kind)
    before, after = (set(_list_keys(node)) for node in tables)
    anchors = tables[0] or old, tables[1] or new
    for name in before - after:
        message = f"the parameter {name!r} is no longer a {kind}"
        sides.add(f"listing.{kind}.removed", message, (tables[0].get(name), anchors[1]), use)
    for name in after - before:
        message = f"the parameter {name!r} is now a {kind}"
        sides.add(f"listing.{kind}.added", message, (anchors[0], tables[1].get(name)), use)
    for name in before & after:
        old_rule, new_rule = tables[0].get(name), tables[1].get(name)
        if _normalize(old_rule.value) != _normalize(new_rule.value):
            was, now = shorten_value(old_rule.value), shorten_value(new_rule.value)
            message = f"the {kind} {name!r} was {was} and is now {now}"
            sides.add(f"listing.{kind}.changed", message, (old_rule, new_rule), use)


def _normalize(value: Any) -> Any:
    """Return the value without the order of lists and without assumptions."""
    if is_object(value):
        return {key: _normalize(item) for key, item in value.items() if key != "x-assumed"}
    if is_array(value):
        return sorted((_normalize(item) for item in value), key=shorten_value)
    return value


def _compare_effect(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = old.get("x-effect"), new.get("x-effect")
    if not is_object(before.value) and not is_object(after.value):
        return
    if not is_object(before.value) or not is_object(after.value):
        is_added = is_object(after.value)
        message = (
            "its effect on rows is now declared"
            if is_added
            else "its effect on rows is no longer declared"
        )
        nodes = before if is_object(before.value) else old, after if is_added else new
        sides.add("effect.added" if is_added else "effect.removed", message, nodes, use)
        return
    _report_differences(sides, "effect.changed", (before, after), ("kind", "of", "item", "id"), use)
    _report_differences(sides, "effect.tag.changed", (before, after), ("tag",), use)
    tables = [
        {str(node.value): node for node in side.get("unique").list_items()}
        for side in (before, after)
    ]
    for name in tables[1].keys() - tables[0].keys():
        message = f"{name} must now be unique among rows"
        sides.add("effect.unique.added", message, (before, tables[1][name]), use)
    for name in tables[0].keys() - tables[1].keys():
        message = f"{name} no longer has to be unique among rows"
        sides.add("effect.unique.removed", message, (tables[0][name], after), use)
