"""Cases for the checks of oasdiff's catalogue that concern schemas.

Each case is an old schema, a new one that breaks client code, and a near-twin that does not. The
key is the check's name without a prefix such as `request-body-`.
"""

from __future__ import annotations

from typing import Any

from changes_wire.comparing import STRING

Case = tuple[Any, Any, Any]


def _build_object(*names: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {n: {"type": "string"} for n in names},
    }
    return {**schema, "required": list(required)} if required else schema


NUMBER, LIST = {"type": "number"}, {"type": "array", "items": {}}
MAP = {"type": "object"}


def _set_keyword(base: dict[str, Any], keyword: str, value: Any) -> Case:
    """Return a case that adds a keyword, and only describes it in the near-twin."""
    return base, {**base, keyword: value}, {**base, "description": f"{keyword} {value}"}


def _unset_keyword(base: dict[str, Any], keyword: str, value: Any) -> Case:
    """Return a case that removes a keyword, and only its description in the near-twin."""
    old = {**base, keyword: value}
    return {**old, "description": "It is so."}, base, old


def _move_bound(base: dict[str, Any], keyword: str, old: Any, new: Any, twin: Any) -> Case:
    return {**base, keyword: old}, {**base, keyword: new}, {**base, keyword: twin}


_CAT = {"title": "Cat", **_build_object("purr", required=("purr",))}
_DOG = {"title": "Dog", **_build_object("bark", required=("bark",))}
_TUPLE = {"type": "array", "prefixItems": [STRING, NUMBER], "items": False}
_PAIR = {"type": "array", "prefixItems": [STRING], "items": False}
_IF = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
_OBJECT: dict[str, Any] = _build_object("a", "b")
_CONTAINS = {**LIST, "contains": STRING}

