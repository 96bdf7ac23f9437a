"""A pointer into a value leads to the schema of that position."""

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
PROPERTIES = f"{SCHEMAS}/Order/allOf/1/properties"


@pytest.mark.parametrize(
    ("schema", "value", "expected_pointer"),
    [
        (PAGE, "", PAGE),
        (PAGE, "/orders", f"{PAGE}/properties/orders"),
        (PAGE, "/orders/7", f"{PAGE}/properties/orders/items"),
        (PAGE, "/orders/7/id", f"{PROPERTIES}/id"),
        (PAGE, "/orders/7/note", f"{SCHEMAS}/NewOrder/properties/note"),
        (PAGE, "/orders/0/parts/1/parts/2/made", f"{PROPERTIES}/made"),
        (PAGE, "/orders/0/extra/anything", f"{PROPERTIES}/extra/additionalProperties"),
        (PAGE, "/page/next", f"{PAGE}/properties/page/properties/next"),
        (PAGE, "/page/last", None),
        (PAGE, "/orders/first", None),
        (PAGE, "/orders/0/id/more", None),
        (f"{SCHEMAS}/Nothing", "", None),
    ],
)
def test_schema_at_follows_references_and_parts(
    schema: str, value: str, expected_pointer: str | None
) -> None:
    """The walk follows properties, items, additionalProperties, `$ref` and allOf, and ends."""
    assert find_schema_at(SHOP, schema, value) == expected_pointer


def test_types_and_choices_include_those_of_references() -> None:
    """Types and choices include those of all schemas that a schema refers to."""
    assert list_types(SHOP, f"{PROPERTIES}/state") == {"string", "null"}
    assert set(list_choices(SHOP, f"{PROPERTIES}/state") or ()) == {"NEW", "PAID", "SENT", None}
    assert list_choices(SHOP, f"{PROPERTIES}/id") is None
    assert list_types(SHOP, f"{SCHEMAS}/Order") == {"object"}


def test_each_pointer_of_the_walk_leads_to_its_node() -> None:
    """Each pointer of the walk leads to its node, and maps of names are not clauses."""
    all_nodes, clauses = dict(iterate_nodes(SHOP.document)), dict(select_clauses(SHOP.document))
    assert all(
        json_pointer.follow(SHOP.document, pointer) is node for pointer, node in all_nodes.items()
    )
    assert set(clauses) < set(all_nodes)
    assert f"{SCHEMAS}/Order" in clauses
    assert SCHEMAS in set(all_nodes) - set(clauses)
    assert not any("/value/" in pointer + "/" for pointer in all_nodes)


@pytest.mark.parametrize("width", [9, 40, 2_000])
def test_the_outer_levels_of_a_wide_schema_are_listed(width: int) -> None:
    """Of a wide schema, complete outer levels are listed up to a limit, and at least the fields."""
    leaf = {"type": "object", "properties": {f"c{n}": {"type": "string"} for n in range(width)}}
    middle = {"type": "object", "properties": {f"b{n}": leaf for n in range(width)}}
    schema = {"type": "object", "properties": {f"a{n}": middle for n in range(width)}}
    document = {**SHOP.document, "components": {"schemas": {"Wide": schema}}}
    paths = list_value_paths(attrs.evolve(SHOP, document=document), f"{SCHEMAS}/Wide")
    count = {9: 1 + 9 + 81 + 729, 40: 1 + 40, 2_000: 1 + MOST_PATHS}[width]
    assert len({path.path for path in paths}) == len(paths) == count
    assert [path.name for path in paths[:2]] == ["", "a0"]


def test_the_outer_levels_of_a_long_chain_are_listed() -> None:
    """Of a long chain of schemas, only the outer levels are listed."""
    chain: dict[str, Any] = {
        f"S{n}": {"type": "object", "properties": {"next": {"$ref": f"#{SCHEMAS}/S{n + 1}"}}}
        for n in range(100)
    }
    document = {**SHOP.document, "components": {"schemas": {**chain, "S100": {"type": "null"}}}}
    paths = list_value_paths(attrs.evolve(SHOP, document=document), f"{SCHEMAS}/S0")
    assert [len(path.path) for path in paths] == list(range(26))
