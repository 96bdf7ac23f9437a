"""From a pointer into a value to the schema that is about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.openapi import load, pointer as json_pointer
from driftline.openapi.schema.walk import (
    find_schema_at,
    iterate_nodes,
    list_choices,
    list_types,
    select_clauses,
)
from driftline.openapi.value_paths import MOST_PATHS, list_value_paths

SHOP = load(Path(__file__).with_name("shop.yaml"))
SCHEMAS = "/components/schemas"
PAGE = f"{SCHEMAS}/OrderList"
OWN = f"{SCHEMAS}/Order/allOf/1/properties"


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        (PAGE, "", PAGE),
        (PAGE, "/orders", f"{PAGE}/properties/orders"),
        (PAGE, "/orders/7", f"{PAGE}/properties/orders/items"),
        (PAGE, "/orders/7/id", f"{OWN}/id"),
        (PAGE, "/orders/7/note", f"{SCHEMAS}/NewOrder/properties/note"),
        (PAGE, "/orders/0/parts/1/parts/2/made", f"{OWN}/made"),
        (PAGE, "/orders/0/extra/anything", f"{OWN}/extra/additionalProperties"),
        (PAGE, "/page/next", f"{PAGE}/properties/page/properties/next"),
        (PAGE, "/page/last", None),
        (PAGE, "/orders/first", None),
        (PAGE, "/orders/0/id/more", None),
        (f"{SCHEMAS}/Nothing", "", None),
    ],
)
def test_schema_at(schema: str, value: str, found: str | None) -> None:
    """The walk follows properties, items, additionalProperties, `$ref` and allOf, and ends."""
    assert find_schema_at(SHOP, schema, value) == found


def test_types_and_choices() -> None:
    """Types and choices are those of the schema and of all that it refers to."""
    assert list_types(SHOP, f"{OWN}/state") == {"string", "null"}
    assert set(list_choices(SHOP, f"{OWN}/state") or ()) == {"NEW", "PAID", "SENT", None}
    assert list_choices(SHOP, f"{OWN}/id") is None
    assert list_types(SHOP, f"{SCHEMAS}/Order") == {"object"}


def test_every_clause_is_where_it_says() -> None:
    """Each pointer of the walk names the node that comes with it; names alone are no clauses."""
    everything, words = dict(iterate_nodes(SHOP.document)), dict(select_clauses(SHOP.document))
    assert all(json_pointer.follow(SHOP.document, at) is node for at, node in everything.items())
    assert set(words) < set(everything)
    assert f"{SCHEMAS}/Order" in words
    assert SCHEMAS in set(everything) - set(words)
    assert not any("/value/" in pointer + "/" for pointer in everything)


@pytest.mark.parametrize("width", [9, 40, 2_000])
def test_of_a_wide_schema_the_outer_parts_are_listed(width: int) -> None:
    """As many levels as there is room for, each of them whole; at least the fields."""
    leaf = {"type": "object", "properties": {f"c{n}": {"type": "string"} for n in range(width)}}
    middle = {"type": "object", "properties": {f"b{n}": leaf for n in range(width)}}
    schema = {"type": "object", "properties": {f"a{n}": middle for n in range(width)}}
    document = {**SHOP.document, "components": {"schemas": {"Wide": schema}}}
    paths = list_value_paths(attrs.evolve(SHOP, document=document), f"{SCHEMAS}/Wide")
    count = {9: 1 + 9 + 81 + 729, 40: 1 + 40, 2_000: 1 + MOST_PATHS}[width]
    assert len({each.path for each in paths}) == len(paths) == count
    assert [each.name for each in paths[:2]] == ["", "a0"]


def test_of_a_long_chain_of_schemas_the_outer_parts_are_listed() -> None:
    """Thousands of schemas, each with a field of the next one, are a path of thousands of steps."""
    chain: dict[str, Any] = {
        f"S{n}": {"type": "object", "properties": {"next": {"$ref": f"#{SCHEMAS}/S{n + 1}"}}}
        for n in range(100)
    }
    document = {**SHOP.document, "components": {"schemas": {**chain, "S100": {"type": "null"}}}}
    paths = list_value_paths(attrs.evolve(SHOP, document=document), f"{SCHEMAS}/S0")
    assert [len(each.path) for each in paths] == list(range(26))
