"""Discriminators, and alternatives that cover or overlap one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from changes_wire.comparing import (
    Json,
    as_body,
    as_response,
    changes,
    ids,
)

TEXT: Json = {"type": "string"}
CARD: Json = {"type": "object", "required": ["kind", "number"], "properties": {
    "kind": TEXT, "number": TEXT,
}}  # fmt: skip
BANK: Json = {"type": "object", "required": ["kind", "iban"], "properties": {
    "kind": TEXT, "iban": TEXT,
}}  # fmt: skip
Make = Callable[..., Json]
BOTH = pytest.mark.parametrize("make", [as_body, as_response])


def payment(make: Make, names: tuple[str, str] = ("Card", "Bank"), **discriminator: Any) -> Json:
    """A document whose body is one of two named schemas."""
    rule = {"propertyName": "kind", **discriminator}
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schemas = dict(zip(names, (CARD, BANK), strict=True))
    return make({"oneOf": references, "discriminator": rule}, components={"schemas": schemas})


@BOTH
@pytest.mark.parametrize("prefix", ["", "#/components/schemas/"])
def test_a_mapping_that_says_what_is_implicit_is_nothing(make: Make, prefix: str) -> None:
    """By names or by references, written out or removed."""
    mapping = {name: f"{prefix}{name}" for name in ("Card", "Bank")}
    assert changes(payment(make), payment(make, mapping=mapping)) == []
    assert changes(payment(make, mapping=mapping), payment(make)) == []


@BOTH
def test_a_renamed_component_is_another_tag(make: Make) -> None:
    """Only where its name is the tag: a mapping keeps it."""
    renamed = ("CreditCard", "Bank")
    found = ids(payment(make), payment(make, renamed))
    assert f"{'request' if make is as_body else 'response'}.discriminator.changed" in found
    old = payment(make, mapping={"card": "#/components/schemas/Card"})
    new = payment(make, renamed, mapping={"card": "#/components/schemas/CreditCard"})
    assert changes(old, new) == []


@BOTH
def test_a_mapping_in_place_of_names_breaks(make: Make) -> None:
    """The old tag selects nothing any more."""
    old, new = payment(make), payment(make, mapping={"card": "Card"})
    (change,) = [each for each in changes(old, new) if each.severity == "breaking"]
    assert change.id.endswith(".discriminator.changed")
    assert "'Card'" in change.message


@BOTH
def test_property_and_mapping_may_change_at_once(make: Make) -> None:
    """Each is a change of its own."""
    old = payment(make, mapping={"card": "Card", "bank": "Bank"})
    new = payment(make, mapping={"card": "Card"}, propertyName="type")
    found = [change for change in changes(old, new) if change.severity == "breaking"]
    assert len(found) == 2
    assert "'kind'" in found[0].message + found[1].message
    assert "'bank'" in found[0].message + found[1].message


def extend_parent(child: str) -> dict[str, Any]:
    parent = {**CARD, "discriminator": {"propertyName": "kind"}}
    heir = {"allOf": [{"$ref": "#/components/schemas/Parent"}, {"properties": {"a": TEXT}}]}
    return {"components": {"schemas": {"Parent": parent, child: heir}}}


@BOTH
def test_a_renamed_heir_is_another_tag(make: Make) -> None:
    """A discriminator without alternatives selects the schemas that extend its own by allOf."""
    reference = {"$ref": "#/components/schemas/Parent"}
    old, new = make(reference, **extend_parent("Cat")), make(reference, **extend_parent("Kitten"))
    assert any(name.endswith(".discriminator.changed") for name in ids(old, new))


def test_an_alternative_that_another_covers_is_missed_by_nobody() -> None:
    """`anyOf [string, uri]` and `string` allow the same; an alternative of another kind counts."""
    either = {"anyOf": [TEXT, {**TEXT, "format": "uri"}]}
    assert ids(as_body(either), as_body(TEXT)) == {"request.alternative.covered"}
    assert ids(as_response(TEXT), as_response(either)) == {"response.alternative.covered"}
    other = {"anyOf": [TEXT, {"type": "integer"}]}
    assert ids(as_body(other), as_body(TEXT)) == {"request.alternative.removed"}


def test_one_of_rejects_what_two_alternatives_accept() -> None:
    """Where both fields were required, to send both is an error from now on."""
    both = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
    single = {**both, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    found = ids(as_body({**both, "required": ["a", "b"]}), as_body(single))
    assert "request.choice.narrowed" in found


def test_alternatives_that_exclude_one_another_may_be_added() -> None:
    """By a field that each requires and the other has not, a constant, a tag or a type."""
    wallet = {"type": "object", "required": ["wallet"], "properties": {"wallet": TEXT}}
    for old, added in (
        ([CARD, BANK], wallet),
        ([TEXT], {"type": "integer"}),
        ([{**TEXT, "format": "uuid"}], {**TEXT, "format": "date"}),
        ([{"properties": {"t": {"const": 1}}}], {"properties": {"t": {"const": 2}}}),
    ):
        listed = [{"type": "object", **each} if "properties" in each else each for each in old]
        extra = {"type": "object", **added} if "properties" in added else added
        before, after = (
            as_body({"oneOf": [*listed]}),
            as_body({"oneOf": [*listed, extra]}),
        )
        assert ids(before, after) == {"request.alternative.added"}


def test_the_forms_of_two_versions_are_the_same() -> None:
    """A file of OpenAPI 3.0 is a file of 3.1, whatever words describe its content."""
    for old, new in (
        ({**TEXT, "format": "byte"}, {**TEXT, "contentEncoding": "base64"}),
        ({**TEXT, "format": "binary"}, {**TEXT, "contentMediaType": "application/octet-stream"}),
    ):
        assert changes({**as_body(old), "openapi": "3.0.3"}, as_body(new)) == []


def test_steps_of_several_schemas_hold_together() -> None:
    """A multiple of 2 and of 3 is a multiple of 6."""
    several = {"allOf": [{"multipleOf": 2}, {"multipleOf": 3}]}
    assert changes(as_body(several), as_body({"multipleOf": 6})) == []
    assert ids(as_body(several), as_body({"multipleOf": 12})) == {"request.bound.tightened"}


def test_a_field_that_another_part_rejects_is_forbidden() -> None:
    """additionalProperties of one schema in allOf knows nothing of the fields of the others."""
    one = {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False}
    open_ = {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "additionalProperties": False}
    closed = {"allOf": [one, {"properties": {"b": TEXT}}]}
    assert ids(as_body(open_), as_body(closed)) == {"request.rule.added"}


def test_null_beside_a_choice_within_a_choice_stays() -> None:
    """`anyOf` of null and of an `anyOf` allows null, as one list of all alternatives does."""
    null, text, number = {"type": "null"}, {"type": "string"}, {"type": "number"}
    nested = {"anyOf": [{"anyOf": [text, number]}, null]}
    assert ids(as_response({"anyOf": [text, null]}), as_response(nested)) == {
        "response.alternative.added"
    }
    assert ids(as_response({"anyOf": [text, number, null]}), as_response(nested)) == set()
