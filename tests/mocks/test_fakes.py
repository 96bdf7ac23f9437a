"""Generated data: valid for any satisfiable schema; an unsatisfiable one fails fast."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from driftline.errors import SpecError
from driftline.mock.fake import Maker, data
from driftline.mock.fake.data import Data
from driftline.openapi import Spec, load
from driftline.openapi.schema.validation import is_valid, list_violations, matches_exactly


def _build_reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _build_object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


STRING = {"type": "string"}
FORMATS = (
    *("date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"),
    *("json-pointer", "relative-json-pointer", "regex", "uri-template", "iri", "idn-email"),
)
PARTS: dict[str, Any] = {
    "Say": _build_object("kind", kind=STRING, text=STRING),
    "Dial": _build_object("kind", kind=STRING, to=STRING),
    "One": _build_object(a=STRING),
    "Other": _build_object(a=STRING, b=STRING),
    "Language": {"type": "string", "enum": ["de", "en", "fr"]},
    "Animal": {
        **_build_object("kind", kind=STRING),
        "discriminator": {"propertyName": "kind", "mapping": {"c": "Cat", "d": "Dog"}},
    },
    "Cat": {"allOf": [_build_reference("Animal"), _build_object("mice", mice={"type": "integer"})]},
    "Dog": {
        "allOf": [_build_reference("Animal"), _build_object("bones", bones={"type": "integer"})]
    },
}
POSSIBLE: dict[str, Any] = {
    "implicit discriminator": {
        "oneOf": [_build_reference("Say"), _build_reference("Dial")],
        "discriminator": {"propertyName": "kind"},
    },
    "explicit discriminator": {
        "oneOf": [_build_reference("Say"), _build_reference("Dial")],
        "discriminator": {"propertyName": "kind", "mapping": {"s": "Say", "d": "Dial"}},
    },
    "values of another type than the format": {"enum": ["1 (one)", "2"], "format": "int32"},
    "discriminator of a base": _build_reference("Animal"),
    "alternatives distinguished by a required field": {
        "oneOf": [_build_reference("One"), _build_object("b", b={"type": "integer"})]
    },
    "overlapping numbers": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    "required by one of two": {
        **_build_object(email=STRING, phone=STRING),
        "oneOf": [{"required": ["email"]}, {"required": ["phone"]}],
    },
    "siblings of alternatives": {
        **_build_object("id", id=STRING),
        "oneOf": [_build_object("k", k={"const": "a"}), _build_object("k", k={"const": "b"})],
    },
    "siblings of a reference": {**_build_reference("Say"), "required": ["text"]},
    "allOf within allOf": {
        "allOf": [
            {
                "allOf": [
                    _build_object("x", x={"type": "integer"}),
                    _build_object(y={"minLength": 3}),
                ]
            },
            {"properties": {"x": {"minimum": 5, "maximum": 6}}, "required": ["y", "z"]},
        ]
    },
    "allOf of a string": {"allOf": [STRING, {"maxLength": 4}]},
    "allOf that narrows": {
        "allOf": [_build_reference("Say"), {"properties": {"kind": {"enum": ["only"]}}}]
    },
    "allOf of a closed object": {
        "allOf": [
            {**_build_object("a", a=STRING), "additionalProperties": False},
            _build_object(b=STRING),
        ]
    },
    "not of values": {"type": "string", "enum": ["a", "b", "c"], "not": {"enum": ["a", "b"]}},
    "not of a member": {**_build_object("b", a={}, b={}), "not": {"required": ["a"]}},
    "if, then, else": {
        **_build_object("c z", c={"enum": ["US", "DE"]}, z=STRING),
        "if": {"properties": {"c": {"const": "US"}}},
        "then": {"properties": {"z": {"pattern": "^[0-9]{5}$"}}},
        "else": {"properties": {"z": {"pattern": "^[A-Z]{2}$"}}},
    },
    "dependents": {
        **_build_object(a=STRING, b=STRING),
        "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"b": {"required": ["c"]}},
    },
    "names from a list": {
        "type": "object",
        "propertyNames": _build_reference("Language"),
        "additionalProperties": STRING,
        "minProperties": 2,
    },
    "names from a pattern": {
        "type": "object",
        "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    "so many members": {**_build_object(a={}, b={}, c={}), "minProperties": 2},
    "unevaluated members": {
        "allOf": [_build_object(a=STRING)],
        "properties": {"b": STRING},
        "unevaluatedProperties": False,
        "minProperties": 2,
    },
    "tuple": {
        "type": "array",
        "prefixItems": [STRING, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    "different items": {
        "type": "array",
        "items": {"enum": [1, 2, 3]},
        "uniqueItems": True,
        "minItems": 3,
    },
    "items that contain": {
        "type": "array",
        "items": {"type": "integer"},
        "contains": {"minimum": 5000},
        "minContains": 2,
    },
    "multiple": {"type": "number", "multipleOf": 0.05, "exclusiveMinimum": 0, "maximum": 1},
    "two multiples": {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]},
    "between": {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    "close together": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "negative": {"type": "integer", "maximum": -5},
    "pattern and length": {
        "type": "string",
        "pattern": "^[a-z]+$",
        "minLength": 20,
        "maxLength": 20,
    },
    "two patterns": {
        "allOf": [{"type": "string", "pattern": "^[a-z0-9]+$"}, {"pattern": "[0-9]$"}]
    },
    "format and length": {"type": "string", "format": "email", "minLength": 90},
    "short format": {"type": "string", "format": "uri", "maxLength": 10},
    "null among values": {"type": ["string", "null"], "enum": ["a", None]},
    "null that the type rules out": {"type": "string", "enum": ["a", None]},
    "nullable by anyOf": {"anyOf": [{"type": "null"}, STRING]},
    "anything": True,
    "too costly, but optional": _build_object(
        a=STRING, big={"type": "string", "minLength": 2 * 10**9}
    ),
    "many combinations": {
        "type": "object",
        "allOf": [
            {"oneOf": [_build_object(f"{n}{i}", **{f"{n}{i}": {"type": "integer"}}) for n in "abc"]}
            for i in range(14)
        ],
    },
    **{f"format {name}": {"type": "string", "format": name} for name in FORMATS},
}
RECURSIVE: dict[str, Any] = {
    "Tree": _build_object(
        "kids",
        kids={"type": "array", "items": _build_reference("Tree")},
        next=_build_reference("Tree"),
    ),
    "Chain": _build_object("next", next={"anyOf": [_build_reference("Chain"), {"type": "null"}]}),
}
IMPOSSIBLE: dict[str, Any] = {
    "Endless": _build_object("next", next=_build_reference("Endless")),
    "EndlessItems": _build_object(
        "next", next={"type": "array", "minItems": 1, "items": _build_reference("EndlessItems")}
    ),
    "SelfRequired": {"allOf": [_build_reference("SelfRequired"), {"type": "object"}]},
    "Nothing": False,
    "LongString": {"type": "string", "minLength": 2 * 10**9},
    "LongArray": {"type": "array", "minItems": 10**9, "items": STRING},
    "LongArrayOfAnything": {"type": "array", "minItems": 10**9},
    "ManyMembers": {"type": "object", "minProperties": 10**9},
    "Contradiction": {"allOf": [STRING, {"type": "integer"}]},
}


COMBINING: dict[str, Any] = {
    **{f"Deep{i}": {"allOf": [_build_reference(f"Deep{i + 1}")] * 2} for i in range(30)},
    "Deep30": STRING,
    **{f"Wide{i}": {"oneOf": [_build_reference(f"Wide{i + 1}")] * 3} for i in range(14)},
    "Wide14": STRING,
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    path: Path = tmp_path_factory.mktemp("specs") / "shop.json"
    responses = {"200": {"description": "ok"}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://shop.example.com"}],
        "paths": {"/x": {"get": {"operationId": "getX", "responses": responses}}},
    }
    path.write_text(json.dumps(document))
    schemas = {**PARTS, **POSSIBLE, **RECURSIVE, **IMPOSSIBLE, **COMBINING}
    # What `lint` has to say of these schemas is not what is tried here.
    return attrs.evolve(load(path), document={**document, "components": {"schemas": schemas}})


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", [*POSSIBLE, *RECURSIVE])
def test_generated_values_are_valid_and_deterministic(spec: Spec, name: str, seed: int) -> None:
    """Generated values are valid, small, and the same for the same seed."""
    schema_pointer = f"/components/schemas/{name}"
    values = [Data(spec, seed).make_value(schema_pointer, index) for index in range(12)]
    for value in values:
        assert list_violations(spec, schema_pointer, value, "response") == []
        assert len(json.dumps(value)) < 100_000
    assert values == [Data(spec, seed).make_value(schema_pointer, index) for index in range(12)]


@pytest.mark.parametrize("name", ["implicit discriminator", "explicit discriminator"])
def test_a_discriminator_value_has_the_fields_of_its_branch(spec: Spec, name: str) -> None:
    """Both discriminator values occur, each only with the fields of its branch."""
    values = [Data(spec, 0).make_value(f"/components/schemas/{name}", index) for index in range(20)]
    for value in values:
        assert set(value) <= ({"kind", "text"} if value["kind"] in {"s", "Say"} else {"kind", "to"})
    assert len({value["kind"] for value in values}) == 2


def test_a_branch_outside_its_union_has_its_discriminator(spec: Spec) -> None:
    """A branch used outside its union still gets the one discriminator value that maps to it."""
    kind: dict[str, Any] = {"type": "string", "enum": ["call", "text", "other"]}
    call, bell = _build_object("kind", kind=kind), _build_object(kind=kind)
    union = {
        "oneOf": [_build_reference("Call"), _build_reference("Bell")],
        "discriminator": {"propertyName": "kind", "mapping": {"call": "Call", "bell": "Bell"}},
    }
    calls = {"type": "array", "minItems": 3, "items": _build_reference("Call")}
    schemas = {"Call": call, "Bell": bell, "Union": union, "Calls": calls}
    own = attrs.evolve(spec, document={**spec.document, "components": {"schemas": schemas}})

    def list_kinds(name: str) -> set[str]:
        values = [Data(own, 0).make_value(f"/components/schemas/{name}", n) for n in range(9)]
        items = [item for value in values for item in (value if name == "Calls" else [value])]
        return {item["kind"] for item in items if "kind" in item}

    assert (list_kinds("Call"), list_kinds("Calls")) == ({"call"}, {"call"})
    # Its property does not allow its tag: the others may be meant.
    assert list_kinds("Bell") == {"text", "other"}


def test_indistinguishable_alternatives_have_a_documented_form(spec: Spec) -> None:
    """For indistinguishable alternatives the value
    has a documented form, without foreign fields.
    """
    both_schema = {"oneOf": [_build_reference("One"), _build_reference("Other")]}
    schemas = {
        **PARTS,
        "Both": both_schema,
        "Items": {"type": "array", "minItems": 3, "items": both_schema},
    }
    own_spec = attrs.evolve(spec, document={**spec.document, "components": {"schemas": schemas}})
    for name in ("Both", "Items"):
        schema_pointer = f"/components/schemas/{name}"
        value = Data(own_spec, 0).make_value(schema_pointer, 0)
        assert is_valid(own_spec, schema_pointer, value)
        assert not matches_exactly(own_spec, schema_pointer, value)
        for item in value if name == "Items" else [value]:
            assert set(item) <= {"a", "b"}
            assert all(isinstance(string, str) for string in item.values())


def test_a_value_of_a_recursive_schema_is_not_deep(spec: Spec) -> None:
    """A recursive schema ends quickly even if only optional fields distinguish the alternatives."""
    tree = {
        **_build_object(child=_build_reference("Tree"), text=STRING),
        "additionalProperties": False,
    }
    closed_keywords = {"additionalProperties": False, "required": []}
    first, second = (
        _build_object(tree=_build_reference("Tree")),
        _build_object(tree=_build_reference("Tree"), more=STRING),
    )
    both_schema = {"oneOf": [{**first, **closed_keywords}, {**second, **closed_keywords}]}
    own_spec = attrs.evolve(
        spec,
        document={**spec.document, "components": {"schemas": {"Tree": tree, "Both": both_schema}}},
    )
    values = [
        Data(own_spec, 0).make_value("/components/schemas/Both", index) for index in range(20)
    ]
    assert max(json.dumps(value).count('"child"') for value in values) < 10


@pytest.mark.parametrize("name", [*IMPOSSIBLE, "Deep0", "Wide0"])
def test_an_unsatisfiable_schema_is_an_error(spec: Spec, name: str) -> None:
    """An unsatisfiable schema raises `SpecError`
    with its location, without using memory or time.
    """
    with pytest.raises(SpecError) as raised:
        Data(spec, 0).make_value(f"/components/schemas/{name}", 0)
    assert raised.value.problems[0].location.pointer.startswith("/components/schemas/")


def test_fields_of_the_other_direction_are_omitted(spec: Spec) -> None:
    """Responses omit `writeOnly` fields and requests omit `readOnly` fields, even if required."""
    user = _build_object(
        "id secret", id={**STRING, "readOnly": True}, secret={**STRING, "writeOnly": True}
    )
    document = {**spec.document, "components": {"schemas": {"User": user}}}
    own_spec = attrs.evolve(spec, document=document)
    assert set(Data(own_spec, 0).make_value("/components/schemas/User", 0)) == {"id"}
    assert set(Data(own_spec, 0, "request").make_value("/components/schemas/User", 0)) == {"secret"}


def test_later_rows_of_a_large_schema_are_small(spec: Spec) -> None:
    """Only the first rows of a large schema have all
    fields, so that paging through hundreds is fast.
    """
    wide = STRING
    for level in "dcba":
        wide = _build_object(f"{level}0", **{f"{level}{number}": wide for number in range(6)})
    own_spec = attrs.evolve(
        spec, document={**spec.document, "components": {"schemas": {"Wide": wide}}}
    )
    rows = [Data(own_spec, 0).make_value("/components/schemas/Wide", index) for index in range(40)]
    sizes = [len(json.dumps(row)) for row in rows]
    assert sum(sizes[:20]) > 2 * sum(sizes[20:])
    assert all(row["a0"]["b0"]["c0"]["d0"] for row in rows)


def test_overlapping_alternatives_are_generated_at_most_twice(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For alternatives that always overlap, the value is generated at most twice."""
    document = {
        **spec.document,
        "components": {"schemas": {"Same": {"oneOf": [STRING, {**STRING, "minLength": 0}]}}},
    }
    own_spec = attrs.evolve(spec, document=document)
    makers: list[Any] = []
    monkeypatch.setattr(data, "Maker", lambda *a, **k: makers.append(a) or Maker(*a, **k))
    assert isinstance(Data(own_spec, 0).make_value("/components/schemas/Same", 0), str)
    assert len(makers) <= 2
