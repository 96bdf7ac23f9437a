"""Puts the generator's input together: an operation a path, a component a class."""

from __future__ import annotations

from typing import Any

from driftline.generate.prepare.classes import build_class
from driftline.generate.prepare.discriminators import discriminated
from driftline.generate.prepare.nodes import Document
from driftline.generate.prepare.operations import Operations
from driftline.generate.prepare.prepared import Prepared, PreparedModel, PreparedOperation
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.schemas import Schemas
from driftline.generate.prepare.shapes import Shape
from driftline.spec import Spec

__all__ = ["prepare"]


def prepare(spec: Spec) -> Prepared:
    """Return the generator's input for all operations and schemas of a spec."""
    document, reporter = Document(spec.document), Reporter(spec)
    schemas = Schemas(document, reporter)
    literals = discriminated(document)
    components: dict[str, Shape] = {}
    models: dict[str, PreparedModel] = {}

    def build_classes() -> None:
        while schemas.classes:
            body = schemas.classes.popleft()
            components[body.name], models[body.name] = build_class(schemas, body, literals)

    schemas.name_components()
    build_classes()
    paths: dict[str, Any] = {}
    operations: dict[str, PreparedOperation] = {}
    builder = Operations(schemas)
    for index, operation in enumerate(spec.operations):
        node, prepared = builder.build(operation)
        paths[f"/{index}"] = {"get": node}
        operations[prepared.module] = prepared
        build_classes()
    for name, literal_values in schemas.enums.items():
        kind = "string" if isinstance(literal_values[0], str) else "integer"
        components[name] = {"type": kind, "enum": literal_values}
    return Prepared(
        document={
            "openapi": "3.1.0",
            "info": {"title": spec.name, "version": "1"},
            "paths": paths,
            "components": {"schemas": {**components, **schemas.maps}},
        },
        operations=operations,
        models=models,
        enums=schemas.enums,
        pointers=schemas.pointers,
        problems=reporter.problems,
    )
