"""Makes objects: the members that are present, their names and values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from driftline.mock.fake.merged import MAX_DEPTH, Unfakeable, ValueContext
from driftline.openapi import MOST_SIZE, is_object, make_matching

if TYPE_CHECKING:
    from driftline.mock.fake.maker import Maker
    from driftline.mock.fake.merged import MergedSchema

_OPTIONAL = (False, True, True, True)
_SPARE = ("first", "second", "third", "fourth")


def make_object(maker: Maker, merged: MergedSchema, context: ValueContext) -> dict[str, Any]:
    """Return an object; an optional member that cannot be made is omitted.

    Raises:
        Unfakeable: a required member cannot be made.
    """
    if merged.find_least("minProperties") > MOST_SIZE:
        raise Unfakeable(merged.key, "too costly to generate: its objects have too many members")
    names = _choose_names(maker, merged, context)
    result: dict[str, Any] = {}
    for name, is_required in names.items():
        try:
            result[name] = _make_member(maker, merged, context.enter(name, len(names)))
        except Unfakeable:
            if is_required:
                raise
    _fill(maker, merged, result, context)
    return result


def _make_member(maker: Maker, merged: MergedSchema, context: ValueContext) -> Any:
    """Return a member: a value of its schemas, or the tag of the branch."""
    name, tags = context.name, {**dict(merged.own_tags), **dict(merged.tags)}
    pointers = merged.properties.get(name) or merged.find_member(name)
    if name not in tags:
        return maker.make(pointers, context)
    values = maker.merger.merge(pointers).values
    fitting = [tag for tag in tags[name] if values is None or tag in values]
    if not fitting:
        raise Unfakeable(merged.key, f"{name} does not allow the tag of its discriminator")
    return maker.turn(fitting, f"{merged.key}/tag/{name}")


def _choose_names(maker: Maker, merged: MergedSchema, context: ValueContext) -> dict[str, bool]:
    """Return the names of members in document order, and whether each is required."""
    hidden = maker.merger.is_hidden
    required = {name for name in merged.required if not hidden(merged.find_member(name))}
    property_names = [
        name
        for name, pointers in merged.properties.items()
        if name in required or not (name in merged.forbidden or hidden(pointers))
    ]
    # Deep values stay small even if all optional parts are requested: they may be infinite.
    is_full = maker.is_full and not context.is_lean
    present = {name for name in property_names if name in required or is_full}
    for name in property_names if not (context.is_lean or is_full) else ():
        if name not in required and maker.turn(_OPTIONAL, f"{merged.key}/?/{name}"):
            present.add(name)
    minimum = merged.find_least("minProperties")
    for name in property_names if minimum else ():  # as many as there have to be
        if len(present | required) < minimum:
            present.add(name)
    _add_dependents(merged, present, required)
    maximum = merged.find_most("maxProperties")
    if maximum is not None:
        optional = [name for name in property_names if name in present - required]
        present -= set(optional[max(0, maximum - len(required)) :])
    extra_names = [
        name for name in merged.required if name in required and name not in property_names
    ]
    extra_names += sorted(required - {*property_names, *extra_names})
    chosen_names = [name for name in property_names if name in present]
    return {name: name in required for name in [*chosen_names, *extra_names]}


def _add_dependents(merged: MergedSchema, present: set[str], required: set[str]) -> None:
    """Add the members that are required because another one is present."""
    rules = [rule for rule in merged.list_values("dependentRequired") if is_object(rule)]
    pending = [*sorted(present), *sorted(required)] if rules else []
    while pending:
        name = pending.pop()
        for dependent in (member for rule in rules for member in rule.get(name, ())):
            if dependent not in required:
                required.add(dependent)
                present.add(dependent)
                pending.append(dependent)


def _fill(
    maker: Maker, merged: MergedSchema, result: dict[str, Any], context: ValueContext
) -> None:
    """Add undocumented members, if they are required or allowed."""
    is_map = any(is_object(maker.merger.spec.get_node(pointer)) for pointer in merged.additional)
    is_closed = any(maker.merger.spec.get_node(pointer) is False for pointer in merged.additional)
    has_rules = bool(merged.list_values("patternProperties") or merged.list_values("propertyNames"))
    minimum, maximum = merged.find_least("minProperties"), merged.find_most("maxProperties")
    target_count = minimum
    if not result and not context.is_lean and not merged.properties:
        target_count = max(minimum, 2 if is_map or has_rules or merged.additional else 0)
    target_count = target_count if maximum is None else min(target_count, maximum)
    if len(result) >= target_count or (is_closed and not merged.list_values("patternProperties")):
        return
    if not (is_map or has_rules or minimum):
        result |= {"customerId": f"cust_{maker.random.randrange(1000):03d}", "priority": "high"}
        return
    for name in _make_spare_names(maker, merged, target_count):
        if len(result) >= target_count:
            return
        if name in result or name in merged.forbidden:
            continue
        try:
            result[name] = maker.make(merged.find_member(name), context.enter(name, target_count))
        except Unfakeable:
            if len(result) < minimum:
                raise
            return


def _make_spare_names(maker: Maker, merged: MergedSchema, count: int) -> Iterator[str]:
    """Yield names for undocumented members."""
    rules = tuple(
        f"{pointer}/propertyNames" for pointer, node in merged.nodes if "propertyNames" in node
    )
    if rules:
        values = maker.merger.merge(rules).values
        if values is not None:
            yield from (str(value) for value in values)
            return
        context = ValueContext("key", MAX_DEPTH, is_lean=True)
        yield from (str(maker.make(rules, context)) for _ in range(count * 3))
    for patterns in merged.list_values("patternProperties"):
        for pattern in patterns if is_object(patterns) else ():
            yield from list(make_matching(pattern, maker.random))[: max(2, count)]
    yield from _SPARE
    yield from (f"member{number}" for number in range(count))
