"""Models: names, fields per direction, and discriminators of unions."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from generate.minimal import (
    STRING,
    build_json_response,
    import_generated,
    make_client,
    make_document,
    make_spec,
)
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.int import IntProperty

from driftline.generate.parsing import build_config, parse
from driftline.generate.prepare import prepare
from driftline.runtime.errors import ArgumentError

NAMED_OBJECT: dict[str, Any] = {"type": "object", "properties": {"name": STRING}}


def build_reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def list_types(package: Any, model: str) -> dict[str, Any]:
    """Return the annotations of a model's fields by wire name."""
    model_class = getattr(importlib.import_module(f"{package.__name__}.models"), model)
    return {field.metadata["wire"]: field.type for field in attrs.fields(model_class)}


def test_colliding_class_names_get_numbers(tmp_path: Path) -> None:
    """Schemas whose names differ only by case or punctuation become separate classes."""
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
    fields = {name: build_reference(name.replace("/", "~1")) for name in names}
    schemas = dict.fromkeys(names, NAMED_OBJECT)
    thing_schema = {"type": "object", "properties": fields}
    spec = make_spec(make_document(schemas={**schemas, "Thing": thing_schema}))
    with import_generated(spec, tmp_path) as (package, _):
        types = list_types(package, "Thing")
        models = importlib.import_module(f"{package.__name__}.models")
        # Equal schemas written once in this test are one object, so they are one class.
        assert set(types.values()) <= {f"{name} | None" for name in models.__all__}


def test_names_that_python_normalizes_keep_their_wire_names(tmp_path: Path) -> None:
    """Names that Python normalizes to one identifier stay distinct and keep their wire names."""
    signs = ["\u00b5", "\u03bc", "\ufb01x", "fix"]
    thing_schema = {"type": "object", "properties": dict.fromkeys(signs, STRING), "required": signs}
    schemas = {sign: {**thing_schema, "description": sign} for sign in signs}
    parameters = [
        {"name": sign, "in": "query", "required": True, "schema": STRING} for sign in signs
    ]
    body = {
        "required": True,
        "content": {"application/json": {"schema": build_reference(signs[0])}},
    }
    operation = {"operationId": "thing.send", "parameters": parameters, "requestBody": body}
    paths = {
        "/thing": {
            "post": {**operation, "responses": {"200": build_json_response(build_reference("fix"))}}
        }
    }
    spec = make_spec(make_document(paths, schemas))
    with import_generated(spec, tmp_path) as (package, _):
        requests: list[httpx.Request] = []

        def respond(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            return httpx.Response(200, json={})

        arguments = dict.fromkeys(("μ", "μ_2", "fix", "fix_2"), "a")
        client = make_client(package, spec, respond)
        client.thing.send(**arguments, body=dict.fromkeys(signs, "b"))
        assert [*requests[0].url.params] == signs
        params = importlib.import_module(f"{package.__name__}.params")
        assert {*getattr(params, params.__all__[0]).__annotations__} == {*signs}


def test_schemas_with_equal_names_are_different_classes(tmp_path: Path) -> None:
    """Each field has the class of the schema it refers to, even if class names collide."""
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
    schemas = {
        n: {"type": "object", "properties": {f"of {i}": STRING}} for i, n in enumerate(names)
    }
    inline = {"type": "object", "title": "Sip Trunk", "properties": {"inline": STRING}}
    fields = {**{name: build_reference(name) for name in names}, "inline": inline}
    fields["again"] = {"oneOf": [{**inline, "title": "Same"}, {**NAMED_OBJECT, "title": "Same"}]}
    thing_schema = {"type": "object", "properties": fields}
    spec = make_spec(make_document(schemas={**schemas, "Thing": thing_schema}))
    with import_generated(spec, tmp_path) as (package, _):
        types = list_types(package, "Thing")
        assert types["SIPTrunk"] == "SIPTrunk | None"
        assert types["SipTrunk"] == "SipTrunk2 | None"
        assert types["call_st"] == "CallSt2 | None"
        for index, name in enumerate(names):
            model = types[name].removesuffix(" | None")
            assert list(list_types(package, model)) == [f"of {index}"]
        first, second = types["again"].removesuffix(" | None").split(" | ")
        assert [*list_types(package, first), *list_types(package, second)] == ["inline", "name"]


def test_colliding_field_names_get_numbers(tmp_path: Path) -> None:
    """Colliding field names get a number, and each is read and written by its wire name."""
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
    thing_schema = {"type": "object", "properties": dict.fromkeys(wires, STRING)}
    spec = make_spec(make_document(schemas={"Thing": thing_schema}))
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
        "name": STRING,
        "password": {"allOf": [STRING], "writeOnly": True},
        "made": {"allOf": [{"allOf": [{"type": "string", "readOnly": True}]}]},
        "inner": build_reference("Inner"),
    },
}
INNER = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {**STRING, "readOnly": True}, "name": STRING},
}


