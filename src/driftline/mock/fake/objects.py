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


def make_object(maker: Maker, merged: MergedSchema, spot: ValueContext) -> dict[str, Any]:
    """Return an object; an optional member that cannot be made is omitted.

    Raises:
        Unfakeable: a required member cannot be made.
    """
    if merged.find_least("minProperties") > MOST_SIZE:
        raise Unfakeable(merged.key, "too costly to fake: its objects have too many members")
    names = _choose_names(maker, merged, spot)
    result: dict[str, Any] = {}
    for name, is_required in names.items():
        try:
            result[name] = _make_member(maker, merged, spot.enter(name, len(names)))
        except Unfakeable:
            if is_required:
                raise
    _fill(maker, merged, result, spot)
    return result


def _make_member(maker: Maker, merged: MergedSchema, spot: ValueContext) -> Any:
    """Return a member: a value of its schemas, or the tag of the chosen branch."""
    name, tags = spot.name, dict(merged.tags)
    places = merged.properties.get(name) or merged.find_member(name)
    if name not in tags:
        return maker.make(places, spot)
    values = maker.merger.merge(places).values
    fitting = [tag for tag in tags[name] if values is None or tag in values]
    if not fitting:
        raise Unfakeable(merged.key, f"{name} does not allow the tag of its discriminator")
    return maker.turn(fitting, f"{merged.key}/tag/{name}")


def _choose_names(maker: Maker, merged: MergedSchema, spot: ValueContext) -> dict[str, bool]:
    """Return the names of members in document order, and whether each is required."""
    hidden = maker.merger.is_hidden
    required = {name for name in merged.required if not hidden(merged.find_member(name))}
    described = [
        name
        for name, places in merged.properties.items()
        if name in required or not (name in merged.forbidden or hidden(places))
    ]
    # Deep values stay small even if all optional parts are requested: they may be infinite.
    is_full = maker.is_full and not spot.is_lean
    present = {name for name in described if name in required or is_full}
    for name in described if not (spot.is_lean or is_full) else ():
        if name not in required and maker.turn(_OPTIONAL, f"{merged.key}/?/{name}"):
            present.add(name)
    least = merged.find_least("minProperties")
    for name in described if least else ():  # as many as there have to be
        if len(present | required) < least:
            present.add(name)
    _add_dependents(merged, present, required)
    most = merged.find_most("maxProperties")
    if most is not None:
        optional = [name for name in described if name in present - required]
        present -= set(optional[max(0, most - len(required)) :])
    others = [name for name in merged.required if name in required and name not in described]
    others += sorted(required - {*described, *others})
    kept = [name for name in described if name in present]
    return {name: name in required for name in [*kept, *others]}


def _add_dependents(merged: MergedSchema, present: set[str], required: set[str]) -> None:
    """Add the members that are required because another one is present."""
    rules = [each for each in merged.list_values("dependentRequired") if is_object(each)]
    waiting = [*sorted(present), *sorted(required)] if rules else []
    while waiting:
        name = waiting.pop()
        for other in (each for rule in rules for each in rule.get(name, ())):
            if other not in required:
                required.add(other)
                present.add(other)
                waiting.append(other)


def _fill(maker: Maker, merged: MergedSchema, result: dict[str, Any], spot: ValueContext) -> None:
    """Add undocumented members, if they are required or allowed."""
    is_map = any(is_object(maker.merger.spec.get_node(place)) for place in merged.additional)
    is_closed = any(maker.merger.spec.get_node(place) is False for place in merged.additional)
    has_rules = bool(merged.list_values("patternProperties") or merged.list_values("propertyNames"))
    least, most = merged.find_least("minProperties"), merged.find_most("maxProperties")
    wanted = least
    if not result and not spot.is_lean and not merged.properties:
        wanted = max(least, 2 if is_map or has_rules or merged.additional else 0)
    wanted = wanted if most is None else min(wanted, most)
    if len(result) >= wanted or (is_closed and not merged.list_values("patternProperties")):
        return
    if not (is_map or has_rules or least):
        result |= {"customerId": f"cust_{maker.random.randrange(1000):03d}", "priority": "high"}
        return
    for name in _make_spare_names(maker, merged, wanted):
        if len(result) >= wanted:
            return
        if name in result or name in merged.forbidden:
            continue
        try:
            result[name] = maker.make(merged.find_member(name), spot.enter(name, wanted))
        except Unfakeable:
            if len(result) < least:
                raise
            return


def _make_spare_names(maker: Maker, merged: MergedSchema, wanted: int) -> Iterator[str]:
    """Yield names for undocumented members."""
    rules = tuple(
        f"{place}/propertyNames" for place, node in merged.nodes if "propertyNames" in node
    )
    if rules:
        values = maker.merger.merge(rules).values
        if values is not None:
            yield from (str(each) for each in values)
            return
        spot = ValueContext("key", MAX_DEPTH, is_lean=True)
        yield from (str(maker.make(rules, spot)) for _ in range(wanted * 3))
    for patterns in merged.list_values("patternProperties"):
        for pattern in patterns if is_object(patterns) else ():
            yield from list(make_matching(pattern, maker.random))[: max(2, wanted)]
    yield from _SPARE
    yield from (f"member{number}" for number in range(wanted))
