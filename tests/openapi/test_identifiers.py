"""References are resolved by the identifiers of JSON Schema 2020-12."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from driftline.openapi import load
from driftline.openapi.read.identifiers import resolve_identifiers


def _find_target(base: str, reference: str, **members: Any) -> str:
    """Return the resolved form of a reference within the schema `Order`, whose `$id` is `base`."""
    order: dict[str, Any] = {
        "properties": {"part": {"$ref": reference}},
        "$defs": {"Part": {"$anchor": "part", "type": "object"}, "100%": {"type": "string"}},
    }
    order |= {"$id": base} if base else {}
    item = {"$id": "https://shop.example/schemas/item", "$defs": {"Code": {"$anchor": "code"}}}
    components = {"schemas": {"Order": order, "Item": item, "Plain": {"type": "string"}}}
    document = {"openapi": "3.1.0", **members, "components": components}
    resolve_identifiers(document)
    return str(order["properties"]["part"]["$ref"])


def test_a_reference_below_an_id_is_relative_to_it() -> None:
    """A reference below an `$id` is relative to it: another id, an anchor, or a pointer."""
    base = "https://shop.example/schemas/order"
    item = "#/components/schemas/Item"
    assert _find_target(base, "item") == item
    assert _find_target(base, "/schemas/item#code") == item + "/$defs/Code"
    assert _find_target("", "https://shop.example/schemas/item") == item
    assert _find_target(base, "#") == "#/components/schemas/Order"
    assert _find_target(base, "#part") == "#/components/schemas/Order/$defs/Part"
    assert _find_target(base, "#/$defs/100%25") == "#/components/schemas/Order/$defs/100%25"


def test_a_reference_that_no_id_resolves_is_unchanged() -> None:
    """A reference that no `$id` resolves is unchanged."""
    base = "https://shop.example/schemas/order"
    for reference in ("#/components/schemas/Plain", "Plain", "other.yaml#/A", "#none"):
        assert _find_target(base, reference) == reference


def test_self_is_the_base_of_a_document() -> None:
    """With `$self` of OpenAPI 3.2, a document can refer to itself by its own URI."""
    self_url = "https://shop.example/api/openapi.yaml"
    reference = self_url + "#/components/schemas/Plain"
    assert _find_target("", reference, **{"$self": self_url}) == "#/components/schemas/Plain"
    assert _find_target("", "../schemas/item", **{"$self": self_url}) == "#/components/schemas/Item"


def test_an_id_in_an_example_is_not_a_base() -> None:
    """`$id` below `example`, or as the name of a property, is not a base."""
    part = {"$ref": "#/components/schemas/Plain"}
    order = {"properties": {"$id": {"type": "string"}, "part": part}, "example": {"$id": "a"}}
    schemas = {"Order": order, "Plain": {"$id": "https://shop.example/plain"}}
    resolve_identifiers({"openapi": "3.1.0", "components": {"schemas": schemas}})
    assert part == {"$ref": "#/components/schemas/Plain"}


def test_an_overlay_of_a_document_with_ids_has_no_problem(tmp_path: Path) -> None:
    """An overlay of a document with `$id` has no problem, since identifiers are resolved first."""
    (tmp_path / "base.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\nservers: [{url: https://shop.example}]\n"
        "paths:\n  /a:\n    get:\n      operationId: a.get\n      responses:\n"
        "        '200':\n          description: found\n          content:\n"
        "            application/json: {schema: {$ref: 'https://shop.example/a'}}\n"
        "components: {schemas: {A: {$id: 'https://shop.example/a', type: object}}}\n"
    )
    (tmp_path / "shop.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: Shop, version: '1'}\nextends: base.yaml\n"
        "actions: [{target: $.info, update: {title: Mine}}]\n"
    )
    assert load(tmp_path / "shop.yaml").problems == ()