# Of what is sent: the new one is narrower.
SENT_CASES: dict[str, Case] = {
    "all-of-added": (
        {"allOf": [_build_object("a")]},
        {"allOf": [_build_object("a"), {"required": ["a"]}]},
        {"allOf": [_build_object("a"), {"description": "A thing."}]},
    ),
    "any-of-removed": (
        {"anyOf": [_CAT, _DOG]},
        {"anyOf": [_CAT]},
        {"anyOf": [_DOG, _CAT]},
    ),
    "one-of-removed": (
        {"oneOf": [_CAT, _DOG]},
        {"oneOf": [_DOG]},
        {"oneOf": [_DOG, _CAT]},
    ),
    "wrapped-in-one-of": (
        _build_object("a", "b"),
        {"oneOf": [_build_object("a", "b", required=("a",)), _DOG]},
        {"oneOf": [_build_object("a", "b"), _DOG]},
    ),
    "became-enum": (STRING, {**STRING, "enum": ["a"]}, {**STRING, "examples": ["a"]}),
    "enum-value-removed": _move_bound(STRING, "enum", ["a", "b"], ["a"], ["b", "a"]),
    "x-extensible-enum-value-removed": _move_bound(
        STRING, "x-extensible-enum", ["a", "b"], ["a"], ["c", "b", "a"]
    ),
    "const-added": (STRING, {**STRING, "const": "a"}, {**STRING, "title": "a"}),
    "const-changed": ({"const": "a"}, {"const": "b"}, {"enum": ["a", "b"]}),
    "became-not-nullable": (
        {"type": ["string", "null"]},
        STRING,
        {"anyOf": [STRING, {"type": "null"}]},
    ),
    "type-changed": ({"type": "boolean"}, NUMBER, {"type": ["boolean"]}),
    "type-specialized": (NUMBER, {"type": "integer"}, {"type": ["integer", "number"]}),
    "list-of-types-narrowed": (
        {"type": ["integer", "boolean"]},
        {"type": "integer"},
        {"type": ["boolean", "integer"]},
    ),
    "became-required": (
        _build_object("a", "b", required=("b",)),
        _build_object("a", "b", required=("b", "a")),
        _build_object("a", "b", required=()),
    ),
    "became-required-with-default": (
        {"properties": {"a": {"default": 1}}},
        {"properties": {"a": {"default": 1}}, "required": ["a"]},
        {"properties": {"a": {"default": 1}}, "required": []},
    ),
    "new-required": (
        _build_object("a"),
        _build_object("a", "b", required=("b",)),
        _build_object("a", "b"),
    ),
    "new-required-with-default": (
        _build_object("a"),
        {"type": "object", "properties": {"a": STRING, "b": {"default": 1}}, "required": ["b"]},
        {"type": "object", "properties": {"a": STRING, "b": {"default": 1}}},
    ),
    "removed": (_build_object("a", "b"), _build_object("a"), _build_object("b", "a")),
    "pattern-added": (STRING, {**STRING, "pattern": "^a"}, {**STRING, "pattern": ".*"}),
    "pattern-changed": _move_bound(STRING, "pattern", "^a", "^b", "^.*$"),
    "max-set": _set_keyword(NUMBER, "maximum", 5),
    "max-decreased": _move_bound(NUMBER, "maximum", 5, 4, 6),
    "exclusive-max-set": _set_keyword(NUMBER, "exclusiveMaximum", 5),
    "exclusive-max-decreased": _move_bound(NUMBER, "exclusiveMaximum", 5, 4.5, 5.5),
    "min-set": _set_keyword(NUMBER, "minimum", 5),
    "min-increased": _move_bound(NUMBER, "minimum", 5, 6, 4),
    "exclusive-min-set": _set_keyword(NUMBER, "exclusiveMinimum", 5),
    "exclusive-min-increased": _move_bound(NUMBER, "exclusiveMinimum", 5, 6, 4),
    "max-length-set": _set_keyword(STRING, "maxLength", 5),
    "max-length-decreased": _move_bound(STRING, "maxLength", 5, 4, 6),
    "min-length-increased": _move_bound(STRING, "minLength", 5, 6, 4),
    "max-items-set": _set_keyword(LIST, "maxItems", 5),
    "max-items-decreased": _move_bound(LIST, "maxItems", 5, 4, 6),
    "min-items-set": _set_keyword(LIST, "minItems", 5),
    "min-items-increased": _move_bound(LIST, "minItems", 5, 6, 4),
    "max-properties-set": _set_keyword(MAP, "maxProperties", 5),
    "max-properties-decreased": _move_bound(MAP, "maxProperties", 5, 4, 6),
    "min-properties-increased": _move_bound(MAP, "minProperties", 5, 6, 4),
    "unique-items-set": (LIST, {**LIST, "uniqueItems": True}, {**LIST, "uniqueItems": False}),
    "multiple-of-set": _set_keyword(NUMBER, "multipleOf", 5),
    "multiple-of-changed": _move_bound(NUMBER, "multipleOf", 4, 6, 2),
    "prefix-items-removed": (
        _TUPLE,
        _PAIR,
        {**_TUPLE, "prefixItems": [{**STRING, "title": "first"}, NUMBER]},
    ),
    "if-added": (_OBJECT, {**_OBJECT, **_IF}, {**_OBJECT, "description": "if a, then b"}),
    "then-added": (
        {**_OBJECT, "if": _IF["if"]},
        {**_OBJECT, **_IF},
        {**_OBJECT, "if": {"title": "a is there", **_IF["if"]}},
    ),
    "else-added": (
        {**_OBJECT, **_IF},
        {**_OBJECT, **_IF, "else": {"required": ["a"]}},
        {**_OBJECT, **_IF, "else": True},
    ),
    "contains-added": (LIST, _CONTAINS, {**LIST, "title": "contains a text"}),
    "min-contains-increased": _move_bound(_CONTAINS, "minContains", 2, 3, 1),
    "max-contains-decreased": _move_bound(_CONTAINS, "maxContains", 3, 2, 4),
    "dependent-required-added": (
        _OBJECT,
        {**_OBJECT, "dependentRequired": {"a": ["b"]}},
        {**_OBJECT, "dependentRequired": {"a": []}},
    ),
    "dependent-required-changed": (
        {**_OBJECT, "dependentRequired": {"a": ["b"]}},
        {**_OBJECT, "dependentRequired": {"a": ["c"]}},
        {**_OBJECT, "dependentRequired": {"a": ["b"]}, "title": "a and b"},
    ),
    "dependent-schema-added": (
        _OBJECT,
        {**_OBJECT, "dependentSchemas": {"a": {"required": ["b"]}}},
        {**_OBJECT, "dependentSchemas": {}},
    ),
    "pattern-property-added": (
        MAP,
        {**MAP, "patternProperties": {"^a": STRING}},
        {**MAP, "patternProperties": {}},
    ),
    "property-names-added": (
        MAP,
        {**MAP, "propertyNames": {"pattern": "^a"}},
        {**MAP, "propertyNames": True},
    ),
    "unevaluated-items-added": (
        LIST,
        {**LIST, "unevaluatedItems": STRING},
        {**LIST, "unevaluatedItems": True},
    ),
    "unevaluated-properties-added": (
        MAP,
        {**MAP, "unevaluatedProperties": False},
        {**MAP, "unevaluatedProperties": True},
    ),
    "content-schema-added": (
        STRING,
        {**STRING, "contentSchema": _build_object("a")},
        {**STRING, "description": "an object as JSON"},
    ),
    "content-media-type-changed": _move_bound(
        STRING, "contentMediaType", "text/html", "text/css", "text/html"
    ),
    "content-encoding-changed": _move_bound(
        STRING, "contentEncoding", "base64", "base32", "base64"
    ),
}