def test_read_only_and_write_only_fields_have_a_direction(tmp_path: Path) -> None:
    """readOnly fields are not sent or accepted as
    arguments; writeOnly fields may be absent in responses.
    """
    paths = {
        "/users": {
            "post": {
                "operationId": "users.create",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": build_reference("User")}},
                },
                "responses": {"200": build_json_response(build_reference("User"))},
            }
        }
    }
    spec = make_spec(make_document(paths, {"User": DIRECTIONS, "Inner": INNER}))
    bodies: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return httpx.Response(200, json={"id": 1, "name": "n"})

    with import_generated(spec, tmp_path) as (package, _):
        client = make_client(package, spec, respond).with_options(strict=True)
        models = importlib.import_module(f"{package.__name__}.models")
        user = client.users.create(name="n", password="p", inner=models.Inner(name="x"))
        assert user.id == 1
        assert user.password is None
        assert b'"inner": {"name": "x"}' in bodies[0]
        types = list_types(package, "User")
        assert types["id"] == "int"
        assert types["password"] == "str | None"
        with pytest.raises(ArgumentError, match="id"):
            client.users.create(name="n", password="p", id=1)


def build_member(name: str, **keywords: Any) -> dict[str, Any]:
    properties = {"kind": STRING, name: STRING}
    return {"type": "object", "required": ["kind"], "properties": properties, **keywords}


def test_union_members_have_discriminators_of_literal_types(tmp_path: Path) -> None:
    """The discriminator field has the mapped values as its literal type, explicit or implicit."""
    mapping = {"plan": "Plan", "basic": "#/components/schemas/Plan", "sip": "Trunk"}
    thing_schema = {
        "type": "object",
        "properties": {
            "explicit": {
                "oneOf": [build_reference("Plan"), build_reference("Trunk")],
                "discriminator": {"propertyName": "kind", "mapping": mapping},
            },
            "implicit": {
                "oneOf": [build_reference("say"), build_reference("dial")],
                "discriminator": {"propertyName": "kind"},
            },
            "textual": {"anyOf": [build_reference("say")], "discriminator": "kind"},
        },
    }
    schemas = {name: build_member(f"of {name}") for name in ("Plan", "Trunk", "say", "dial")}
    schemas["Base"] = build_member("base", discriminator={"propertyName": "kind"})
    schemas["Heir"] = {"allOf": [build_reference("Base"), NAMED_OBJECT]}
    spec = make_spec(make_document(schemas={**schemas, "Thing": thing_schema}))
    with import_generated(spec, tmp_path) as (package, _):
        assert list_types(package, "Plan")["kind"] == "PlanKind"
        assert list_types(package, "Trunk")["kind"] == "Literal['sip']"
        assert list_types(package, "say".capitalize())["kind"] == "Literal['say']"
        assert list_types(package, "Heir")["kind"] == "Literal['Heir']"
        assert list_types(package, "Base")["kind"] == "str"
        models = importlib.import_module(f"{package.__name__}.models")
        data = {"explicit": {"kind": "sip"}, "implicit": {"kind": "dial"}}
        thing = models.Thing.from_dict(data)
        assert type(thing.explicit).__name__ == "Trunk"
        assert type(thing.implicit).__name__ == "Dial"


