"""Reads schemas of every version as JSON Schema 2020-12, leniently.

An unusable keyword is removed, so that the schema allows more, which never rejects a valid value.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Final

from driftline.openapi.pointer import is_array, is_object, join, split
from driftline.openapi.read.upgrade.context import Context, read_extensions
from driftline.openapi.read.upgrade.keywords import (
    ValueReader,
    allow_null,
    assume_type,
    find_pattern_problem,
    find_unmet_word,
    fit_values,
    guess_type,
    is_usable_pattern,
    keep_annotations,
    read_pattern,
)
from driftline.openapi.read.upgrade.sizes import cut_large_schemas
from driftline.openapi.schema.validators import DIALECT

_PARTS: Final = frozenset(
    {"$ref", "allOf", "anyOf", "else", "if", "not", "oneOf", "then", "unevaluatedProperties"}
)
"""Keywords of schemas whose fields may be described elsewhere."""
_COUNTS: Final = (
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("minContains", "maxContains"),
)
_NUMBERS: Final = ("minimum", "maximum", "multipleOf")
_NUMERIC_TYPES: Final = ("integer", "number")
_NUMERIC_FORMATS: Final = ("integer", "numeric")
"""Formats of strings that no standard has, and that say that a string is a number."""
_FLAGS: Final = ("uniqueItems", "deprecated", "readOnly", "writeOnly")
_SINGLE: Final = (
    *("contains", "contentSchema", "if", "then", "else", "not", "propertyNames"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_NAMED: Final = ("$defs", "definitions", "dependentSchemas", "properties")
_SAID: Final = frozenset({"$ref", "anyOf", "const", "enum", "oneOf", "type", "x-assumed"})
_DYNAMIC: Final = ("$dynamicRef", "$recursiveRef")
_MOVING: Final = ("$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary")

Handler = Callable[[dict[str, Any], str, str], None]


class SchemaReader(ValueReader):
    """Reads the schema at a position of the document, with its subschemas."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.is_outside = True
        self.handlers: dict[str, Handler] = {
            "type": self.read_type,
            "enum": self.read_enum,
            "required": self.read_required,
            "items": self.read_items,
            "additionalProperties": self.read_additional,
            "patternProperties": self.read_patterns,
            "pattern": self.read_pattern,
            "format": self.read_text,
            "title": self.read_text,
            "description": self.read_text,
            "discriminator": self.read_discriminator,
            "examples": self.read_examples,
            "xml": self.read_mapping,
            "externalDocs": self.read_mapping,
            "dependentRequired": self.read_dependent_required,
            "$schema": self.read_dialect,
            **dict.fromkeys(("x-assumed", "x-lifecycle", "x-reference"), self.read_extension),
            "exclusiveMinimum": self.read_exclusive,
            "exclusiveMaximum": self.read_exclusive,
            **dict.fromkeys(_COUNTS, self.count),
            **dict.fromkeys(_NUMBERS, self.read_number),
            **dict.fromkeys(_FLAGS, self.read_flag),
            **dict.fromkeys(_SINGLE, self.read_single),
            **dict.fromkeys(_NAMED, self.read_map),
            "anyOf": self.read_alternatives,
            **dict.fromkeys(("allOf", "oneOf", "prefixItems"), self.read_list),
            **dict.fromkeys(_DYNAMIC, self.read_dynamic),
            **dict.fromkeys(_MOVING, self.read_identifier),
        }

    def read(self, owner: Any, key: Any, pointer: str, *, negated: bool = False) -> None:
        """Make the value at `key` of `owner` a schema; in `negated` ones nothing is guessed."""
        schema = owner[key]
        if isinstance(schema, bool):
            return
        if not is_object(schema):
            if schema is not None:
                self.warn("schema.invalid", pointer, "not a schema", "Write an object.")
            owner[key] = {}
            return
        if id(schema) in self.context.object_kinds:
            return
        self.context.object_kinds[id(schema)] = "schemas"
        if self.is_outside:
            cut_large_schemas(schema, pointer, self.report_large)
        self.follow(schema, owner, key, pointer)
        outside, self.is_outside = self.is_outside, False
        for keyword in list(schema):
            handler = self.handlers.get(keyword)
            if handler is not None and keyword in schema:
                handler(schema, keyword, pointer)
        self.is_outside = outside
        if not negated and not schema.keys() & _SAID:
            assume_type(schema)
        if not negated:
            self.describe_required(schema, pointer)

    def report_large(self, pointer: str) -> None:
        message = "the schema is too large: only its type is read"
        hint = "Split it into components, or lower the number of its parts."
        self.warn("schema.too-large", pointer, message, hint)

    def describe_required(self, schema: dict[str, Any], pointer: str) -> None:
        """Allow any value for a required field that has no schema."""
        fields, names = schema.get("properties"), schema.get("required")
        is_part = bool(_PARTS & {*schema, *split(pointer)[-2:]})
        if is_part or not is_object(fields) or not is_array(names):
            return
        if is_object(schema.get("additionalProperties")) or "patternProperties" in schema:
            return
        missing = [name for name in names if name not in fields]
        if missing:
            schema["properties"] = {**fields, **{name: {} for name in missing}}
            message = f"the required field {missing[0][:60]!r} is not among the properties"
            hint = "Describe it under properties."
            self.warn("schema.required-undescribed", f"{pointer}/required", message, hint)

    def follow(self, schema: dict[str, Any], owner: Any, key: Any, pointer: str) -> None:
        """Record the reference of a schema, after converting `nullable` beside it."""
        if self.context.is_old and "$ref" in schema:
            keep_annotations(schema)
        if "nullable" in schema or "x-nullable" in schema:
            for keyword in ("nullable", "x-nullable"):
                self.read_flag(schema, keyword, pointer)
            suffix = allow_null(schema)
            if suffix is not None:
                self.context.moves.note(f"{pointer}/anyOf/0", pointer + suffix)
        if isinstance(schema.get("$ref"), str):
            self.context.refer(schema, owner, key, pointer, "schemas")
        elif "$ref" in schema:
            self.drop(schema, "$ref", pointer, "ref.dangling", "a $ref that is not a string")

    # Each of these methods reads one keyword of a schema.

    def read_single(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        if schema[keyword] is None:
            del schema[keyword]
            return
        negated = keyword in {"not", "if", "contains"}
        self.read(schema, keyword, f"{pointer}/{keyword}", negated=negated)

    def read_list(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if is_object(value):
            value = schema[keyword] = [value]
        if not is_array(value) or not value:
            self.drop(schema, keyword, pointer, "schema.invalid", f"{keyword} lists no schemas")
            return
        for index in range(len(value)):
            self.read(value, index, f"{pointer}/{keyword}/{index}")

    def read_alternatives(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        """Read alternatives; a number beside its own text is a number, as URLs have it.

        TypeBox writes both wherever a number can come from a URL, also in bodies.
        """
        options = schema[keyword]
        numbers = [
            option
            for option in (options if is_array(options) else ())
            if is_object(option) and option.get("type") in _NUMERIC_TYPES
        ]
        for index, option in enumerate(options if numbers else ()):
            is_text = is_object(option) and option.get("type") == "string"
            if is_text and option.get("format") in _NUMERIC_FORMATS:
                options[index] = copy.deepcopy(numbers[0])
        self.read_list(schema, keyword, pointer)

    def read_map(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if not is_object(value):
            if value is None:
                del schema[keyword]
            else:
                self.drop(schema, keyword, pointer, "schema.invalid", f"{keyword} is not an object")
            return
        for name in value:
            self.read(value, name, pointer + join(keyword, name))

    def read_items(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if is_array(value) and "prefixItems" in schema:
            del schema[keyword]
        elif is_array(value) and len(value) == 1:
            schema[keyword] = value[0]
            self.context.moves.note(f"{pointer}/items", f"{pointer}/items/0")
            self.read(schema, keyword, f"{pointer}/items")
        elif is_array(value):
            del schema[keyword]
            rest = schema.pop("additionalItems", None)
            if rest is not None:
                schema["items"] = rest
                self.read(schema, "items", f"{pointer}/items")
            if value:
                schema["prefixItems"] = value
                self.context.moves.note(f"{pointer}/prefixItems", f"{pointer}/items")
                self.read_list(schema, "prefixItems", pointer)
        else:
            self.read(schema, keyword, f"{pointer}/items")

    def read_additional(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if value is None or isinstance(value, str):
            self.read_flag(schema, keyword, pointer)
        else:
            self.read(schema, keyword, f"{pointer}/{keyword}")

    def read_patterns(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        self.read_map(schema, keyword, pointer)
        value = schema.get(keyword)
        value = value if is_object(value) else {}
        for pattern in list(value):
            if not is_usable_pattern(pattern):
                self.drop(value, pattern, pointer + join(keyword), *find_pattern_problem(pattern))
                if schema.get("additionalProperties") is False:
                    del schema["additionalProperties"]  # the keys that it was meant for are allowed

    def read_pattern(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        pattern = schema[keyword]
        if isinstance(pattern, str) and (equivalent := read_pattern(pattern)) != pattern:
            message = f"not a pattern of ECMA-262: {pattern[:80]!r}"
            if equivalent is None:
                self.drop(schema, keyword, pointer, "schema.pattern-dialect", message)
                return
            schema[keyword] = equivalent
            hint = f"Write {equivalent!r}, which it is read as."
            self.warn("schema.pattern-dialect", f"{pointer}/pattern", message, hint)
        if not isinstance(schema[keyword], str) or not is_usable_pattern(schema[keyword]):
            self.drop(schema, keyword, pointer, *find_pattern_problem(schema[keyword]))

    def read_type(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if value == "file":  # used by Swagger 2.0 in forms and responses
            schema |= {"type": "string", "format": "binary"}
            if self.context.is_swagger:
                return
        guess, sure = guess_type(value)
        if sure:
            if guess != value:
                schema[keyword] = guess
            return
        message = f"{str(value)[:60]!r} is not a type of JSON Schema"
        if guess is None:
            self.drop(schema, keyword, pointer, "schema.type-unknown", message)
            return
        schema[keyword] = guess
        types = guess if isinstance(guess, str) else ", ".join(guess)
        hint = f"Write {types}, which it is read as."
        self.warn("schema.type-unknown", f"{pointer}/type", message, hint)

    def read_enum(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        values = schema[keyword]
        if not is_array(values):
            self.drop(schema, keyword, pointer, "schema.enum-invalid", "enum is not a list")
        elif not values:
            message = "enum is empty, so that no value is allowed"
            self.drop(schema, keyword, pointer, "schema.enum-empty", message)
        else:
            fitting = fit_values(values, schema.get("type"))
            message = "the values of enum do not match `type`"
            if fitting is not values:
                schema[keyword] = fitting
                hint = "Write the values as they are on the wire."
                self.warn("schema.enum-type", f"{pointer}/enum", message, hint)
            elif "type" in schema and (unmet := find_unmet_word(values, schema["type"])):
                self.drop(schema, unmet, pointer, "schema.enum-type", message)

    def read_required(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if is_array(value) and all(isinstance(name, str) for name in value):
            if len(set(value)) < len(value):
                schema[keyword] = list(dict.fromkeys(value))
            return
        if not is_array(value) and not is_object(value):
            message = "required is a list of the fields of an object, not a flag of a field"
        else:
            message = "required is not a list of names"
        self.drop(schema, keyword, pointer, "schema.required-invalid", message)

    def read_examples(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if is_object(value):
            schema[keyword] = [
                example["value"] if is_object(example) and "value" in example else example
                for example in value.values()
            ]
        elif not is_array(value):
            schema[keyword] = [value]

    def read_discriminator(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if isinstance(value, str):  # as in Swagger 2.0
            schema[keyword] = {"propertyName": value}
        elif not is_object(value) or not isinstance(value.get("propertyName"), str):
            message = "a discriminator without the name of its property"
            self.drop(schema, keyword, pointer, "schema.discriminator-invalid", message)
        elif "mapping" in value:
            mapping = value["mapping"]
            mapping = mapping if is_object(mapping) else {}
            value["mapping"] = {k: v for k, v in mapping.items() if isinstance(v, str)}
            self.context.mappings.append((value["mapping"], f"{pointer}/{keyword}/mapping"))

    def read_dependent_required(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        if not is_object(value) or not all(
            is_array(names) and all(isinstance(name, str) for name in names)
            for names in value.values()
        ):
            self.drop(schema, keyword, pointer, "schema.invalid", f"{keyword} cannot be read")

    def read_extension(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        only = {keyword: schema[keyword]}
        read_extensions(only, pointer, self.context.notes)
        if not only:
            del schema[keyword]

    def read_dialect(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema.pop(keyword)
        if value != DIALECT and value != DIALECT + "#":
            message = "a schema in another dialect is read as JSON Schema 2020-12"
            self.warn("schema.dialect", pointer, message, "Convert it.")

    def read_dynamic(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        message = f"{keyword} is not followed; any value is allowed here"
        self.drop(schema, keyword, pointer, "schema.unsupported-keyword", message)

    def read_identifier(self, schema: dict[str, Any], keyword: str, pointer: str) -> None:
        value = schema.pop(keyword)
        if keyword in {"$anchor", "$dynamicAnchor"} and isinstance(value, str):
            self.context.anchors.setdefault(value, pointer)
