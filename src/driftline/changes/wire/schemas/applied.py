"""Compares schemas within schemas, except fields and choices: items, conditions, names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from driftline.changes.wire.schemas.discriminator import DiscriminatorTags, compare_selections
from driftline.changes.wire.schemas.pair import Found, Pair, SchemaDifference, shorten_value
from driftline.changes.wire.schemas.views import View, compute_fingerprint
from driftline.changes.wire.source.document import Node
from driftline.openapi import is_array, is_object

_SINGLE: Final = {
    "contains": "required items",
    "contentSchema": "the content of a string",
    "else": "values that do not meet the condition",
    "propertyNames": "field names",
    "then": "values that meet the condition",
    "unevaluatedItems": "other items",
    "unevaluatedProperties": "other fields",
}
_OPAQUE: Final = {"if": "the condition", "not": "the forbidden schema"}
_NAMED: Final = {
    "dependentSchemas": "objects with the field {}",
    "patternProperties": "fields whose names match {}",
}


def compare_applied(pair: Pair) -> Iterator[Found]:
    """Yield the differences of these keywords, and the pairs of schemas to compare next."""
    yield from _compare_items(pair)
    for keyword, noun in _SINGLE.items():
        yield from _compare_single(pair, keyword, noun)
    for keyword, noun in _OPAQUE.items():
        yield from _compare_opaque(pair, keyword, noun)
    for keyword, noun in _NAMED.items():
        yield from _compare_named(pair, keyword, noun)
    yield from _compare_dependent_required(pair)
    # The discriminator of an excluded choice is compared with that choice.
    if not (pair.olds.excluded_choices or pair.news.excluded_choices):
        yield from _compare_discriminator(pair)


def _compare_items(pair: Pair) -> Iterator[Found]:
    tables = [_list_item_positions(view) for view in (pair.old, pair.new)]
    rest = [tuple(view.keywords.get("items", ())) for view in (pair.old, pair.new)]
    for index in range(max(map(len, tables))):
        sides = (
            table[index] if index < len(table) else rest_items
            for table, rest_items in zip(tables, rest, strict=True)
        )
        yield pair.build_step(f"[{index}]", *sides)
    if any(rest):
        yield pair.build_step("[]", *rest)


def _list_item_positions(view: View) -> list[tuple[Node, ...]]:
    lists = [node.list_items() for node in view.keywords.get("prefixItems", ())]
    count = max(map(len, lists), default=0)
    return [tuple(items[i] for items in lists if i < len(items)) for i in range(count)]


def _compare_single(pair: Pair, keyword: str, noun: str) -> Iterator[Found]:
    # Whether other fields are allowed is compared with the fields.
    skipped_values = (True, False) if keyword == "unevaluatedProperties" else (True,)
    old, new = (
        tuple(node for node in view.keywords.get(keyword, ()) if node.value not in skipped_values)
        for view in (pair.old, pair.new)
    )
    if old and new and not _is_counted(pair, keyword, old, new):
        yield pair.build_step(f"({keyword})", old, new)
    elif old and new:
        prints = [
            sorted(compute_fingerprint(node, deep=True) for node in nodes) for nodes in (old, new)
        ]
        if prints[0] != prints[1]:
            noun = f"{keyword}: the rule for {noun} has changed"
            yield pair.note("rule.changed", noun, old=old[0], new=new[0])
    else:
        yield from _report_added_or_removed(pair, f"{keyword}: a rule for {noun}", old, new)


def _is_counted(pair: Pair, keyword: str, old: Sequence[Node], new: Sequence[Node]) -> bool:
    """Return whether `contains` has a maximum, or occurs several times."""
    bounded = any(view.find_first("maxContains") for view in (pair.old, pair.new))
    return keyword == "contains" and (bounded or len(old) > 1 or len(new) > 1)


def _report_added_or_removed(
    pair: Pair, noun: str, old: tuple[Node, ...], new: tuple[Node, ...]
) -> Iterator[SchemaDifference]:
    if new and not old:
        yield pair.note("rule.added", f"{noun} now applies", new=new[0])
    elif old and not new:
        yield pair.note("rule.removed", f"{noun} no longer applies", old=old[0])


def _compare_opaque(pair: Pair, keyword: str, noun: str) -> Iterator[SchemaDifference]:
    """Yield changes of conditions, where a narrower inner schema may be a wider outer one."""
    old, new = pair.old.find_first(keyword), pair.new.find_first(keyword)
    if old is not None and new is not None:
        if compute_fingerprint(old, deep=True) != compute_fingerprint(new, deep=True):
            yield pair.note("rule.changed", f"{keyword}: {noun} has changed", old=old, new=new)
    else:
        sides = [(node,) if node else () for node in (old, new)]
        yield from _report_added_or_removed(pair, f"{keyword}: {noun}", *sides)


def _compare_named(pair: Pair, keyword: str, noun: str) -> Iterator[Found]:
    tables: list[dict[str, tuple[Node, ...]]] = []
    for view in (pair.old, pair.new):
        nodes_by_name: dict[str, tuple[Node, ...]] = {}
        for node in view.keywords.get(keyword, ()):
            for name, schema in node.list_members():
                nodes_by_name[name] = (*nodes_by_name.get(name, ()), schema)
        tables.append(nodes_by_name)
    old, new = tables
    for name in dict.fromkeys((*old, *new)):
        if name in old and name in new:
            yield pair.build_step(f"({keyword} {name})", old[name], new[name])
        elif keyword == "patternProperties" and name in old and _is_closed(pair.new):
            message = f"fields whose names match {shorten_value(name)} are no longer allowed"
            yield pair.note("rule.added", message, old=old[name][0])
        elif keyword == "patternProperties" and name in new and _is_closed(pair.old):
            message = f"fields whose names match {shorten_value(name)} are now allowed"
            yield pair.note("rule.removed", message, new=new[name][0])
        else:
            subject = f"{keyword}: a rule for {noun.format(shorten_value(name))}"
            yield from _report_added_or_removed(pair, subject, old.get(name, ()), new.get(name, ()))


def _is_closed(view: View) -> bool:
    """Return whether undocumented fields are forbidden."""
    keywords = ("additionalProperties", "unevaluatedProperties")
    return any(
        node.value is False for keyword in keywords for node in view.keywords.get(keyword, ())
    )


def _compare_dependent_required(pair: Pair) -> Iterator[SchemaDifference]:
    old, new = (_collect_needed(view) for view in (pair.old, pair.new))
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, {}), new.get(name, {})
        removed, added = before.keys() - after.keys(), after.keys() - before.keys()
        if not removed and not added:
            continue
        kind = "rule.changed" if removed and added else "rule.removed" if removed else "rule.added"
        field_names = ", ".join(sorted(after)) or "no others"
        message = f"dependentRequired: with the field {name!r}, {field_names} are now required"
        nodes = {"old": next(iter(before.values()), None), "new": next(iter(after.values()), None)}
        yield pair.note(kind, message, **nodes)


def _collect_needed(view: View) -> dict[str, dict[str, Node]]:
    nodes_by_field: dict[str, dict[str, Node]] = {}
    for node in view.keywords.get("dependentRequired", ()):
        for name, required in node.list_members():
            table = nodes_by_field.setdefault(name, {})
            table.update({str(entry.value): entry for entry in required.list_items()})
    return nodes_by_field


def _compare_discriminator(pair: Pair) -> Iterator[SchemaDifference]:
    """Yield a discriminator without alternatives beside it.

    Those are the schemas that extend this.
    """
    discriminators = [view.find_first("discriminator") for view in (pair.old, pair.new)]
    old, new = (
        DiscriminatorTags(
            discriminator,
            discriminator.get_string("propertyName"),
            (_list_heirs(discriminator),),
            frozenset(),
        )
        if discriminator
        else None
        for discriminator in discriminators
    )
    yield from compare_selections(pair, old, new, {0: 0})


def _list_heirs(discriminator: Node) -> frozenset[str]:
    """Return the tags of all components that extend the schema of a discriminator by allOf."""
    document, parent_pointer = discriminator.document, discriminator.pointer.rpartition("/")[0]
    mapping = discriminator.get("mapping").value
    keys = dict[str, set[str]]()
    for key, target in mapping.items() if is_object(mapping) else ():
        keys.setdefault(str(target).rpartition("/")[2], set()).add(str(key))
    references = {"#" + parent_pointer, "#" + quote(parent_pointer, safe="/~")}
    tags = {key for several in keys.values() for key in several}
    schemas = document.root.get("components").get("schemas").value
    for name, schema in schemas.items() if is_object(schemas) else ():
        parts = schema.get("allOf") if is_object(schema) else None
        heirs = [part for part in parts if is_object(part)] if is_array(parts) else []
        if name not in keys and any(heir.get("$ref") in references for heir in heirs):
            tags.add(name)
    return frozenset(tags)
