"""Assembles the generator's input: a component for each class and operation."""

from __future__ import annotations

from collections.abc import Sequence

from driftline.errors import Problem
from driftline.generate.prepare.classes import build_class
from driftline.generate.prepare.nodes import ReferenceResolver
from driftline.generate.prepare.operations import OperationPreparer
from driftline.generate.prepare.prepared import Prepared, PreparedModel, PreparedOperation
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.schemas import SchemaPreparer
from driftline.generate.prepare.shapes import Shape
from driftline.openapi import Spec


def prepare(spec: Spec) -> Prepared:
    """Return the generator's input for all operations and schemas of a spec."""
    document, reporter = ReferenceResolver(spec.document), Reporter(spec)
    schemas = SchemaPreparer(document, reporter)
    components: dict[str, Shape] = {}
    models: dict[str, PreparedModel] = {}

    def build_classes() -> None:
        while schemas.classes:
            body = schemas.classes.popleft()
            components[body.name], models[body.name] = build_class(schemas, body)

    schemas.name_components()
    build_classes()
    operations: dict[str, PreparedOperation] = {}
    builder = OperationPreparer(schemas, spec)
    for operation in spec.operations:
        component, prepared = builder.build(operation)
        components[prepared.component] = component
        operations[prepared.component] = prepared
        build_classes()
    operations = {name: builder.name_stream_method(each) for name, each in operations.items()}
    for name, literal_values in schemas.enums.items():
        kind = "string" if isinstance(literal_values[0], str) else "integer"
        components[name] = {"type": kind, "enum": literal_values}
        if name in schemas.enum_words:
            components[name]["description"] = schemas.enum_words[name]
    return Prepared(
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
    spec: Spec, prepared: Prepared, widened: Sequence[tuple[str, str]]
) -> tuple[Problem, ...]:
    """Return a problem for each schema that the generator could not parse."""
    reporter = Reporter(spec)
    for name, _ in widened:
        found = prepared.operations.get(name)
        pointer = found.operation.pointer if found else prepared.pointers.get(name, "")
        reporter.report("client.widened.unknown", pointer)
    return reporter.problems
