"""Compares the possible values: types, null, enums, patterns, formats, defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from driftline.changes.wire.schemas.pair import Pair, SchemaDifference, shorten_value
from driftline.changes.wire.schemas.views import UNIVERSAL_PATTERNS, View
from driftline.changes.wire.source.document import Node
from driftline.openapi import is_object

_WIDTHS: Final = {"int32": 1, "int64": 2, "float": 1, "double": 2}
_WIDEST: Final = 3
_SILENT_FORMATS: Final = frozenset({"password"})
"""They say how a value is shown, not what it may be."""
_WRITTEN: Final = frozenset({"integer", "number", "boolean"})


def compare_types(pair: Pair) -> tuple[list[SchemaDifference], bool]:
    """Return the difference of the types, and whether other differences are irrelevant then."""
    old, new = pair.old.kinds, pair.new.kinds
    widths = _read_width(pair.old), _read_width(pair.new)
    if old == new:
        return (_compare_widths(pair, *widths) if widths[0] != widths[1] else []), False
    is_narrowed = old is None or any(not _is_accepted(kind, new, pair) for kind in old)
    is_widened = new is None or any(not _is_accepted(kind, old, pair) for kind in new)
    is_narrowed, is_widened = (new is not None and is_narrowed), (old is not None and is_widened)
    if not is_narrowed and not is_widened:
        return [], False
    kind = (
        "type.changed"
        if is_narrowed and is_widened
        else "type.narrowed"
        if is_narrowed
        else "type.widened"
    )
    before, after = _describe_types(pair.old), _describe_types(pair.new)
    message = f"the type was {before} and is now {after}"
    old_type, new_type = pair.old.find_first("type"), pair.new.find_first("type")
    note = pair.note(kind, message, old=old_type, new=new_type, before=before, after=after)
    return [note], is_narrowed and is_widened


def _is_accepted(kind: str, types: frozenset[str] | None, pair: Pair) -> bool:
    if types is None or kind in types or (kind == "integer" and "number" in types):
        return True
    return pair.is_text and kind in _WRITTEN and "string" in types


def _describe_types(view: View) -> str:
    if view.kinds is None:
        return "any"
    return " or ".join(sorted(view.kinds)) or "none"


def _read_width(view: View) -> int:
    numeric = view.kinds is not None and view.kinds <= {"integer", "number"}
    widths = [_WIDTHS.get(str(node.value), _WIDEST) for node in view.keywords.get("format", ())]
    return min(widths, default=_WIDEST) if numeric else _WIDEST


def _compare_widths(pair: Pair, old: int, new: int) -> list[SchemaDifference]:
    kind = "type.narrowed" if new < old else "type.widened"
    nodes = pair.old.find_first("format"), pair.new.find_first("format")
    before, after = (str(node.value) if node else "any size" for node in nodes)
    message = f"the size of the number was {before} and is now {after}"
    old_node, new_node = nodes
    return [pair.note(kind, message, old=old_node, new=new_node, before=before, after=after)]


def compare_values(pair: Pair) -> Iterator[SchemaDifference]:
    """Yield the differences of all other keywords for the whole value."""
    if not (pair.olds.is_null_ignored or pair.news.is_null_ignored):
        yield from _compare_null(pair)
    yield from _compare_enums(pair)
    yield from _open_list(pair)
    yield from _compare_patterns(pair)
    yield from _compare_formats(pair)
    yield from _compare_content(pair)
    yield from _compare_default(pair)
    yield from _compare_deprecated(pair)
    yield from _compare_reference(pair)
    yield from _compare_assumed(pair)


def _compare_null(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = pair.old, pair.new
    silent = [view.types is None and not view.enums for view in (old, new)]
    if old.null == new.null or any(silent):
        return
    if new.null:
        message = pair.choose_sentence("null is now accepted", "it may now be null")
        yield pair.note("null.allowed", message)
    else:
        message = pair.choose_sentence("null is no longer accepted", "it is no longer null")
        yield pair.note("null.forbidden", message)


def _compare_enums(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = pair.old.list_values(), pair.new.list_values()
    if old is None and new is None:
        return
    if old is None or new is None:
        table = new if old is None else old or {}
        values = [value for value, _ in (table or {}).values()]
        if old is None:
            phrase = pair.choose_sentence(
                "only listed values are now accepted", "only listed values are now returned"
            )
            yield pair.note("enum.added", phrase, new=_find_list(pair.new), after=values)
        else:
            phrase = pair.choose_sentence(
                "any value is now accepted", "values that are not listed may now be returned"
            )
            yield pair.note("enum.removed", phrase, old=_find_list(pair.old), before=values)
        return
    for key in old.keys() - new.keys():
        value, node = old[key]
        phrase = pair.choose_sentence("is no longer accepted", "is no longer returned")
        message = f"the value {shorten_value(value)} {phrase}"
        nodes = {"old": node, "new": _find_list(pair.new)}
        yield pair.note("enum.value-removed", message, **nodes, before=value)
    for key in new.keys() - old.keys():
        value, node = new[key]
        phrase = pair.choose_sentence("is now accepted", "may now be returned")
        message = f"the value {shorten_value(value)} {phrase}"
        nodes = {"old": _find_list(pair.old), "new": node}
        yield pair.note("enum.value-added", message, **nodes, after=value)


def _find_list(view: View) -> Node | None:
    """Return the node of the enum, or of the `const`."""
    for entries in view.enums:
        for _, node in entries:
            parent, _, last = node.pointer.rpartition("/")
            return node.document.get_node(parent) if last.isdecimal() else node
    return None


def _open_list(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = (view.find_first("x-extensible-enum") for view in (pair.old, pair.new))
    if old is None or new is None:
        return
    tables = [
        {shorten_value(item.value): item for item in node.list_items()} for node in (old, new)
    ]
    for literal in tables[0].keys() - tables[1].keys():
        predicate = pair.choose_sentence("is no longer accepted", "is no longer listed")
        message = f"the value {literal} {predicate}"
        value_node = tables[0][literal]
        yield pair.note(
            "open-enum.value-removed", message, old=value_node, new=new, before=value_node.value
        )
    for literal in tables[1].keys() - tables[0].keys():
        predicate = pair.choose_sentence("is now accepted", "is now listed")
        message = f"the value {literal} {predicate}"
        value_node = tables[1][literal]
        yield pair.note(
            "open-enum.value-added", message, old=old, new=value_node, after=value_node.value
        )


def _compare_sets(
    pair: Pair, keyword: str, noun: str, skipped_values: frozenset[str]
) -> Iterator[SchemaDifference]:  # fmt: skip
    """Yield changes of a keyword whose values all apply: patterns and formats."""
    tables = [
        {
            str(n.value): n
            for n in view.keywords.get(keyword, ())
            if str(n.value) not in skipped_values
        }
        for view in (pair.old, pair.new)
    ]
    removed = [node for value, node in tables[0].items() if value not in tables[1]]
    added = [node for value, node in tables[1].items() if value not in tables[0]]
    if removed and added:
        before, after = removed[0].value, added[0].value
        message = f"the {noun} was {shorten_value(before)} and is now {shorten_value(after)}"
        nodes: dict[str, Any] = {"old": removed[0], "new": added[0]}
        yield pair.note(f"{keyword}.changed", message, **nodes, before=before, after=after)
    elif removed:
        message = f"the {noun} {shorten_value(removed[0].value)} was removed"
        yield pair.note(f"{keyword}.removed", message, old=removed[0], before=removed[0].value)
    elif added:
        predicate = pair.choose_sentence("is now required", "now applies")
        message = f"the {noun} {shorten_value(added[0].value)} {predicate}"
        yield pair.note(f"{keyword}.added", message, new=added[0], after=added[0].value)


def _compare_patterns(pair: Pair) -> Iterator[SchemaDifference]:
    yield from _compare_sets(pair, "pattern", "pattern", frozenset(UNIVERSAL_PATTERNS))


def _compare_formats(pair: Pair) -> Iterator[SchemaDifference]:
    yield from _compare_sets(pair, "format", "format", _SILENT_FORMATS | set(_WIDTHS))


def _compare_content(pair: Pair) -> Iterator[SchemaDifference]:
    for keyword in ("contentMediaType", "contentEncoding"):
        old, new = pair.old.find_first(keyword), pair.new.find_first(keyword)
        before, after = (node.value if node else None for node in (old, new))
        if before != after:
            message = f"{keyword} was {shorten_value(before)} and is now {shorten_value(after)}"
            details = {"old": old, "new": new, "before": before, "after": after}
            yield pair.note("encoding.changed", message, **details)


def _compare_default(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = pair.old.find_first("default"), pair.new.find_first("default")
    if old is not None and new is not None:
        if shorten_value(old.value) != shorten_value(new.value) or old.value != new.value:
            message = (
                f"the default was {shorten_value(old.value)} and is now {shorten_value(new.value)}"
            )
            details = {"old": old, "new": new, "before": old.value, "after": new.value}
            yield pair.note("default.changed", message, **details)
    elif old is not None:
        message = f"the default {shorten_value(old.value)} was removed"
        yield pair.note("default.removed", message, old=old, before=old.value)
    elif new is not None:
        message = f"the default {shorten_value(new.value)} was added"
        yield pair.note("default.added", message, new=new, after=new.value)


def _compare_deprecated(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = pair.old.has_flag("deprecated"), pair.new.has_flag("deprecated")
    if new and not old:
        node = pair.new.find_first("deprecated")
        yield pair.note("deprecation.added", "it is now deprecated", new=node)
    elif old and not new:
        node = pair.old.find_first("deprecated")
        yield pair.note("deprecation.removed", "it is no longer deprecated", old=node)


def _compare_reference(pair: Pair) -> Iterator[SchemaDifference]:
    """Compare `x-reference`: the listing whose row the value identifies."""
    old, new = (node.get("x-reference") for node in pair.nodes)
    before, after = (str(node.get("of").value) if node else "" for node in (old, new))
    if before == after:
        return
    if not before or not after:
        kind = "reference.added" if after else "reference.removed"
        message = f"it is now declared as the id of a row of {after}" if after else ""
        message = message or f"it is no longer declared as the id of a row of {before}"
        yield pair.note(kind, message, old=old or None, new=new or None)
        return
    message = f"it was the id of a row of {before} and is now that of a row of {after}"
    yield pair.note("reference.changed", message, old=old, new=new, before=before, after=after)


def _compare_assumed(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = (_list_marks(node) for node in pair.nodes)
    for name in new.keys() - old.keys():
        message = f"{name or 'it'} is now marked as an assumption"
        yield pair.note("assumption.added", message, new=new[name])
    for name in old.keys() - new.keys():
        message = f"{name or 'it'} is no longer marked as an assumption"
        yield pair.note("assumption.removed", message, old=old[name])


def _list_marks(home: Node) -> dict[str, Node]:
    mark = home.get("x-assumed")
    if is_object(mark.value):
        return {name: mark.get(name) for name in mark.value}
    return {"": mark} if isinstance(mark.value, str) else {}
