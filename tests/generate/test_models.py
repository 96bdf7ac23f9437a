"""Models: their names, their fields in each direction, and what tells members of a union apart."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from generate.minimal import client_of, document_of, import_generated, json_response, spec_of
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.int import IntProperty

from driftline.generate.parsing import build_config, parse
from driftline.generate.prepare import prepare
from driftline.runtime.errors import ArgumentError

TEXT: dict[str, Any] = {"type": "string"}
NAMED: dict[str, Any] = {"type": "object", "properties": {"name": TEXT}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def types_of(package: Any, model: str) -> dict[str, Any]:
    """The annotations of a model's fields, by wire name."""
    found = getattr(importlib.import_module(f"{package.__name__}.models"), model)
    return {field.metadata["wire"]: field.type for field in attrs.fields(found)}


def test_names_that_are_one_in_python_get_numbers(tmp_path: Path) -> None:
    """Schemas that differ by case or signs only are classes and modules of their own."""
    names = [
        "SIPTrunk",
        "SipTrunk",
        "call-st",
        "call_st",
        "Call.st",
        "a/b",
        "b",
        "9",
        "None",
        "日本",
    ]
    fields = {name: reference(name.replace("/", "~1")) for name in names}
    schemas = dict.fromkeys(names, NAMED)
    thing = {"type": "object", "properties": fields}
    spec = spec_of(document_of(schemas={**schemas, "Thing": thing}))
    with import_generated(spec, tmp_path) as (package, _):
        types = types_of(package, "Thing")
        models = importlib.import_module(f"{package.__name__}.models")
        # Equal schemas written once in this test are one object, so they are one class.
        assert set(types.values()) <= {f"{name} | None" for name in models.__all__}


def test_letters_that_are_one_in_python_keep_their_names_on_the_wire(tmp_path: Path) -> None:
    """Python reads two signs for micro as one, in names of classes, fields and arguments."""
    signs = ["\u00b5", "\u03bc", "\ufb01x", "fix"]
    thing = {"type": "object", "properties": dict.fromkeys(signs, TEXT), "required": signs}
    schemas = {sign: {**thing, "description": sign} for sign in signs}
    listed = [{"name": sign, "in": "query", "required": True, "schema": TEXT} for sign in signs]
    body = {"required": True, "content": {"application/json": {"schema": reference(signs[0])}}}
    called = {"operationId": "thing.send", "parameters": listed, "requestBody": body}
    paths = {"/thing": {"post": {**called, "responses": {"200": json_response(reference("fix"))}}}}
    spec = spec_of(document_of(paths, schemas))
    with import_generated(spec, tmp_path) as (package, _):
        sent: list[httpx.Request] = []

        def respond(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return httpx.Response(200, json={})

        arguments = dict.fromkeys(("μ", "μ_2", "fix", "fix_2"), "a")
        client = client_of(package, spec, respond)
        client.thing.send(**arguments, body=dict.fromkeys(signs, "b"))
        assert [*sent[0].url.params] == signs
        params = importlib.import_module(f"{package.__name__}.params")
        assert {*getattr(params, params.__all__[0]).__annotations__} == {*signs}


def test_equal_names_of_different_schemas_are_different_classes(tmp_path: Path) -> None:
    """Each field has the class of the schema it refers to, whatever the classes are called."""
    names = [
        "SIPTrunk",
        "SipTrunk",
        "call-st",
        "call_st",
        "Model",
        "TypeAlias",
        "FreeForm1",
        "None",
    ]
    schemas = {n: {"type": "object", "properties": {f"of {i}": TEXT}} for i, n in enumerate(names)}
    inline = {"type": "object", "title": "Sip Trunk", "properties": {"inline": TEXT}}
    fields = {**{name: reference(name) for name in names}, "inline": inline}
    fields["again"] = {"oneOf": [{**inline, "title": "Same"}, {**NAMED, "title": "Same"}]}
    thing = {"type": "object", "properties": fields}
    spec = spec_of(document_of(schemas={**schemas, "Thing": thing}))
    with import_generated(spec, tmp_path) as (package, _):
        types = types_of(package, "Thing")
        assert types["SIPTrunk"] == "SIPTrunk | None"
        assert types["SipTrunk"] == "SipTrunk2 | None"
        assert types["call_st"] == "CallSt2 | None"
        for index, name in enumerate(names):
            model = types[name].removesuffix(" | None")
            assert list(types_of(package, model)) == [f"of {index}"]
        first, second = types["again"].removesuffix(" | None").split(" | ")
        assert [*types_of(package, first), *types_of(package, second)] == ["inline", "name"]


def test_fields_that_are_one_in_python_get_numbers(tmp_path: Path) -> None:
    """Every field of a schema is a field of the class, and is read and written by its wire name."""
    wires = [
        "fooBar",
        "foo_bar",
        "foo-bar",
        "class",
        "self",
        "to_dict",
        "@type",
        "type",
        "<",
        "",
        "_id",
    ]
    thing = {"type": "object", "properties": dict.fromkeys(wires, TEXT)}
    spec = spec_of(document_of(schemas={"Thing": thing}))
    with import_generated(spec, tmp_path) as (package, _):
        model = importlib.import_module(f"{package.__name__}.models").Thing
        names = [field.name for field in attrs.fields(model)]
        assert len(set(names)) == len(wires)
        assert names[:3] == ["foo_bar", "foo_bar_2", "foo_bar_3"]
        data = {wire: wire for wire in wires}
        assert model.from_dict(data).to_dict() == data


DIRECTIONS = {
    "type": "object",
    "required": ["id", "name", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": TEXT,
        "password": {"allOf": [TEXT], "writeOnly": True},
        "made": {"allOf": [{"allOf": [{"type": "string", "readOnly": True}]}]},
        "inner": reference("Inner"),
    },
}
INNER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {**TEXT, "readOnly": True}, "name": TEXT},
}


