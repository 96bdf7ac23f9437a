"""Assembles the generator's input: a component for each class and operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from driftline.errors import Problem
from driftline.generate.prepare.discriminators import narrow
from driftline.generate.prepare.names import NamePool, replace_signs, to_identifier
from driftline.generate.prepare.nodes import (
    ClassBody,
    ClassName,
    ReferenceResolver,
    SchemaNode,
    as_array,
    as_object,
)
from driftline.generate.prepare.operations import OperationPreparer
from driftline.generate.prepare.prepared import (
    GeneratorInput,
    PreparedField,
    PreparedModel,
    PreparedOperation,
)
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.schemas import SchemaPreparer
from driftline.generate.prepare.shapes import Shape
from driftline.openapi import Spec, is_hidden
from driftline.runtime import ListingModel

# Names that the base classes of models already use.
_RESERVED = frozenset(name for name in dir(ListingModel) if not name.startswith("_"))


def prepare(spec: Spec) -> GeneratorInput:
    """Return the generator's input for all operations and schemas of a spec."""
    document, reporter = ReferenceResolver(spec.document), Reporter(spec)
    schemas = SchemaPreparer(document, reporter)
    components: dict[str, Shape] = {}
    models: dict[str, PreparedModel] = {}

    def build_classes() -> None:
        while schemas.classes:
            body = schemas.classes.popleft()
            components[body.name], models[body.name] = _build_class(schemas, body)

    schemas.name_components()
    build_classes()
    operations: dict[str, PreparedOperation] = {}
    builder = OperationPreparer(schemas, spec)
    for operation in spec.operations:
        component, prepared_operation = builder.build(operation)
        components[prepared_operation.component] = component
        operations[prepared_operation.component] = prepared_operation
        build_classes()
    operations = {name: builder.name_stream_method(entry) for name, entry in operations.items()}
    for name, literal_values in schemas.enums.items():
        kind = "string" if isinstance(literal_values[0], str) else "integer"
        components[name] = {"type": kind, "enum": literal_values}
        if name in schemas.enum_words:
            components[name]["description"] = schemas.enum_words[name]
    return GeneratorInput(
        document={
            "openapi": "3.1.0",
            "info": {"title": spec.name, "version": "1"},
            "paths": {},
            "components": {"schemas": {**components, **schemas.maps}},
        },
        operations=operations,
        models=models,
        enums=schemas.enums,
        pointers=schemas.pointers,
        problems=reporter.problems,
    )


def report_widened(
    spec: Spec, generator_input: GeneratorInput, widened: Sequence[tuple[str, str]]
) -> tuple[Problem, ...]:
    """Return a problem for each schema that the generator could not parse."""
    reporter = Reporter(spec)
    for name, _ in widened:
        prepared_operation = generator_input.operations.get(name)
        pointer = (
            prepared_operation.operation.pointer
            if prepared_operation
            else generator_input.pointers.get(name, "")
        )
        reporter.report("client.widened.unknown", pointer)
    return reporter.problems


def _build_class(schemas: SchemaPreparer, body: ClassBody) -> tuple[dict[str, Any], PreparedModel]:
    """Return the component for a class, and its fields by their names in that component."""
    document, schema = schemas.document, body.schema
    required = set(map(str, as_array(schema.get("required"))))
    tag_values = schemas.literals.get(id(body.node.schema), {})
    fields: dict[str, PreparedField] = {}
    properties: dict[str, Any] = {}
    names = NamePool()
    # A discriminator names its property for all members of the choice, whether they describe it or
    # not.
    described_properties = as_object(schema.get("properties"))
    described_properties = {
        **described_properties,
        **{tag: {"type": "string"} for tag in tag_values if tag not in described_properties},
    }
    for index, (wire, prop) in enumerate(described_properties.items()):
        at = SchemaNode(prop, body.find_property(wire))
        if wire in tag_values:
            at = narrow(document, at, tag_values[wire])
        key = f"f{index}"
        properties[key] = schemas.shape(at, ClassName(body.name, str(wire)))
        fields[key] = PreparedField(
            name=_name_field(str(wire), names),
            wire=str(wire),
            description=document.find_description(at),
            required=wire in required,
            read_only=is_hidden(document.document, at.schema, "readOnly"),
            write_only=is_hidden(document.document, at.schema, "writeOnly"),
            file=document.find_file_kind(at),
        )
    more = schemas.shape_additional(schema, body.node, body.name)
    component: dict[str, Any] = {"type": "object", "properties": properties}
    component["required"] = [
        key for key, field in fields.items() if field.required and not field.write_only
    ]
    description = schema.get("description") or schema.get("title")
    if isinstance(description, str):
        component["description"] = description
    if more is not None:
        component["additionalProperties"] = more
    model = PreparedModel(body.name, body.node.pointer, fields, has_more=more is not None)
    return component, model


def _name_field(wire: str, names: NamePool, reserved: frozenset[str] = _RESERVED) -> str:
    """Return a Python name for a field that is not used yet."""
    name = to_identifier(wire)
    if name in names:
        name = to_identifier(replace_signs(wire))
    return names.take(name + "_" if name in reserved else name)
