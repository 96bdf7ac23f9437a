"""A discriminator selects one alternative, by its mapping or by the names of schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftline.spec import Spec, load
from driftline.spec.discriminator import discriminator

DOCUMENT = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths: {}
components:
  schemas:
    Cat: {type: object, properties: {kind: {type: string}}}
    Dog: {type: object, properties: {kind: {type: string}}}
    Pet:
      oneOf:
        - $ref: "#/components/schemas/Cat"
        - $ref: "#/components/schemas/Dog"
        - type: object
          properties: {kind: {enum: [fish, eel]}}
      discriminator: {propertyName: kind, mapping: {cat: Cat}}
    Vehicle: {type: object, discriminator: {propertyName: type}}
    Car: {allOf: [{$ref: "#/components/schemas/Vehicle"}, {type: object}]}
    Owned: {$ref: "#/components/schemas/Pet"}
    Plain: {oneOf: [{type: string}]}
"""


@pytest.fixture
def zoo(tmp_path: Path) -> Spec:
    """Choices of several forms."""
    path = tmp_path / "zoo.yaml"
    path.write_text(DOCUMENT)
    return load(path)


def test_alternatives_are_selected_by_mapping_name_or_value(zoo: Spec) -> None:
    """A mapped schema is not selected by its name as well."""
    found = discriminator(zoo, "/components/schemas/Owned")
    assert found is not None
    pet = "/components/schemas/Pet"
    assert found.pointer == pet
    assert found.branches == {
        "cat": "/components/schemas/Cat",
        "Dog": "/components/schemas/Dog",
        "fish": f"{pet}/oneOf/2",
        "eel": f"{pet}/oneOf/2",
    }
    assert found.explicit == {"cat"}
    assert found.select({"kind": "cat"}) == "/components/schemas/Cat"
    assert found.select({"kind": "Cat"}) is None
    assert found.select({"kind": 3}) is None
    assert found.select(None) is None


def test_a_base_selects_what_extends_it(zoo: Spec) -> None:
    """Without a choice, the schemas that are all of it are the alternatives."""
    found = discriminator(zoo, "/components/schemas/Vehicle")
    assert found is not None
    assert found.select({"type": "Car"}) == "/components/schemas/Car"
    assert found.select({"type": "Vehicle"}) == "/components/schemas/Vehicle"


def test_a_schema_without_one_has_none(zoo: Spec) -> None:
    """Nor has what is not a schema at all."""
    assert discriminator(zoo, "/components/schemas/Plain") is None
    assert discriminator(zoo, "/components/schemas/Nobody") is None
