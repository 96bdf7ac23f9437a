"""Compares the fields of objects: documented, required and additional ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from driftline.changes.wire.schemas.pair import Found, Pair, SchemaDifference
from driftline.changes.wire.schemas.views import Schema, SchemaViews, View
from driftline.changes.wire.source.document import Node
from driftline.openapi import is_object


@attrs.frozen(eq=False)
class _Fields:
    """The fields of one view that occur in the compared direction.

    `hidden_names` names the others: read-only fields of a request, write-only fields of a response.
    """

    visible_fields: dict[str, tuple[Node, ...]]
    hidden_names: frozenset[str]
    required: dict[str, Node]
    additional_nodes: tuple[Node, ...]
    closing_node: Node | None

    @property
    def any_other(self) -> bool:
        """Whether other fields are described by a schema of their own."""
        return bool(self.additional_nodes)


def compare_fields(pair: Pair, views: tuple[SchemaViews, SchemaViews]) -> Iterator[Found]:
    """Yield the differences, and the pairs of fields that are in both schemas."""
    old, new = (
        _collect_fields(view, schema_views, request=pair.is_request)
        for view, schema_views in zip((pair.old, pair.new), views, strict=True)
    )
    if not (old.visible_fields or new.visible_fields or old.required or new.required):
        yield from _compare_additional(pair, old, new)
        return
    for name in dict.fromkeys((*old.visible_fields, *new.visible_fields)):
        if name in old.visible_fields and name in new.visible_fields:
            yield pair.build_step(f".{name}", old.visible_fields[name], new.visible_fields[name])
        elif name in old.visible_fields:
            yield _report_removed(pair, name, old, new)
        else:
            yield _report_added(pair, name, old, new)
    yield from _compare_required(pair, old, new)
    yield from _compare_additional(pair, old, new)


def _collect_fields(view: View, views: SchemaViews, *, request: bool) -> _Fields:
    fields: dict[str, list[Node]] = {}
    for node in view.keywords.get("properties", ()):
        for name, entry in node.list_members():
            fields.setdefault(name, []).append(entry)
    for name, forbidding_node in _list_forbidden(view, fields).items():
        fields[name] = [forbidding_node]
    keyword = "readOnly" if request else "writeOnly"
    hidden = {
        n for n, parts in fields.items() if views.build(Schema(tuple(parts))).has_flag(keyword)
    }
    required: dict[str, Node] = {}
    for node in view.keywords.get("required", ()):
        for entry in node.list_items():
            required.setdefault(str(entry.value), entry)
    visible = {name: tuple(parts) for name, parts in fields.items() if name not in hidden}
    required_fields = {name: node for name, node in required.items() if name not in hidden}
    rest = view.keywords.get("additionalProperties", [])
    shut = [*rest, *view.keywords.get("unevaluatedProperties", [])]
    closing_node = next((node for node in shut if node.value is False), None)
    additional_schemas = tuple(
        node for node in rest if not isinstance(node.value, bool) and node.value
    )
    return _Fields(visible, frozenset(hidden), required_fields, additional_schemas, closing_node)


def _list_forbidden(view: View, names: Iterable[str]) -> dict[str, Node]:
    """Yield the fields that one part of a schema describes and another forbids, with that part."""
    closing_nodes = [n for n in view.keywords.get("additionalProperties", ()) if n.value is False]
    forbidden: dict[str, Node] = {}
    for node in closing_nodes:
        part = node.document.get_node(node.pointer.rpartition("/")[0])
        if is_object(part.value) and not part.get("patternProperties"):
            properties = part.get("properties").value
            other_names = set(names) - (properties.keys() if is_object(properties) else set())
            forbidden |= dict.fromkeys(other_names, node)
    return forbidden


def _report_removed(pair: Pair, name: str, old: _Fields, new: _Fields) -> Found:
    if new.any_other:
        return pair.build_step(f".{name}", old.visible_fields[name], new.additional_nodes)
    message = f"the field {name!r} was removed"
    if name in new.hidden_names:
        reason = pair.choose_sentence(
            "read-only and may no longer be sent", "write-only and no longer returned"
        )
        message = f"the field {name!r} is now {reason}"
    node = old.visible_fields[name][0]
    return pair.note("field.removed", message, old=node, new=_find_properties(pair.new))


def _report_added(pair: Pair, name: str, old: _Fields, new: _Fields) -> Found:
    if old.any_other:
        return pair.build_step(f".{name}", old.additional_nodes, new.visible_fields[name])
    node, anchor = new.visible_fields[name][0], _find_properties(pair.old)
    if pair.is_request and name in new.required:
        message = f"the required field {name!r} was added"
        return pair.note("required.added", message, old=anchor, new=node)
    return pair.note("field.added", f"the field {name!r} was added", old=anchor, new=node)


def _find_properties(view: View) -> Node | None:
    return view.find_first("properties")


def _compare_required(pair: Pair, old: _Fields, new: _Fields) -> Iterator[SchemaDifference]:
    def is_kept(name: str) -> bool:
        """Return whether it is in both or in neither; other fields are reported already."""
        return (name in old.visible_fields) == (name in new.visible_fields)

    for name in new.required.keys() - old.required.keys():
        if is_kept(name) and name not in old.hidden_names:
            predicate = pair.choose_sentence("is now required", "is now always present")
            nodes = {"old": pair.old.find_first("required"), "new": new.required[name]}
            yield pair.note("required.added", f"the field {name!r} {predicate}", **nodes)
    for name in old.required.keys() - new.required.keys():
        if is_kept(name) and name not in new.hidden_names:
            predicate = pair.choose_sentence("is now optional", "may now be missing")
            nodes = {"old": old.required[name], "new": pair.new.find_first("required")}
            yield pair.note("required.removed", f"the field {name!r} {predicate}", **nodes)


def _compare_additional(pair: Pair, old: _Fields, new: _Fields) -> Iterator[Found]:
    if new.closing_node and not old.closing_node:
        message = pair.choose_sentence(
            "other fields are no longer accepted", "other fields are no longer returned"
        )
        yield pair.note(
            "additional.forbidden", message, old=_find_closed(pair.old), new=new.closing_node
        )
    elif old.closing_node and not new.closing_node:
        message = pair.choose_sentence(
            "other fields are now accepted", "other fields may now be returned"
        )
        yield pair.note(
            "additional.allowed", message, old=old.closing_node, new=_find_closed(pair.new)
        )
    elif old.any_other or new.any_other:
        yield pair.build_step("{}", old.additional_nodes, new.additional_nodes)


def _find_closed(view: View) -> Node | None:
    return view.find_first("additionalProperties") or view.find_first("unevaluatedProperties")