def test_a_reference_to_a_base_type_includes_its_subtypes(tmp_path: Path) -> None:
    """A reference to a base type includes its subtypes at any depth, selected by their literals."""
    schemas = {
        "Holder": {
            "properties": {
                "pet": build_reference("Pet"),
                "pets": {"type": "array", "items": build_reference("Pet")},
            }
        },
        "Pet": build_member("name", discriminator={"propertyName": "kind"}),
        "Cat": {"allOf": [build_reference("Pet"), {"properties": {"lives": {"type": "integer"}}}]},
        "Lion": {"allOf": [build_reference("Cat"), {"properties": {"mane": STRING}}]},
        "Dog": {
            "allOf": [build_reference("Pet"), {"properties": {"friend": build_reference("Pet")}}]
        },
    }
    spec = make_spec(make_document(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert list_types(package, "Holder")["pet"] == "Cat | Dog | Lion | Pet | None"
        models = importlib.import_module(f"{package.__name__}.models")
        kinds = ["Lion", "Dog", "Cat", "Fish"]
        pets = [{"kind": kind, "friend": {"kind": "Lion"}} for kind in kinds]
        holder = models.Holder.from_dict({"pets": pets})
        assert [type(pet).__name__ for pet in holder.pets] == ["Lion", "Dog", "Cat", "Pet"]
        assert type(holder.pets[1].friend).__name__ == "Lion"


def test_a_union_with_sibling_fields_keeps_its_classes(tmp_path: Path) -> None:
    """Members of a union with sibling fields keep their class, or get the sibling fields."""
    mapping = {"plan": build_reference("Plan")["$ref"], "trunk": build_reference("Trunk")["$ref"]}
    schemas = {
        "Plan": build_member("of plan"),
        "Trunk": {"type": "object", "properties": {"name": STRING}},
        "Thing": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "enum": ["plan", "trunk"]}},
            "oneOf": [build_reference("Plan"), build_reference("Trunk")],
            "discriminator": {"propertyName": "kind", "mapping": mapping},
        },
        "Holder": {"properties": {"thing": build_reference("Thing"), "pair": {"$ref": "#pair"}}},
        "Pair": {"$anchor": "pair", "type": "array", "items": STRING},
    }
    spec = make_spec(make_document(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        holder = list_types(package, "Holder")
        assert holder == {"thing": "Plan | ThingType1 | None", "pair": "Sequence[str] | None"}
        assert list_types(package, "Plan")["kind"] == "Literal['plan']"
        assert list_types(package, "ThingType1")["kind"] == "Literal['trunk']"


def test_documented_additional_properties_are_typed(tmp_path: Path) -> None:
    """Documented additional properties are decoded by their schema without drift."""
    schemas = {
        "Thing": {
            "type": "object",
            "properties": {"total": {"type": "integer"}},
            "additionalProperties": build_reference("Pet"),
        },
        "Pet": NAMED_OBJECT,
    }
    spec = make_spec(make_document(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        models = importlib.import_module(f"{package.__name__}.models")
        events: list[Any] = []
        thing = models.Thing.from_dict({"total": 1, "a": {"name": "x"}}, on_drift=events.append)
        assert thing.extra["a"] == models.Pet(name="x")
        assert events == []


def test_classes_of_bases_are_shared_and_fields_merged(tmp_path: Path) -> None:
    """A class for `allOf` has the fields of all parts, with the narrowest type of each."""
    schemas = {
        "Base": {
            "type": "object",
            "properties": {"status": STRING, "inner": NAMED_OBJECT},
            "required": ["status"],
        },
        "Middle": {
            "allOf": [build_reference("Base"), {"allOf": [NAMED_OBJECT, {"required": ["name"]}]}]
        },
        "Thing": {
            "allOf": [build_reference("Middle"), {"properties": {"status": {"enum": ["a"]}}}],
            "properties": {"own": STRING},
        },
        "Loop": {
            "allOf": [build_reference("Loop"), {"properties": {"loop": build_reference("Loop")}}]
        },
    }
    spec = make_spec(make_document(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert list_types(package, "Thing") == {
            "status": "ThingStatus",
            "name": "str",
            "inner": "BaseInner | None",
            "own": "str | None",
        }
        assert list_types(package, "Loop") == {"loop": "Loop | None"}


def test_a_nullable_enum_is_one_type(tmp_path: Path) -> None:
    """A nullable enum is one type, used with and without null."""
    schemas = {
        "Hangup": {"type": ["string", "null"], "enum": ["busy", "", "a:b", None]},
        "Thing": {
            "type": "object",
            "required": ["a", "b"],
            "properties": {
                "a": build_reference("Hangup"),
                "b": {"anyOf": [build_reference("Hangup"), {"type": "null"}]},
            },
        },
    }
    spec = make_spec(make_document(schemas=schemas))
    with import_generated(spec, tmp_path) as (package, _):
        assert list_types(package, "Thing") == {"a": "Hangup | None", "b": "Hangup | None"}
        models = importlib.import_module(f"{package.__name__}.models")
        assert models.Hangup.__args__ == ("busy", "", "a:b")


def test_a_property_that_cannot_be_parsed_is_widened(monkeypatch: pytest.MonkeyPatch) -> None:
    """A property that the generator cannot parse is widened, and everything else remains."""

    def fail(**_: Any) -> Any:
        raise RuntimeError("no integers today")

    monkeypatch.setattr(IntProperty, "build", fail)
    thing_schema = {
        "type": "object",
        "properties": {"a": STRING, "b": {"type": "integer"}, "c": STRING},
    }
    many_schemas = {f"M{index}": NAMED_OBJECT | {"title": str(index)} for index in range(20)}
    paths = {
        "/a": {
            "get": {
                "operationId": "a.get",
                "parameters": [{"name": "n", "in": "query", "schema": {"type": "integer"}}],
                "responses": {"200": build_json_response(build_reference("Thing"))},
            }
        },
        "/b": {"get": {"operationId": "b.get", "responses": {"200": build_json_response(STRING)}}},
    }
    spec = make_spec(make_document(paths, {"Thing": thing_schema, **many_schemas}))
    generator_input = prepare(spec)
    parse_result = parse(spec.name, generator_input.document, build_config(Path()))
    first, second = generator_input.operations
    assert parse_result.widened_parts == [("Thing", "f1"), (first, "p0")]
    assert {first, second} <= {model.class_info.name for model in parse_result.data.models}
    (thing_model,) = [
        model for model in parse_result.data.models if model.class_info.name == "Thing"
    ]
    assert isinstance(thing_model, ModelProperty)
    assert len(thing_model.optional_properties or []) == 3
