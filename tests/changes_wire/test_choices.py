"""Discriminators, and alternatives that cover or overlap each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from changes_wire.comparing import (
    STRING,
    Json,
    as_body,
    as_response,
    changes,
    list_change_ids,
)

CARD: Json = {"type": "object", "required": ["kind", "number"], "properties": {
    "kind": STRING, "number": STRING,
}}  # fmt: skip
BANK: Json = {"type": "object", "required": ["kind", "iban"], "properties": {
    "kind": STRING, "iban": STRING,
}}  # fmt: skip
Make = Callable[..., Json]
FOR_BOTH_DIRECTIONS = pytest.mark.parametrize("make", [as_body, as_response])


def build_payment(
    make: Make, names: tuple[str, str] = ("Card", "Bank"), **discriminator: Any
) -> Json:
    """Return a document whose body is one of two named schemas."""
    rule = {"propertyName": "kind", **discriminator}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schemas = dict(zip(names, (CARD, BANK), strict=True))
    return make({"oneOf": references, "discriminator": rule}, components={"schemas": schemas})


@FOR_BOTH_DIRECTIONS
@pytest.mark.parametrize("prefix", ["", "#/components/schemas/"])
def test_an_explicit_mapping_equal_to_the_implicit_is_no_change(make: Make, prefix: str) -> None:
    """Writing out or removing a mapping that equals the implicit one does not change the API."""
    mapping = {name: f"{prefix}{name}" for name in ("Card", "Bank")}
    assert changes(build_payment(make), build_payment(make, mapping=mapping)) == []
    assert changes(build_payment(make, mapping=mapping), build_payment(make)) == []


@FOR_BOTH_DIRECTIONS
def test_a_renamed_component_changes_the_discriminator_value(make: Make) -> None:
    """Renaming a component changes the discriminator value, unless a mapping keeps it."""
    new_names = ("CreditCard", "Bank")
    change_ids = list_change_ids(build_payment(make), build_payment(make, new_names))
    assert f"{'request' if make is as_body else 'response'}.discriminator.changed" in change_ids
    old = build_payment(make, mapping={"card": "#/components/schemas/Card"})
    new = build_payment(make, new_names, mapping={"card": "#/components/schemas/CreditCard"})
    assert changes(old, new) == []


@FOR_BOTH_DIRECTIONS
def test_a_mapping_that_replaces_the_implicit_name_breaks(make: Make) -> None:
    """Replacing the implicit name by a mapping breaks the old discriminator value."""
    old, new = build_payment(make), build_payment(make, mapping={"card": "Card"})
    (change,) = [change for change in changes(old, new) if change.severity == "breaking"]
    assert change.id.endswith(".discriminator.changed")
    assert "'Card'" in change.message


@FOR_BOTH_DIRECTIONS
def test_a_changed_property_and_a_removed_mapping_are_two_changes(make: Make) -> None:
    """A changed property name and a removed mapping entry are two changes."""
    old = build_payment(make, mapping={"card": "Card", "bank": "Bank"})
    new = build_payment(make, mapping={"card": "Card"}, propertyName="type")
    breaking_changes = [change for change in changes(old, new) if change.severity == "breaking"]
    assert len(breaking_changes) == 2
    assert "'kind'" in breaking_changes[0].message + breaking_changes[1].message
    assert "'bank'" in breaking_changes[0].message + breaking_changes[1].message


def extend_parent(child: str) -> dict[str, Any]:
    parent = {**CARD, "discriminator": {"propertyName": "kind"}}
    heir = {"allOf": [{"$ref": "#/components/schemas/Parent"}, {"properties": {"a": STRING}}]}
    return {"components": {"schemas": {"Parent": parent, child: heir}}}


@FOR_BOTH_DIRECTIONS
def test_a_renamed_subtype_changes_the_discriminator_value(make: Make) -> None:
    """Renaming a schema that extends the parent by `allOf` changes the discriminator value."""
    reference = {"$ref": "#/components/schemas/Parent"}
    old, new = make(reference, **extend_parent("Cat")), make(reference, **extend_parent("Kitten"))
    assert any(name.endswith(".discriminator.changed") for name in list_change_ids(old, new))


def test_an_alternative_that_another_covers_is_harmless() -> None:
    """Adding or removing an alternative that another covers is reported as covered."""
    either = {"anyOf": [STRING, {**STRING, "format": "uri"}]}
    assert list_change_ids(as_body(either), as_body(STRING)) == {"request.alternative.covered"}
    assert list_change_ids(as_response(STRING), as_response(either)) == {
        "response.alternative.covered"
    }
    string_or_integer = {"anyOf": [STRING, {"type": "integer"}]}
    assert list_change_ids(as_body(string_or_integer), as_body(STRING)) == {
        "request.alternative.removed"
    }


def test_one_of_breaks_requests_that_match_both_alternatives() -> None:
    """`oneOf` breaks requests that match both alternatives."""
    object_schema = {"type": "object", "properties": {"a": STRING, "b": STRING}}
    exclusive_schema = {**object_schema, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    change_ids = list_change_ids(
        as_body({**object_schema, "required": ["a", "b"]}), as_body(exclusive_schema)
    )
    assert "request.choice.narrowed" in change_ids


def test_an_added_exclusive_alternative_is_an_addition() -> None:
    """An exclusive alternative, by required field, constant or type, is only an addition."""
    wallet = {"type": "object", "required": ["wallet"], "properties": {"wallet": STRING}}
    for old, addition in (
        ([CARD, BANK], wallet),
        ([STRING], {"type": "integer"}),
        ([{**STRING, "format": "uuid"}], {**STRING, "format": "date"}),
        ([{"properties": {"t": {"const": 1}}}], {"properties": {"t": {"const": 2}}}),
    ):
        alternatives = [
            {"type": "object", **alternative} if "properties" in alternative else alternative
            for alternative in old
        ]
        extra = {"type": "object", **addition} if "properties" in addition else addition
        before, after = (
            as_body({"oneOf": [*alternatives]}),
            as_body({"oneOf": [*alternatives, extra]}),
        )
        assert list_change_ids(before, after) == {"request.alternative.added"}


def test_a_file_in_3_0_notation_equals_one_in_3_1_notation() -> None:
    """A file in OpenAPI 3.0 notation equals one in 3.1 notation."""
    for old, new in (
        ({**STRING, "format": "byte"}, {**STRING, "contentEncoding": "base64"}),
        (
            {**STRING, "format": "binary"},
            {**STRING, "contentMediaType": "application/octet-stream"},
        ),
    ):
        assert changes({**as_body(old), "openapi": "3.0.3"}, as_body(new)) == []


def test_several_multiple_of_combine_to_their_least_multiple() -> None:
    """Several `multipleOf` combine to their least common multiple."""
    two_steps = {"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]}
    assert changes(as_body(two_steps), as_body({"multipleOf": 6})) == []
    assert list_change_ids(as_body(two_steps), as_body({"multipleOf": 12})) == {
        "request.bound.tightened"
    }


def test_a_closed_part_forbids_the_fields_of_other_parts() -> None:
    """`additionalProperties` in one part of `allOf` forbids the fields of the other parts."""
    closed_object = {"type": "object", "properties": {"a": STRING}, "additionalProperties": False}
    open_ = {
        "type": "object",
        "properties": {"a": STRING, "b": STRING},
        "additionalProperties": False,
    }
    closed_schema = {"allOf": [closed_object, {"properties": {"b": STRING}}]}
    assert list_change_ids(as_body(open_), as_body(closed_schema)) == {"request.rule.added"}


def test_a_nested_any_of_with_null_equals_the_flat_list() -> None:
    """A nested `anyOf` with null equals the flat list of alternatives."""
    null, string, number = {"type": "null"}, {"type": "string"}, {"type": "number"}
    nested_choice = {"anyOf": [{"anyOf": [string, number]}, null]}
    assert list_change_ids(as_response({"anyOf": [string, null]}), as_response(nested_choice)) == {
        "response.alternative.added"
    }
    assert (
        list_change_ids(as_response({"anyOf": [string, number, null]}), as_response(nested_choice))
        == set()
    )