def test_fields_have_a_direction(tmp_path: Path) -> None:
    """readOnly fields are no arguments and not sent; writeOnly ones may be absent in responses."""
    paths = {
        "/users": {
            "post": {
                "operationId": "users.create",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": reference("User")}},
                },
                "responses": {"200": json_response(reference("User"))},
            }
        }
    }
    spec = spec_of(document_of(paths, {"User": DIRECTIONS, "Inner": INNER}))
    sent: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.read())
        return httpx.Response(200, json={"id": 1, "name": "n"})

    with import_generated(spec, tmp_path) as (package, _):
        client = client_of(package, spec, handler).with_options(strict=True)
        models = importlib.import_module(f"{package.__name__}.models")
        user = client.users.create(name="n", password="p", inner=models.Inner(name="x"))
        assert user.id == 1
        assert user.password is None
        assert b'"inner": {"name": "x"}' in sent[0]
        types = types_of(package, "User")
        assert types["id"] == "int"
        assert types["password"] == "str | None"
        with pytest.raises(ArgumentError, match="id"):
            client.users.create(name="n", password="p", id=1)


def member(name: str, **more: Any) -> dict[str, Any]:
    properties = {"kind": TEXT, name: TEXT}
    return {"type": "object", "required": ["kind"], "properties": properties, **more}


def test_members_of_a_union_are_told_apart_by_literals(tmp_path: Path) -> None:
    """The discriminator's property has the values of its mapping, explicit or implicit, as type."""
    mapping = {"plan": "Plan", "basic": "#/components/schemas/Plan", "sip": "Trunk"}
    thing = {
        "type": "object",
        "properties": {
            "explicit": {
                "oneOf": [reference("Plan"), reference("Trunk")],
                "discriminator": {"propertyName": "kind", "mapping": mapping},
            },
            "implicit": {
                "oneOf": [reference("say"), reference("dial")],
                "discriminator": {"propertyName": "kind"},
            },
            "textual": {"anyOf": [reference("say")], "discriminator": "kind"},
        },
    }
    schemas = {name: member(f"of {name}") for name in ("Plan", "Trunk", "say", "dial")}
    schemas["Base"] = member("base", discriminator={"propertyName": "kind"})
    schemas["Heir"] = {"allOf": [reference("Base"), NAMED]}
    spec = spec_of(document_of(schemas={**schemas, "Thing": thing}))
    with import_generated(spec, tmp_path) as (package, _):
        assert types_of(package, "Plan")["kind"] == "PlanKind"
        assert types_of(package, "Trunk")["kind"] == "Literal['sip']"
        assert types_of(package, "say".capitalize())["kind"] == "Literal['say']"
        assert types_of(package, "Heir")["kind"] == "Literal['Heir']"
        assert types_of(package, "Base")["kind"] == "str"
        models = importlib.import_module(f"{package.__name__}.models")
        data = {"explicit": {"kind": "sip"}, "implicit": {"kind": "dial"}}
        read = models.Thing.from_dict(data)
        assert type(read.explicit).__name__ == "Trunk"
        assert type(read.implicit).__name__ == "Dial"


