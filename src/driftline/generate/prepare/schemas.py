"""Converts schemas to the shapes and classes of a client's types.

openapi-python-client fails on, or drops, much of JSON Schema. Each schema becomes the narrowest
shape (see `shapes`) that allows all its values; objects with fields and enums become components
with names. A schema without an exact shape becomes wider, with a problem.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from driftline.generate.prepare import values
from driftline.generate.prepare.discriminators import collect_literals, list_family, list_heirs
from driftline.generate.prepare.merging import list_types, merge
from driftline.generate.prepare.names import MAP, ClassNames, to_class_name
from driftline.generate.prepare.nodes import (
    TYPING,
    ClassBody,
    ClassName,
    ReferenceResolver,
    SchemaNode,
    as_array,
    as_object,
    has_choice,
    has_conditional_fields,
    has_fields,
)
from driftline.generate.prepare.reasons import Reporter
from driftline.generate.prepare.shapes import (
    ANY,
    Shape,
    build_array,
    build_key,
    build_union,
    measure_size,
)
from driftline.openapi import is_object, pointer as json_pointer

_COMPONENTS = ("components", "schemas")
_PLAIN = ("string", "integer", "number", "boolean", "null")
_FORMATS = frozenset({"date-time", "date", "uuid"})
# A larger type is unreadable, and hostile documents build them without end.
_LARGEST = 400
_DEEPEST = 60
_MOST_DISTRIBUTED = 40
_MOST_FIELDS = 2_000
"""The limit for a class; the generator compares the names of all fields with each other."""


class SchemaPreparer:
    """Converts schemas to shapes, and collects the classes that they need.

    Schemas are cached by identity: one that is reached in several ways has one shape.
    """

    def __init__(self, document: ReferenceResolver, reporter: Reporter) -> None:
        self.document = document
        self.literals = collect_literals(document)
        self._heirs = list_heirs(document)
        self.reporter = reporter
        self.names = ClassNames()
        self.classes: deque[ClassBody] = deque()
        self.enums: dict[str, list[Any]] = {}
        self.enum_words: dict[str, str] = {}
        self.maps: dict[str, Shape] = {}
        self.pointers: dict[str, str] = {}
        self._shapes: dict[int, Shape] = {}
        self._pending: set[int] = set()
        # Merged schemas are cached by identity too, so they must stay alive.
        self._live_schemas: list[Any] = []
        self._map_names: dict[str, str] = {}

    def name_components(self) -> None:
        """Name the classes, those of components before those of nested schemas."""
        components = as_object(as_object(self.document.document.get("components")).get("schemas"))
        nodes = {
            str(key): SchemaNode(schema, json_pointer.join(*_COMPONENTS, key))
            for key, schema in components.items()
        }
        for key, at in nodes.items():
            if is_object(at.schema) and "$ref" not in at.schema and self._is_class(at):
                self.shape(at, ClassName("", key))
        for key, at in nodes.items():
            self.shape(at, ClassName("", key))

    def _is_class(self, at: SchemaNode) -> bool:
        operands = self.document.list_operands(at)
        if len(operands) != 1:
            return len(operands) > 1
        schema = as_object(operands[0].schema)
        is_own = operands[0].pointer == at.pointer
        return is_own and ("enum" in schema or (has_fields(schema) and not has_choice(schema)))

    def shape(self, at: SchemaNode, name: ClassName) -> Shape:
        """Return the shape of a schema; `name` is the source of class names."""
        schema = at.schema
        if schema is False:
            self.reporter.report("client.widened.schema-false", at.pointer)
        if not is_object(schema) or not schema:
            return ANY
        key = id(schema)
        if key in self._shapes:
            return self._shapes[key]
        if key in self._pending or len(self._pending) > _DEEPEST:
            reason = "recursive-alias" if key in self._pending else "too-large"
            self.reporter.report(f"client.widened.{reason}", at.pointer)
            return ANY
        self._pending.add(key)
        try:
            schema_shape = self._shape_operands(at, name)
        finally:
            self._pending.discard(key)
        if measure_size(schema_shape) > _LARGEST:
            self.reporter.report("client.widened.too-large", at.pointer)
            schema_shape = ANY
        self._live_schemas.append(schema)
        return self._shapes.setdefault(key, schema_shape)

    def _shape_operands(self, at: SchemaNode, name: ClassName) -> Shape:
        if "$ref" in at.schema and self.document.follow(at.schema["$ref"]) is None:
            self.reporter.report("client.widened.reference", at.pointer)
            return ANY
        operands = self.document.list_operands(at)
        nullable = False
        last = as_object(operands[-1].schema) if len(operands) > 1 else {}
        if set(last) & TYPING == {"type"} and operands[-1].pointer == at.pointer:
            # `type` beside references and members only tells whether null is a value.
            nullable = "null" in as_array(last["type"])
            operands = operands[:1] if len(operands) == 2 else operands
        if not operands:
            return ANY
        if len(operands) > 1:
            shape = self._shape_merged(at, name)
        elif operands[0].pointer == at.pointer:
            shape = self._shape_own(as_object(operands[0].schema), at, name, operands)
        elif "$ref" in at.schema:
            shape = self._shape_family(operands[0], name)
        else:
            shape = self.shape(operands[0], name)
        return build_union([shape, {"type": "null"}]) if nullable else shape

    def _shape_family(self, base: SchemaNode, name: ClassName) -> Shape:
        """Return the shape of a reference.

        For a base with a discriminator, it includes all components that extend it.
        """
        base_shape = self._shape_reference(base, name)
        schema = as_object(base.schema)
        if not as_object(schema.get("discriminator")) or has_choice(schema):
            return base_shape
        family = list_family(self.document, base, self._heirs)
        if len(family) > _MOST_DISTRIBUTED:
            return base_shape
        return build_union([*(self._shape_reference(heir, name) for heir in family), base_shape])

    def _shape_reference(self, target: SchemaNode, name: ClassName) -> Shape:
        tokens = json_pointer.split(target.pointer)
        if tuple(tokens[:2]) == _COMPONENTS and len(tokens) == 3:
            name = ClassName("", tokens[2])
        elif tuple(tokens[:2]) == _COMPONENTS:
            name = ClassName(to_class_name(tokens[2]), tokens[-1])
        return self.shape(target, name)

    def _shape_merged(self, at: SchemaNode, name: ClassName) -> Shape:
        """Return the shape of an allOf with more than one part."""
        parts = list(self.document.list_parts(at))
        for base in self._list_bases(at):
            self._shape_reference(base, name)
        schema = merge(parts)
        if schema is None:
            self.reporter.report("client.widened.allof-conflict", at.pointer)
            return ANY
        if schema.pop("x-choices", None):
            self.reporter.report("client.widened.allof-choices", at.pointer)
            schema.pop("anyOf", None)
        for keyword in ("title", "description"):
            schema.pop(keyword, None)
            if keyword in at.schema:
                schema[keyword] = at.schema[keyword]
        self._live_schemas.append(schema)
        return self._shape_own(schema, at, name, parts)

    def _list_bases(self, at: SchemaNode) -> list[SchemaNode]:
        """Return the components that an allOf refers to.

        Their classes come first, so that nested classes are named after them.
        """
        members = [at.schema, *as_array(at.schema.get("allOf"))]
        bases = [self.document.follow(as_object(member).get("$ref")) for member in members]
        return [base for base in bases if base is not None and id(base.schema) not in self._pending]

    def _shape_own(
        self, schema: dict[str, Any], at: SchemaNode, name: ClassName, parts: Sequence[SchemaNode]
    ) -> Shape:
        """Return the shape of a schema that is neither a reference nor an allOf."""
        if "enum" in schema:
            enum_values = values.read_enum(schema, at, self.reporter)
            if enum_values is not None:
                return self._shape_enum(enum_values, schema, at, name)
            schema = {key: value for key, value in schema.items() if key != "enum"}
            self._live_schemas.append(schema)
        if "const" in schema:
            return values.shape_const(schema, at, self.reporter)
        if has_choice(schema):
            return self._shape_choice(schema, at, name, parts)
        kinds = list_types(schema)
        if kinds is None:
            return ANY
        return build_union(self._shape_typed(kind, schema, at, name, parts) for kind in kinds)

    def _shape_typed(
        self,
        kind: str,
        schema: dict[str, Any],
        at: SchemaNode,
        name: ClassName,
        parts: Sequence[SchemaNode],
    ) -> Shape:
        if kind == "object":
            return self._shape_object(schema, at, name, parts)
        if kind == "array":
            return self._shape_array(schema, at, name)
        if kind == "string" and schema.get("format") in _FORMATS:
            return {"type": "string", "format": schema["format"]}
        if kind in _PLAIN:
            return {"type": kind}
        self.reporter.report("client.widened.unknown-type", at.pointer)
        return ANY

    def _shape_array(self, schema: dict[str, Any], at: SchemaNode, name: ClassName) -> Shape:
        items, first = schema.get("items"), as_array(schema.get("prefixItems"))
        if isinstance(items, list):  # the tuples of earlier drafts
            first, items = as_array(items), schema.get("additionalItems")
        item = name.nest("item")
        if first:
            self.reporter.report("client.widened.tuple", at.pointer)
            members = [
                self.shape(SchemaNode(member, f"{at.pointer}/prefixItems/{index}"), item)
                for index, member in enumerate(first)
            ]
            is_closed = items is False or schema.get("maxItems") == len(first)
            rest = [] if is_closed else [self.shape(SchemaNode(items, at.pointer + "/items"), item)]
            return build_array(build_union([*members, *rest]))
        if items is None:
            self.reporter.report("client.widened.array-without-items", at.pointer)
        if items is False:  # the array is empty
            return build_array(ANY)
        return build_array(self.shape(SchemaNode(items, at.pointer + "/items"), item))

    def _shape_choice(
        self, schema: dict[str, Any], at: SchemaNode, name: ClassName, parts: Sequence[SchemaNode]
    ) -> Shape:
        """Return the shape of an anyOf or oneOf; fields beside it are in every member."""
        members: list[SchemaNode] = []
        for keyword in ("anyOf", "oneOf"):
            owner = next((p.pointer for p in parts if keyword in p.schema), at.pointer)
            nodes = enumerate(as_array(schema.get(keyword)))
            members += [SchemaNode(node, f"{owner}/{keyword}/{i}") for i, node in nodes]
        base = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
        typed = [member for member in members if self.document.has_type(member)]
        if not typed or (has_fields(base) and len(members) > _MOST_DISTRIBUTED):
            if typed:
                self.reporter.report("client.widened.allof-choices", at.pointer)
                base["additionalProperties"] = True
            self._live_schemas.append(base)
            return self._shape_own(base, at, name, parts)
        shapes = list[Shape]()
        for index, member in enumerate(members):
            inner = self._name_member(schema, member, name, index)
            if has_fields(base) and not self._has_fields_of(member, base):
                shapes.append(self._distribute(base, at, member, inner))
            else:
                shapes.append(self.shape(member, inner))
        if "null" in (list_types(base) or ()):
            shapes.append({"type": "null"})
        is_open = base.get("additionalProperties") and not has_fields(base)
        if is_open and any(self.document.has_fields(member) for member in members):
            # Beside the choice, they allow fields that no member has.
            shapes.append(self._map(base, at, name.join(schema.get("title"))))
        return build_union(shapes)

    def _name_member(
        self, schema: dict[str, Any], member: SchemaNode, name: ClassName, index: int
    ) -> ClassName:
        title = as_object(member.schema).get("title")
        has_own = isinstance(title, str) and title != schema.get("title")
        return name.nest(str(title) if has_own and not name.parent else f"type_{index}")

    def _has_fields_of(self, member: SchemaNode, base: dict[str, Any]) -> bool:
        """Return whether a member of a choice has all fields that are beside the choice."""
        names, required = set[str](), set[str]()
        for part in self.document.list_parts(member):
            names |= set(as_object(part.schema.get("properties")))
            required |= set(map(str, as_array(part.schema.get("required"))))
        fields = set(map(str, as_array(base.get("required"))))
        return set(as_object(base.get("properties"))) <= names and fields <= required

    def _distribute(
        self, base: dict[str, Any], at: SchemaNode, member: SchemaNode, name: ClassName
    ) -> Shape:
        """Return one member of a choice merged with the fields beside the choice."""
        combined: dict[str, Any] = {"allOf": [base, member.schema]}
        title = as_object(member.schema).get("title")
        if isinstance(title, str):
            combined["title"] = title
        self._live_schemas.append(combined)
        literals = self.literals.get(id(self.document.resolve(member).schema))
        if literals is not None:
            self.literals[id(combined)] = literals
        return self.shape(SchemaNode(combined, at.pointer), name)

    def _shape_object(
        self, schema: dict[str, Any], at: SchemaNode, name: ClassName, parts: Sequence[SchemaNode]
    ) -> Shape:
        preferred_name = name.join(schema.get("title"))
        properties = as_object(schema.get("properties"))
        if not properties:
            return self._map(schema, at, preferred_name)
        # A required name is a field even if no property describes it.
        names = [field for field in as_array(schema.get("required")) if isinstance(field, str)]
        undescribed: dict[str, Any] = {field: {} for field in names if field not in properties}
        if undescribed:
            schema = {**schema, "properties": {**properties, **undescribed}}
            self._live_schemas.append(schema)
        if len(properties) + len(undescribed) > _MOST_FIELDS:
            self.reporter.report("client.widened.too-large", at.pointer)
            return ANY
        class_name = self.names.take(preferred_name)
        self.pointers[class_name] = at.pointer
        self.classes.append(ClassBody(class_name, schema, at, parts))
        return {"$ref": f"#/components/schemas/{class_name}"}

    def _map(self, schema: dict[str, Any], at: SchemaNode, preferred_name: str) -> Shape:
        inner = self.shape_additional(schema, at, to_class_name(preferred_name))
        value: Shape = {"type": "object", "additionalProperties": ANY if inner is None else inner}
        key = build_key(value)
        if key not in self._map_names:
            self._map_names[key] = f"{MAP}{len(self._map_names) + 1}"
            self.maps[self._map_names[key]] = value
        return {"$ref": f"#/components/schemas/{self._map_names[key]}"}

    def shape_additional(self, schema: dict[str, Any], at: SchemaNode, owner: str) -> Shape | None:
        """Return the shape of additional properties.

        None if the schema does not describe them.
        """
        more = schema.get("additionalProperties")
        patterns = as_object(schema.get("patternProperties"))
        name = ClassName(owner, "AdditionalProperty")
        pointer = at.pointer + "/patternProperties"
        shapes = [
            self.shape(SchemaNode(pattern_schema, pointer + json_pointer.join(key)), name)
            for key, pattern_schema in patterns.items()
        ]
        if is_object(more):
            shapes.append(self.shape(SchemaNode(more, at.pointer + "/additionalProperties"), name))
        elif more is True or (more is None and (patterns or has_conditional_fields(schema))):
            return ANY
        return build_union(shapes) if shapes else None

    def _shape_enum(
        self, enum: values.EnumValues, schema: dict[str, Any], at: SchemaNode, name: ClassName
    ) -> Shape:
        if not enum.literals:
            return build_union(enum.shapes)
        shape = self._build_enum_class(enum.literals, at, name.join(schema.get("title")))
        description = schema.get("description")
        if isinstance(description, str):
            self.enum_words.setdefault(shape["$ref"].rpartition("/")[2], description)
        return build_union([shape, *enum.shapes])

    def _build_enum_class(self, literals: list[Any], at: SchemaNode, preferred_name: str) -> Shape:
        existing = self.enums.get(to_class_name(preferred_name))
        if existing is not None and set(map(repr, existing)) == set(map(repr, literals)):
            class_name = to_class_name(preferred_name)
        else:
            class_name = self.names.take(preferred_name)
            self.enums[class_name] = literals
            self.pointers[class_name] = at.pointer
        return {"$ref": f"#/components/schemas/{class_name}"}