# Of what comes: the new one is wider.
COMING: dict[str, Case] = {
    "all-of-removed": (
        {"allOf": [_build_object("a"), {"required": ["a"]}]},
        {"allOf": [_build_object("a")]},
        _build_object("a", required=("a",)),
    ),
    "any-of-added": (
        {"anyOf": [_CAT, _DOG]},
        {"anyOf": [_CAT, _DOG, STRING]},
        {"anyOf": [_DOG, _CAT]},
    ),
    "one-of-added": (
        {"oneOf": [_CAT, _DOG]},
        {"oneOf": [_CAT, _DOG, STRING]},
        {"oneOf": [_DOG, _CAT]},
    ),
    "wrapped-in-one-of": (_CAT, {"oneOf": [_CAT, _DOG]}, {"oneOf": [_CAT]}),
    "became-nullable": (
        STRING,
        {"anyOf": [STRING, {"type": "null"}]},
        {"anyOf": [STRING]},
    ),
    "became-optional": (
        _build_object("a", "b", required=("a", "b")),
        _build_object("a", "b", required=("b",)),
        _build_object("a", "b", required=("b", "a")),
    ),
    "required-property-removed": (
        _build_object("a", "b", required=("a",)),
        _build_object("b"),
        _build_object("b", "a", required=("a",)),
    ),
    "const-removed": ({**STRING, "const": "a"}, STRING, {**STRING, "enum": ["a"]}),
    "const-changed": ({"const": "a"}, {"const": "b"}, {"enum": ["a"]}),
    "enum-value-added": _move_bound(STRING, "enum", ["a"], ["a", "b"], ["a"]),
    "type-changed": (STRING, {"type": "boolean"}, {"type": ["string"]}),
    "type-generalized": ({"type": "integer"}, NUMBER, {"type": ["integer"]}),
    "list-of-types-widened": (
        STRING,
        {"type": ["string", "boolean"]},
        {"type": ["string"]},
    ),
    "pattern-changed": _move_bound(STRING, "pattern", "^a", "^b", "^a"),
    "pattern-removed": _unset_keyword(STRING, "pattern", "^a"),
    "max-increased": _move_bound(NUMBER, "maximum", 5, 6, 4),
    "exclusive-max-increased": _move_bound(NUMBER, "exclusiveMaximum", 5, 6, 4),
    "min-decreased": _move_bound(NUMBER, "minimum", 5, 4, 6),
    "exclusive-min-decreased": _move_bound(NUMBER, "exclusiveMinimum", 5, 4, 6),
    "max-length-increased": _move_bound(STRING, "maxLength", 5, 6, 4),
    "max-length-unset": _unset_keyword(STRING, "maxLength", 5),
    "min-length-decreased": _move_bound(STRING, "minLength", 5, 4, 6),
    "max-items-increased": _move_bound(LIST, "maxItems", 5, 6, 4),
    "min-items-decreased": _move_bound(LIST, "minItems", 5, 4, 6),
    "min-items-unset": _unset_keyword(LIST, "minItems", 5),
    "max-properties-increased": _move_bound(MAP, "maxProperties", 5, 6, 4),
    "min-properties-decreased": _move_bound(MAP, "minProperties", 5, 4, 6),
    "unique-items-unset": _unset_keyword(LIST, "uniqueItems", True),
    "multiple-of-unset": _unset_keyword(NUMBER, "multipleOf", 5),
    "multiple-of-changed": _move_bound(NUMBER, "multipleOf", 4, 6, 8),
    "prefix-items-added": (
        _PAIR,
        _TUPLE,
        {**_PAIR, "prefixItems": [{**STRING, "title": "first"}]},
    ),
    "if-removed": ({**_OBJECT, **_IF}, _OBJECT, {**_OBJECT, **_IF, "title": "if"}),
    "then-removed": (
        {**_OBJECT, **_IF},
        {**_OBJECT, "if": _IF["if"]},
        {**_OBJECT, **_IF, "title": "then"},
    ),
    "else-removed": (
        {**_OBJECT, **_IF, "else": {"required": ["a"]}},
        {**_OBJECT, **_IF},
        {**_OBJECT, **_IF, "else": {"required": ["a"], "title": "else"}},
    ),
    "contains-removed": _unset_keyword(LIST, "contains", STRING),
    "min-contains-decreased": _move_bound(_CONTAINS, "minContains", 3, 2, 4),
    "max-contains-increased": _move_bound(_CONTAINS, "maxContains", 3, 4, 2),
    "dependent-required-removed": _unset_keyword(_OBJECT, "dependentRequired", {"a": ["b"]}),
    "dependent-required-changed": (
        {**_OBJECT, "dependentRequired": {"a": ["b"]}},
        {**_OBJECT, "dependentRequired": {"a": ["c"]}},
        {**_OBJECT, "dependentRequired": {"a": ["b"]}, "title": "a and b"},
    ),
    "dependent-schema-removed": _unset_keyword(
        _OBJECT, "dependentSchemas", {"a": {"required": ["b"]}}
    ),
    "pattern-property-removed": _unset_keyword(MAP, "patternProperties", {"^a": STRING}),
    "property-names-removed": _unset_keyword(MAP, "propertyNames", {"pattern": "^a"}),
    "unevaluated-items-removed": _unset_keyword(LIST, "unevaluatedItems", STRING),
    "unevaluated-properties-removed": _unset_keyword(MAP, "unevaluatedProperties", STRING),
    "content-schema-removed": _unset_keyword(STRING, "contentSchema", _build_object("a")),
    "content-media-type-changed": _move_bound(
        STRING, "contentMediaType", "text/html", "text/css", "text/html"
    ),
    "content-encoding-changed": _move_bound(
        STRING, "contentEncoding", "base64", "base32", "base64"
    ),
}