def test_a_reference_to_a_base_is_also_one_to_its_heirs(tmp_path: Path) -> None:
    """At any depth, told apart by their literals; the base itself is for any other value."""
    schemas = {
        "Holder": {
            "properties": {
                "pet": reference("Pet"),
                "pets": {"type": "array", "items": reference("Pet")},
            }
        },
        "Pet": member("name", discriminator={"propertyName": "kind"}),
        "Cat": {"allOf": [reference("Pet"), {"properties": {"lives": {"type": "integer"}}}]},
        "Lion": {"allOf": [reference("Cat"), {"properties": {"mane": TEXT}}]},
        "Dog": {"allOf": [reference("Pet"), {"properties": {"friend": reference("Pet")}}]},
    }
    spec = spec_of(document_of(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert types_of(package, "Holder")["pet"] == "Cat | Dog | Lion | Pet | None"
        models = importlib.import_module(f"{package.__name__}.models")
        kinds = ["Lion", "Dog", "Cat", "Fish"]
        pets = [{"kind": kind, "friend": {"kind": "Lion"}} for kind in kinds]
        read = models.Holder.from_dict({"pets": pets})
        assert [type(each).__name__ for each in read.pets] == ["Lion", "Dog", "Cat", "Pet"]
        assert type(read.pets[1].friend).__name__ == "Lion"


def test_a_choice_with_fields_beside_it_keeps_its_members_apart(tmp_path: Path) -> None:
    """Members that have the fields beside the choice stay themselves; others get them."""
    mapping = {"plan": reference("Plan")["$ref"], "trunk": reference("Trunk")["$ref"]}
    schemas = {
        "Plan": member("of plan"),
        "Trunk": {"type": "object", "properties": {"name": TEXT}},
        "Thing": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "enum": ["plan", "trunk"]}},
            "oneOf": [reference("Plan"), reference("Trunk")],
            "discriminator": {"propertyName": "kind", "mapping": mapping},
        },
        "Holder": {"properties": {"thing": reference("Thing"), "pair": {"$ref": "#pair"}}},
        "Pair": {"$anchor": "pair", "type": "array", "items": TEXT},
    }
    spec = spec_of(document_of(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        holder = types_of(package, "Holder")
        assert holder == {"thing": "Plan | ThingType1 | None", "pair": "Sequence[str] | None"}
        assert types_of(package, "Plan")["kind"] == "Literal['plan']"
        assert types_of(package, "ThingType1")["kind"] == "Literal['trunk']"


def test_documented_extra_fields_are_typed_and_no_drift(tmp_path: Path) -> None:
    """Fields without a name of their own are read by their schema, and are not undocumented."""
    schemas = {
        "Thing": {
            "type": "object",
            "properties": {"total": {"type": "integer"}},
            "additionalProperties": reference("Pet"),
        },
        "Pet": NAMED,
    }
    spec = spec_of(document_of(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        models = importlib.import_module(f"{package.__name__}.models")
        events: list[Any] = []
        thing = models.Thing.from_dict({"total": 1, "a": {"name": "x"}}, on_drift=events.append)
        assert thing.extra["a"] == models.Pet(name="x")
        assert events == []


def test_classes_of_bases_are_shared_and_fields_merged(tmp_path: Path) -> None:
    """An allOf has all fields of its parts, narrowed where two parts describe one, in any depth."""
    schemas = {
        "Base": {
            "type": "object",
            "properties": {"status": TEXT, "inner": NAMED},
            "required": ["status"],
        },
        "Middle": {"allOf": [reference("Base"), {"allOf": [NAMED, {"required": ["name"]}]}]},
        "Thing": {
            "allOf": [reference("Middle"), {"properties": {"status": {"enum": ["a"]}}}],
            "properties": {"own": TEXT},
        },
        "Loop": {"allOf": [reference("Loop"), {"properties": {"loop": reference("Loop")}}]},
    }
    spec = spec_of(document_of(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert types_of(package, "Thing") == {
            "status": "ThingStatus",
            "name": "str",
            "inner": "BaseInner | None",
            "own": "str | None",
        }
        assert types_of(package, "Loop") == {"loop": "Loop | None"}


def test_a_nullable_enum_is_one_type_with_its_own_name(tmp_path: Path) -> None:
    """However often it is referred to, with null or without."""
    schemas = {
        "Hangup": {"type": ["string", "null"], "enum": ["busy", "", "a:b", None]},
        "Thing": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {
                "a": reference("Hangup"),
                "b": {"anyOf": [reference("Hangup"), {"type": "null"}]},
            },
        },
    }
    spec = spec_of(document_of(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert types_of(package, "Thing") == {"a": "Hangup | None", "b": "Hangup | None"}
        models = importlib.import_module(f"{package.__name__}.models")
        assert models.Hangup.__args__ == ("busy", "", "a:b")


def test_a_leaf_that_breaks_the_generator_costs_the_leaf(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a parser that fails for integers, every other field, parameter and operation remains."""

    def fail(**_: Any) -> Any:
        raise RuntimeError("no integers today")

    monkeypatch.setattr(IntProperty, "build", fail)
    whole = {"type": "object", "properties": {"a": TEXT, "b": {"type": "integer"}, "c": TEXT}}
    many = {f"M{index}": NAMED | {"title": str(index)} for index in range(20)}
    paths = {
        "/a": {
            "get": {
                "operationId": "a.get",
                "parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": json_response(reference("Thing"))},
            }
        },
        "/b": {"get": {"operationId": "b.get", "responses": {"200": json_response(TEXT)}}},
    }
    spec = spec_of(document_of(paths, {"Thing": whole, **many}))
    prepared = prepare(spec)
    parsed = parse(spec.name, prepared.document, build_config(Path()))
    first, second = prepared.operations
    assert parsed.widened == [("Thing", "f1"), (first, "p0")]
    assert {first, second} <= {model.class_info.name for model in parsed.data.models}
    (thing,) = [model for model in parsed.data.models if model.class_info.name == "Thing"]
    assert isinstance(thing, ModelProperty)
    assert len(thing.optional_properties or []) == 3
