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


def compare_words(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the extensions of one operation."""
    _compare_listing(sides, old, new, use)
    _compare_effect(sides, old, new, use)
    compare_assumed(sides, old, new, use, "request")


def compare_env(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the environment variable of a server or a security scheme."""
    before, after = old.get_string("x-env"), new.get_string("x-env")
    places = old.get("x-env") or old, new.get("x-env") or new
    if before == after:
        return
    told = {"before": before or None, "after": after or None}
    if before and after:
        message = f"the environment variable was {before} and is now {after}"
        sides.add("env.changed", message, places, use, **told)
    elif before:
        message = f"the environment variable {before} is no longer read"
        sides.add("env.removed", message, places, use, **told)
    else:
        sides.add("env.added", f"the environment variable {after} is now read", places, use, **told)


def compare_message(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    """Compare the location of error messages."""
    before, after = old.get("x-message").value, new.get("x-message").value
    places = old.get("x-message") or old, new.get("x-message") or new
    if before == after:
        return
    if before and after:
        message = f"the error message moved from {before} to {after}"
        sides.add("message.moved", message, places, use, before=before, after=after)
    elif before:
        sides.add("message.removed", f"the error message is no longer at {before}", places, use)
    else:
        sides.add("message.added", f"the error message is at {after}", places, use)


def compare_assumed(
    sides: DocumentSides, old: Node, new: Node, use: Use, direction: Direction
) -> None:
    """Compare the assumptions of an operation, parameter or response."""
    before, after = (_list_assumed(node) for node in (old, new))
    places = old.get("x-assumed") or old, new.get("x-assumed") or new
    for name in after - before:
        message = f"{name or 'it'} is now marked as an assumption"
        sides.add(f"{direction}.assumption.added", message, places, use)
    for name in before - after:
        message = f"{name or 'it'} is no longer marked as an assumption"
        sides.add(f"{direction}.assumption.removed", message, places, use)


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
    words = load_vocabulary()["$defs"]["x-listing"]["properties"]["page"]["properties"]
    _report_differences(sides, "listing.page.changed", pages, words, use)
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


def _read_value(node: Node, word: str) -> Any:
    found = node.get(word)
    # Page numbers have a default of their own: they begin with 1.
    return found.value if found else 1 if word == "first" else None


def _report_differences(
    sides: DocumentSides, name: str, places: tuple[Node, Node], words: Iterable[str], use: Use
) -> None:
    """Report a change for each extension that differs or exists on one side only."""
    old, new = places
    for word in words:
        before, after = (_read_value(node, word) for node in places)
        if before != after:
            above = [part for part in name.split(".")[:-1] if part not in {"rows", word}]
            rule = f"the rule x-{'.'.join((*above, word))}"
            was, now = shorten_value(before), shorten_value(after)
            message = f"{rule} was {was} and is now {now}"
            if before is None:
                message = f"{rule} was added: {now}"
            elif after is None:
                message = f"{rule} was removed: {was}"
            spots = old.get(word) or old, new.get(word) or new
            sides.add(name, message, spots, use, before=before, after=after)


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


def _compare_named(sides: DocumentSides, word: str, old: Node, new: Node, use: Use) -> None:
    """Compare filters or searches by their parameter."""
    tables = old.get(word), new.get(word)
    before, after = (set(_list_keys(node)) for node in tables)
    near = tables[0] or old, tables[1] or new
    for name in before - after:
        message = f"the parameter {name!r} is no longer a {word}"
        sides.add(f"listing.{word}.removed", message, (tables[0].get(name), near[1]), use)
    for name in after - before:
        message = f"the parameter {name!r} is now a {word}"
        sides.add(f"listing.{word}.added", message, (near[0], tables[1].get(name)), use)
    for name in before & after:
        one, other = tables[0].get(name), tables[1].get(name)
        if _normalize(one.value) != _normalize(other.value):
            was, now = shorten_value(one.value), shorten_value(other.value)
            message = f"the {word} {name!r} was {was} and is now {now}"
            sides.add(f"listing.{word}.changed", message, (one, other), use)


def _normalize(value: Any) -> Any:
    """Return the value without the order of lists and without assumptions."""
    if is_object(value):
        return {key: _normalize(each) for key, each in value.items() if key != "x-assumed"}
    if is_array(value):
        return sorted((_normalize(each) for each in value), key=shorten_value)
    return value


def _compare_effect(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = old.get("x-effect"), new.get("x-effect")
    if not is_object(before.value) and not is_object(after.value):
        return
    if not is_object(before.value) or not is_object(after.value):
        came = is_object(after.value)
        message = (
            "its effect on rows is now declared"
            if came
            else "its effect on rows is no longer declared"
        )
        places = before if is_object(before.value) else old, after if came else new
        sides.add("effect.added" if came else "effect.removed", message, places, use)
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
