"""Discriminators, and alternatives that cover or overlap one another."""

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
    """A document whose body is one of two named schemas."""
    rule = {"propertyName": "kind", **discriminator}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schemas = dict(zip(names, (CARD, BANK), strict=True))
    return make({"oneOf": references, "discriminator": rule}, components={"schemas": schemas})


@FOR_BOTH_DIRECTIONS
@pytest.mark.parametrize("prefix", ["", "#/components/schemas/"])
def test_a_mapping_that_says_what_is_implicit_is_nothing(make: Make, prefix: str) -> None:
    """By names or by references, written out or removed."""
    mapping = {name: f"{prefix}{name}" for name in ("Card", "Bank")}
    assert changes(build_payment(make), build_payment(make, mapping=mapping)) == []
    assert changes(build_payment(make, mapping=mapping), build_payment(make)) == []


@FOR_BOTH_DIRECTIONS
def test_a_renamed_component_is_another_tag(make: Make) -> None:
    """Only where its name is the tag: a mapping keeps it."""
    new_names = ("CreditCard", "Bank")
    change_ids = list_change_ids(build_payment(make), build_payment(make, new_names))
    assert f"{'request' if make is as_body else 'response'}.discriminator.changed" in change_ids
    old = build_payment(make, mapping={"card": "#/components/schemas/Card"})
    new = build_payment(make, new_names, mapping={"card": "#/components/schemas/CreditCard"})
    assert changes(old, new) == []


@FOR_BOTH_DIRECTIONS
def test_a_mapping_in_place_of_names_breaks(make: Make) -> None:
    """The old tag selects nothing any more."""
    old, new = build_payment(make), build_payment(make, mapping={"card": "Card"})
    (change,) = [change for change in changes(old, new) if change.severity == "breaking"]
    assert change.id.endswith(".discriminator.changed")
    assert "'Card'" in change.message


@FOR_BOTH_DIRECTIONS
def test_property_and_mapping_may_change_at_once(make: Make) -> None:
    """Each is a change of its own."""
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
def test_a_renamed_heir_is_another_tag(make: Make) -> None:
    """A discriminator without alternatives selects the schemas that extend its own by allOf."""
    reference = {"$ref": "#/components/schemas/Parent"}
    old, new = make(reference, **extend_parent("Cat")), make(reference, **extend_parent("Kitten"))
    assert any(name.endswith(".discriminator.changed") for name in list_change_ids(old, new))


def test_an_alternative_that_another_covers_is_missed_by_nobody() -> None:
    """`anyOf [string, uri]` and `string` allow the same; an alternative of another kind counts."""
    either = {"anyOf": [STRING, {**STRING, "format": "uri"}]}
    assert list_change_ids(as_body(either), as_body(STRING)) == {"request.alternative.covered"}
    assert list_change_ids(as_response(STRING), as_response(either)) == {
        "response.alternative.covered"
    }
    string_or_integer = {"anyOf": [STRING, {"type": "integer"}]}
    assert list_change_ids(as_body(string_or_integer), as_body(STRING)) == {
        "request.alternative.removed"
    }


def test_one_of_rejects_what_two_alternatives_accept() -> None:
    """Where both fields were required, to send both is an error from now on."""
    object_schema = {"type": "object", "properties": {"a": STRING, "b": STRING}}
    exclusive_schema = {**object_schema, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    change_ids = list_change_ids(
        as_body({**object_schema, "required": ["a", "b"]}), as_body(exclusive_schema)
    )
    assert "request.choice.narrowed" in change_ids


def test_alternatives_that_exclude_one_another_may_be_added() -> None:
    """By a field that each requires and the other has not, a constant, a tag or a type."""
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


def test_the_forms_of_two_versions_are_the_same() -> None:
    """A file of OpenAPI 3.0 is a file of 3.1, whatever words describe its content."""
    for old, new in (
        ({**STRING, "format": "byte"}, {**STRING, "contentEncoding": "base64"}),
        (
            {**STRING, "format": "binary"},
            {**STRING, "contentMediaType": "application/octet-stream"},
        ),
    ):
        assert changes({**as_body(old), "openapi": "3.0.3"}, as_body(new)) == []


def test_steps_of_several_schemas_hold_together() -> None:
    """A multiple of 2 and of 3 is a multiple of 6."""
    two_steps = {"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]}
    assert changes(as_body(two_steps), as_body({"multipleOf": 6})) == []
    assert list_change_ids(as_body(two_steps), as_body({"multipleOf": 12})) == {
        "request.bound.tightened"
    }


def test_a_field_that_another_part_rejects_is_forbidden() -> None:
    """additionalProperties of one schema in allOf knows nothing of the fields of the others."""
    closed_object = {"type": "object", "properties": {"a": STRING}, "additionalProperties": False}
    open_ = {
        "type": "object",
        "properties": {"a": STRING, "b": STRING},
        "additionalProperties": False,
    }
    closed_schema = {"allOf": [closed_object, {"properties": {"b": STRING}}]}
    assert list_change_ids(as_body(open_), as_body(closed_schema)) == {"request.rule.added"}


def test_null_beside_a_choice_within_a_choice_stays() -> None:
    """`anyOf` of null and of an `anyOf` allows null, as one list of all alternatives does."""
    null, string, number = {"type": "null"}, {"type": "string"}, {"type": "number"}
    nested_choice = {"anyOf": [{"anyOf": [string, number]}, null]}
    assert list_change_ids(as_response({"anyOf": [string, null]}), as_response(nested_choice)) == {
        "response.alternative.added"
    }
    assert (
        list_change_ids(as_response({"anyOf": [string, number, null]}), as_response(nested_choice))
        == set()
    )
