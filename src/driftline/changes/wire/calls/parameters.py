"""Compares the parameters of an operation."""

from __future__ import annotations

import json
from typing import Any, Final

import attrs

from driftline.changes.wire.calls.extensions import compare_assumed
from driftline.changes.wire.schemas.views import Schema
from driftline.changes.wire.sides import DocumentSides
from driftline.changes.wire.source.document import Node
from driftline.changes.wire.uses import Use

_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_IGNORED: Final = frozenset({"accept", "authorization", "content-type"})
"""OpenAPI says that header parameters of these names have no meaning."""
_KEY: Final = "x-idempotency-key"

Name = tuple[str, str]


@attrs.frozen(eq=False)
class Call:
    """An operation, its name, and its path item."""

    name: str
    item: Node
    operation: Node

    @property
    def servers(self) -> Node | None:
        """Its own servers, if it does not use those of the document."""
        for node in (self.operation, self.item):
            if node.get("servers"):
                return node.get("servers")
        return None

    def list_parameters(self) -> dict[Name, Node]:
        """Return the parameters by location and name; the operation's override the path's."""
        parameters: dict[Name, Node] = {}
        for node in (self.item, self.operation):
            for entry in node.get("parameters").list_items():
                parameter = entry.resolve()
                location, name = parameter.get_string("in"), parameter.get_string("name")
                if location == "header":
                    name = name.lower()
                if (location, name) not in {("header", ignored_name) for ignored_name in _IGNORED}:
                    parameters[location, name] = parameter
        return parameters


def compare_parameters(
    sides: DocumentSides, old: Call, new: Call, new_names: dict[str, str]
) -> None:
    """Compare parameters by location and name, path parameters by position."""
    before, after = old.list_parameters(), new.list_parameters()
    before = {_rename(name, new_names): node for name, node in before.items()}
    for name in dict.fromkeys((*before, *after)):
        if name in before and name in after:
            _compare_pair(sides, new.name, before[name], after[name])
    removed = {name: node for name, node in before.items() if name not in after}
    added = {name: node for name, node in after.items() if name not in before}
    for name, node in removed.items():
        destinations = [candidate for candidate in added if candidate[1].lower() == name[1].lower()]
        use = Use(new.name, " ".join(name))
        if destinations:
            message = (
                f"the parameter {name[1]!r} was in {name[0]} and is now in {destinations[0][0]}"
            )
            sides.add("parameter.moved", message, (node, added.pop(destinations[0])), use)
        else:
            anchor = _find_nearest(new)
            sides.add(
                "parameter.removed", f"the parameter {name[1]!r} was removed", (node, anchor), use
            )
    for name, node in added.items():
        use = Use(new.name, " ".join(name))
        if node.has_flag("required") or name[0] == "path":
            message = f"the required parameter {name[1]!r} was added"
            sides.add("parameter.required.added", message, (_find_nearest(old), node), use)
        else:
            message = f"the parameter {name[1]!r} was added"
            sides.add("parameter.added", message, (_find_nearest(old), node), use)


def _rename(name: Name, new_names: dict[str, str]) -> Name:
    return (name[0], new_names.get(name[1], name[1])) if name[0] == "path" else name


def _find_nearest(call: Call) -> Node:
    return call.operation.get("parameters") or call.operation


def _compare_pair(sides: DocumentSides, operation: str, old: Node, new: Node) -> None:
    location, name = new.get_string("in"), new.get_string("name")
    use = Use(operation, f"{location} {name}")
    if location == "path" and old.get_string("name") != name:
        message = f"the path parameter {old.get_string('name')!r} was renamed to {name!r}"
        sides.add("parameter.renamed", message, (old.get("name"), new.get("name")), use)
    _compare_flags(sides, old, new, use)
    _compare_style(sides, old, new, use)
    compare_assumed(sides, old, new, use, "request")
    schemas = _build_schema(old), _build_schema(new)
    is_text = not (old.get("content") or new.get("content"))
    sides.schemas.compare(schemas, use, "request", is_text=is_text)


_FLAGS: Final = (
    ("required", "required.added", "required.removed", "it is now required", "it is now optional"),
    (
        "deprecated",
        "deprecated",
        "undeprecated",
        "it is now deprecated",
        "it is no longer deprecated",
    ),
    (
        "allowEmptyValue",
        "empty.allowed",
        "empty.forbidden",
        "it may now be empty",
        "it may no longer be empty",
    ),
)


def _compare_flags(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    for keyword, added_rule, removed_rule, added_message, removed_message in _FLAGS:
        if keyword == "required" and new.get_string("in") == "path":
            continue
        if new.has_flag(keyword) and not old.has_flag(keyword):
            sides.add(f"parameter.{added_rule}", added_message, (old, new.get(keyword)), use)
        elif old.has_flag(keyword) and not new.has_flag(keyword):
            sides.add(f"parameter.{removed_rule}", removed_message, (old.get(keyword), new), use)
    if new.has_flag(_KEY) and not old.has_flag(_KEY):
        sides.add(
            "idempotency.added", "requests with it may now be repeated", (old, new.get(_KEY)), use
        )
    elif old.has_flag(_KEY) and not new.has_flag(_KEY):
        sides.add(
            "idempotency.removed",
            "requests with it may no longer be repeated",
            (old.get(_KEY), new),
            use,
        )


def _compare_style(sides: DocumentSides, old: Node, new: Node, use: Use) -> None:
    before, after = sides.schemas.views
    views = before.build(_build_schema(old)), after.build(_build_schema(new))
    # Explode has no effect on scalars.
    simple = all(view.kinds is not None and not view.kinds & {"array", "object"} for view in views)
    was, now = (_describe_style(node, simple=simple) for node in (old, new))
    for keyword in was:
        if was[keyword] != now[keyword]:
            old_value, new_value = _format(was[keyword]), _format(now[keyword])
            message = f"its {keyword} was {old_value} and is now {new_value}"
            nodes = old.get(keyword) or old, new.get(keyword) or new
            values = {"before": was[keyword], "after": now[keyword]}
            sides.add("parameter.style.changed", message, nodes, use, **values)


def _format(value: str | bool | None) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _describe_style(parameter: Node, *, simple: bool) -> dict[str, Any]:
    """Return how a parameter is serialized, with defaults filled in."""
    style = parameter.get_string("style") or _STYLES.get(parameter.get_string("in"), "form")
    explode = parameter.get("explode").value
    exploded = explode if isinstance(explode, bool) else style == "form"
    content = next((media for media, _ in parameter.get("content").list_members()), "none")
    serialization: dict[str, Any] = {"content": content}
    if content == "none":
        serialization["allowReserved"] = parameter.has_flag("allowReserved")
        serialization["style"] = style
        if not simple:
            serialization["explode"] = exploded
    return {
        keyword: serialization.get(keyword)
        for keyword in ("content", "style", "explode", "allowReserved")
    }


def _build_schema(parameter: Node) -> Schema:
    schema = parameter.get("schema")
    if not schema:
        media = next((node for _, node in parameter.get("content").list_members()), None)
        schema = media.get("schema") if media else schema
    return Schema((schema,) if schema else (), owner_node=parameter)
