"""Every JSON Schema construct has the narrowest true type, or a problem if its type is wider."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from generate.minimal import STRING, import_generated, make_document, make_spec

from driftline.generate.parsing import build_config, parse
from driftline.generate.prepare import prepare

PET = {"$ref": "#/components/schemas/Pet"}
W = "client.widened."
# By name: a schema, the type of a required field that has it, and the problem it is reported as.
TYPES: dict[str, tuple[Any, str, str | None]] = {
    "true": (True, "Any", None),
    "false": (False, "Any", W + "schema-false"),
    "nothing": ({}, "Any", None),
    "words_only": ({"description": "free", "maxLength": 3}, "Any", None),
    "array_without_items": ({"type": "array"}, "Sequence[Any]", W + "array-without-items"),
    "items_false": ({"type": "array", "items": False}, "Sequence[Any]", None),
    "items_true": ({"type": "array", "items": True}, "Sequence[Any]", None),
    "items_without_type": ({"items": STRING}, "Sequence[str]", None),
    "tuple": (
        {"type": "array", "prefixItems": [STRING, {"type": "integer"}], "items": False},
        "Sequence[str | int]",
        W + "tuple",
    ),
    "open_tuple": ({"type": "array", "prefixItems": [STRING]}, "Sequence[Any]", W + "tuple"),
    "enum_empty": ({"type": "string", "enum": []}, "str", W + "enum-empty"),
    "enum_numbers": ({"enum": [1.5, 2.5]}, "float", W + "enum-values"),
    "enum_mixed": ({"enum": ["a", 1]}, "int | str", W + "enum-values"),
    "enum_both_booleans": ({"type": "boolean", "enum": [True, False]}, "bool", None),
    "enum_true": ({"enum": [True]}, "Literal[True]", None),
    "enum_null": ({"enum": [None]}, "None", None),
    "enum_objects": ({"enum": [{"a": 1}]}, "Any", W + "enum-values"),
    "enum_of_other_type": ({"type": "string", "enum": [1, 2]}, "str", W + "enum-type"),
    "enum_of_items": (
        {"type": "array", "enum": ["a"], "items": STRING},
        "Sequence[str]",
        W + "enum-type",
    ),
    "enum_with_null": (
        {"type": ["string", "null"], "enum": ["a", None]},
        "ThingEnumWithNull | None",
        None,
    ),
    "enum_default_outside": ({"enum": ["a"], "default": "z"}, "ThingEnumDefaultOutside", None),
    "integer_default_text": ({"type": "integer", "default": "many"}, "int", None),
    "object_default": ({**PET, "default": {"name": "x"}}, "Pet", None),
    "const_text": ({"const": 'quo"te'}, "Literal['quo\"te']", None),
    "const_null": ({"const": None}, "None", None),
    "const_number": ({"const": 1.5}, "float", W + "const-value"),
    "const_object": ({"const": {"a": 1}}, "Any", W + "const-value"),
    "types": ({"type": ["string", "integer", "null"]}, "str | int | None", None),
    "types_with_structure": (
        {"type": ["object", "array"], "properties": {"a": STRING}, "items": STRING},
        "ThingTypesWithStructure | Sequence[str]",
        None,
    ),
    "type_unknown": ({"type": "file"}, "Any", W + "unknown-type"),
    "binary_in_json": ({"type": "string", "format": "binary"}, "str", None),
    "all_of_text": ({"allOf": [STRING]}, "str", None),
    "all_of_text_bounded": ({"allOf": [STRING, {"maxLength": 3}]}, "str", None),
    "all_of_texts": ({"allOf": [STRING, {"type": "string", "pattern": "a"}]}, "str", None),
    "all_of_one_reference": ({"allOf": [PET], "description": "his"}, "Pet", None),
    "all_of_nullable": ({"type": ["object", "null"], "allOf": [PET]}, "Pet | None", None),
    "all_of_conflict": ({"allOf": [STRING, {"type": "integer"}]}, "Any", W + "allof-conflict"),
    "all_of_enums": (
        {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
        "ThingAllOfEnums",
        None,
    ),
    "all_of_empty": ({"allOf": [{}, {"description": "x"}]}, "Any", None),
    "reference_with_words": ({**PET, "description": "mine", "readOnly": False}, "Pet", None),
    "reference_to_nothing": ({"$ref": "#/components/schemas/Gone"}, "Any", W + "reference"),
    "reference_to_property": ({"$ref": "#/components/schemas/Pet/properties/name"}, "str", None),
    "map": ({"type": "object", "additionalProperties": STRING}, "Mapping[str, str]", None),
    "map_of_models": ({"additionalProperties": PET}, "Mapping[str, Pet]", None),
    "map_of_maps": (
        {"additionalProperties": {"additionalProperties": {"type": "integer"}}},
        "Mapping[str, Mapping[str, int]]",
        None,
    ),
    "map_true": ({"type": "object", "additionalProperties": True}, "Mapping[str, Any]", None),
    "map_false": ({"type": "object", "additionalProperties": False}, "Mapping[str, Any]", None),
    "map_by_patterns": (
        {
            "type": "object",
            "patternProperties": {"^a": STRING, "^b": {"type": "integer"}},
            "additionalProperties": False,
        },
        "Mapping[str, str | int]",
        None,
    ),
    "map_open_patterns": ({"patternProperties": {"^a": STRING}}, "Mapping[str, Any]", None),
    "map_with_names": (
        {"propertyNames": {"enum": ["a"]}, "additionalProperties": STRING},
        "Mapping[str, str]",
        None,
    ),
    "choice": ({"oneOf": [PET, STRING]}, "Pet | str", None),
    "choice_in_choice": (
        {"anyOf": [{"oneOf": [PET, STRING]}, {"type": "null"}]},
        "Pet | str | None",
        None,
    ),
    "choice_with_anything": ({"anyOf": [PET, {}]}, "Any", None),
    "choice_with_more_fields": (
        {"type": "object", "anyOf": [PET], "additionalProperties": STRING},
        "Pet | Mapping[str, str]",
        None,
    ),
    "choice_without_fields": ({"anyOf": [STRING], "additionalProperties": True}, "str", None),
    "choice_of_required": (
        {"properties": {"a": STRING, "b": STRING}, "anyOf": [{"required": ["a"]}]},
        "ThingChoiceOfRequired",
        None,
    ),
    "choice_of_numbers": (
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        "int | float",
        None,
    ),
    "choice_of_empty_enum": (
        {"anyOf": [{"type": "string", "enum": []}, PET]},
        "str | Pet",
        W + "enum-empty",
    ),
    "recursive_array": ({"$ref": "#/components/schemas/Deep"}, "Sequence[Any]", None),
    "json_value": ({"$ref": "#/components/schemas/Json"}, "Any", None),
    "uuid": ({"type": "string", "format": "uuid"}, "UUID", None),
}  # fmt: skip
SCHEMAS: dict[str, Any] = {
    "Pet": {"type": "object", "required": ["name"], "properties": {"name": STRING}},
    "Deep": {"type": "array", "items": {"$ref": "#/components/schemas/Deep"}},
    "Json": {
        "oneOf": [
            STRING,
            {"type": "array", "items": {"$ref": "#/components/schemas/Json"}},
            {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Json"}},
        ]
    },
}


@pytest.fixture(scope="module")
def thing_model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the model with a field for each of TYPES, and the problems of its generation."""
    properties = {name: schema for name, (schema, *_) in TYPES.items()}
    model = {"type": "object", "required": list(TYPES), "properties": properties}
    spec = make_spec(make_document(schemas={**SCHEMAS, "Thing": model}))
    with import_generated(spec, tmp_path_factory.mktemp("types")) as (package, problems):
        models = importlib.import_module(f"{package.__name__}.models")
        yield models.Thing, problems


