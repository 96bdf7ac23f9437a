"""Compares discriminators: the tags that select each alternative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from driftline.changes.wire.schemas.pair import Pair, SchemaDifference
from driftline.changes.wire.schemas.views import Schema, SchemaViews, View
from driftline.changes.wire.source.document import Node
from driftline.openapi import is_object, pointer as json_pointer


@attrs.frozen(eq=False)
class DiscriminatorTags:
    """The property whose value, the tag, selects an alternative, and the tags of each.

    `fixed_alternatives` are the positions of alternatives whose tags follow from their own schema.
    Changes of these tags are reported as changes of that schema.
    """

    location: Node
    property: str
    tags: tuple[frozenset[str], ...]
    fixed_alternatives: frozenset[int]


def select(
    view: View, alternatives: Sequence[tuple[Node, View]], views: SchemaViews
) -> DiscriminatorTags | None:
    """Return what the discriminator of a view selects among its alternatives.

    An alternative has the tags that `mapping` gives it, or else the values that its own property
    allows, or else the name of its component.
    """
    discriminator = view.find_first("discriminator")
    name = discriminator.get_string("propertyName") if discriminator else ""
    if discriminator is None or not name:
        return None
    keys = _index_keys(discriminator)
    tags: list[frozenset[str]] = []
    declared_indexes: set[int] = set()
    for index, (node, alternative) in enumerate(alternatives):
        component = _find_component(node)
        mapped = keys.get(component, frozenset())
        values = _list_values(alternative, name, views)
        if not mapped and values:
            declared_indexes.add(index)
        tags.append(mapped or values or frozenset({component} - {""}))
    return DiscriminatorTags(discriminator, name, tuple(tags), frozenset(declared_indexes))


def _index_keys(discriminator: Node) -> dict[str, frozenset[str]]:
    """Return the keys of `mapping` by the component that each leads to, by name or by reference."""
    mapping = discriminator.get("mapping").value
    keys_by_component: dict[str, frozenset[str]] = {}
    for key, target in mapping.items() if is_object(mapping) else ():
        component = _name_component(str(target))
        keys_by_component[component] = keys_by_component.get(component, frozenset()) | {str(key)}
    return keys_by_component


def _find_component(node: Node) -> str:
    reference = node.value.get("$ref") if is_object(node.value) else None
    return _name_component(reference) if isinstance(reference, str) else ""


def _name_component(reference: str) -> str:
    last = reference.rpartition("/")[2]
    return json_pointer.split("/" + json_pointer.parse_reference(last))[0]


def _list_values(view: View, name: str, views: SchemaViews) -> frozenset[str]:
    nodes = [node.get(name) for node in view.keywords.get("properties", ())]
    parts = tuple(node for node in nodes if node)
    values = views.build(Schema(parts)).list_values() if parts else None
    return frozenset(value for value, _ in (values or {}).values() if isinstance(value, str))


def compare_selections(
    pair: Pair,
    old: DiscriminatorTags | None,
    new: DiscriminatorTags | None,
    partners: Mapping[int, int],
) -> Iterator[SchemaDifference]:
    """Yield the changed tags; `partners` maps old alternatives to new ones."""
    if old is None or new is None:
        if new is not None:
            message = "a discriminator was added"
            yield pair.note("discriminator.added", message, new=new.location)
        elif old is not None:
            message = "the discriminator was removed"
            yield pair.note("discriminator.changed", message, old=old.location)
        return
    nodes = {"old": old.location, "new": new.location}
    if old.property != new.property:
        message = f"the discriminator was {old.property!r} and is now {new.property!r}"
        yield pair.note("discriminator.changed", message, **nodes)
    for before, after in partners.items():
        if before in old.fixed_alternatives and after in new.fixed_alternatives:
            continue  # told of as values of the field
        for tag in sorted(old.tags[before] - new.tags[after]):
            message = f"the value {tag!r} no longer selects this alternative"
            yield pair.note("discriminator.changed", message, **nodes, before=tag)
        for tag in sorted(new.tags[after] - old.tags[before]):
            message = f"the value {tag!r} now selects an alternative"
            yield pair.note("discriminator.added", message, **nodes, after=tag)