@pytest.mark.parametrize("name", TYPES)
def test_a_construct_has_the_narrowest_true_type(thing_model: Any, name: str) -> None:
    """The annotation of the field and its problem are those of the table."""
    model, problems = thing_model
    _, expected, problem = TYPES[name]
    fields = {field.metadata["wire"]: field for field in attrs.fields(model)}
    if name == "json_value":  # where the recursion is cut is not promised
        assert fields[name].type is not None
        return
    assert fields[name].type == expected
    property_pointer = f"/components/schemas/Thing/properties/{name}"
    problem_ids = {
        p.id for p in problems if (p.location.pointer + "/").startswith(property_pointer + "/")
    }
    assert problem_ids == ({problem} if problem else set())


WRAPPERS: dict[str, Any] = {
    "items": lambda s: {"type": "array", "items": s},
    "values": lambda s: {"type": "object", "additionalProperties": s},
    "field": lambda s: {"type": "object", "title": "Same", "properties": {"inner": s}},
    "one_of": lambda s: {"oneOf": [s, {"type": "object", "properties": {"other": STRING}}]},
    "any_of_null": lambda s: {"anyOf": [s, {"type": "null"}]},
    "all_of": lambda s: {"allOf": [{"type": "object", "properties": {"inner": s}}, PET]},
    "beside": lambda s: {"properties": {"base": STRING}, "oneOf": [s, PET]},
    "pattern": lambda s: {"type": "object", "patternProperties": {"^x": s}},
}


def nest_all() -> dict[str, Any]:
    """Return every construct nested in every pair of wrappers."""
    return {
        f"{outer}_{inner}_{name}": WRAPPERS[outer](WRAPPERS[inner](schema))
        for outer in WRAPPERS
        for inner in WRAPPERS
        for name, (schema, *_) in TYPES.items()
    }


def test_nested_constructs_are_not_widened() -> None:
    """The generator reads every combination of nested constructs without widening a part."""
    fields = sorted(nest_all().items())
    parts = {
        f"Thing{start}": dict(fields[start : start + 1_000])
        for start in range(0, len(fields), 1_000)
    }
    models = {name: {"type": "object", "properties": part} for name, part in parts.items()}
    spec = make_spec(make_document(schemas={**SCHEMAS, **models}))
    generator_input = prepare(spec)
    parse_result = parse(spec.name, generator_input.document, build_config(Path()))
    assert parse_result.widened_parts == []
    for name, part in parts.items():
        assert len(generator_input.models[name].fields) == len(part)


def test_constructs_pass_a_type_checker(tmp_path: Path) -> None:
    """A client with every construct in every wrapper passes mypy in strict mode."""
    wrapped_constructs = {
        f"{w}_{n}": WRAPPERS[w](s) for w in WRAPPERS for n, (s, *_) in TYPES.items()
    }
    model = {
        "type": "object",
        "properties": {**wrapped_constructs, **{n: s for n, (s, *_) in TYPES.items()}},
    }
    spec = make_spec(make_document(schemas={**SCHEMAS, "Thing": model}))
    with import_generated(spec, tmp_path) as (package, _):
        process = subprocess.run(
            [sys.executable, "-m", "mypy", "--strict", package.__name__],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
    assert process.returncode == 0, process.stdout + process.stderr
