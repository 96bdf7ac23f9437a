"""For each kind of check of a schema in oasdiff's catalogue: what it finds, and what it does not.

Each is an old schema, a new one in which something breaks, and a near-twin in which that does not.
The key is what is left of the check's name without `request-body-` and the like.
"""

from __future__ import annotations

from typing import Any

Case = tuple[Any, Any, Any]


def _object(*names: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "object", "properties": {n: {"type": "string"} for n in names}}
    return {**made, "required": list(required)} if required else made


TEXT, NUMBER, LIST = {"type": "string"}, {"type": "number"}, {"type": "array", "items": {}}
MAP = {"type": "object"}


def _set(base: dict[str, Any], word: str, value: Any) -> Case:
    """The bound is new; in the twin, it is only told of."""
    return base, {**base, word: value}, {**base, "description": f"{word} {value}"}


def _unset(base: dict[str, Any], word: str, value: Any) -> Case:
    """The bound is gone; in the twin, only its description."""
    old = {**base, word: value}
    return {**old, "description": "It is so."}, base, old


def _move_bound(base: dict[str, Any], word: str, old: Any, new: Any, twin: Any) -> Case:
    return {**base, word: old}, {**base, word: new}, {**base, word: twin}


_CAT = {"title": "Cat", **_object("purr", required=("purr",))}
_DOG = {"title": "Dog", **_object("bark", required=("bark",))}
_TUPLE = {"type": "array", "prefixItems": [TEXT, NUMBER], "items": False}
_PAIR = {"type": "array", "prefixItems": [TEXT], "items": False}
_IF = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}
_RULED: dict[str, Any] = _object("a", "b")
_CONTAINS = {**LIST, "contains": TEXT}

# Of what is sent: the new one is narrower.
SENT: dict[str, Case] = {
    "all-of-added": (
        {"allOf": [_object("a")]},
        {"allOf": [_object("a"), {"required": ["a"]}]},
        {"allOf": [_object("a"), {"description": "A thing."}]},
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
        _object("a", "b"),
        {"oneOf": [_object("a", "b", required=("a",)), _DOG]},
        {"oneOf": [_object("a", "b"), _DOG]},
    ),
    "became-enum": (TEXT, {**TEXT, "enum": ["a"]}, {**TEXT, "examples": ["a"]}),
    "enum-value-removed": _move_bound(TEXT, "enum", ["a", "b"], ["a"], ["b", "a"]),
    "x-extensible-enum-value-removed": _move_bound(
        TEXT, "x-extensible-enum", ["a", "b"], ["a"], ["c", "b", "a"]
    ),
    "const-added": (TEXT, {**TEXT, "const": "a"}, {**TEXT, "title": "a"}),
    "const-changed": ({"const": "a"}, {"const": "b"}, {"enum": ["a", "b"]}),
    "became-not-nullable": (
        {"type": ["string", "null"]},
        TEXT,
        {"anyOf": [TEXT, {"type": "null"}]},
    ),
    "type-changed": ({"type": "boolean"}, NUMBER, {"type": ["boolean"]}),
    "type-specialized": (NUMBER, {"type": "integer"}, {"type": ["integer", "number"]}),
    "list-of-types-narrowed": (
        {"type": ["integer", "boolean"]},
        {"type": "integer"},
        {"type": ["boolean", "integer"]},
    ),
    "became-required": (
        _object("a", "b", required=("b",)),
        _object("a", "b", required=("b", "a")),
        _object("a", "b", required=()),
    ),
    "became-required-with-default": (
        {"properties": {"a": {"default": 1}}},
        {"properties": {"a": {"default": 1}}, "required": ["a"]},
        {"properties": {"a": {"default": 1}}, "required": []},
    ),
    "new-required": (_object("a"), _object("a", "b", required=("b",)), _object("a", "b")),
    "new-required-with-default": (
        _object("a"),
        {"type": "object", "properties": {"a": TEXT, "b": {"default": 1}}, "required": ["b"]},
        {"type": "object", "properties": {"a": TEXT, "b": {"default": 1}}},
    ),
    "removed": (_object("a", "b"), _object("a"), _object("b", "a")),
    "pattern-added": (TEXT, {**TEXT, "pattern": "^a"}, {**TEXT, "pattern": ".*"}),
    "pattern-changed": _move_bound(TEXT, "pattern", "^a", "^b", "^.*$"),
    "max-set": _set(NUMBER, "maximum", 5),
    "max-decreased": _move_bound(NUMBER, "maximum", 5, 4, 6),
    "exclusive-max-set": _set(NUMBER, "exclusiveMaximum", 5),
    "exclusive-max-decreased": _move_bound(NUMBER, "exclusiveMaximum", 5, 4.5, 5.5),
    "min-set": _set(NUMBER, "minimum", 5),
    "min-increased": _move_bound(NUMBER, "minimum", 5, 6, 4),
    "exclusive-min-set": _set(NUMBER, "exclusiveMinimum", 5),
    "exclusive-min-increased": _move_bound(NUMBER, "exclusiveMinimum", 5, 6, 4),
    "max-length-set": _set(TEXT, "maxLength", 5),
    "max-length-decreased": _move_bound(TEXT, "maxLength", 5, 4, 6),
    "min-length-increased": _move_bound(TEXT, "minLength", 5, 6, 4),
    "max-items-set": _set(LIST, "maxItems", 5),
    "max-items-decreased": _move_bound(LIST, "maxItems", 5, 4, 6),
    "min-items-set": _set(LIST, "minItems", 5),
    "min-items-increased": _move_bound(LIST, "minItems", 5, 6, 4),
    "max-properties-set": _set(MAP, "maxProperties", 5),
    "max-properties-decreased": _move_bound(MAP, "maxProperties", 5, 4, 6),
    "min-properties-increased": _move_bound(MAP, "minProperties", 5, 6, 4),
    "unique-items-set": (LIST, {**LIST, "uniqueItems": True}, {**LIST, "uniqueItems": False}),
    "multiple-of-set": _set(NUMBER, "multipleOf", 5),
    "multiple-of-changed": _move_bound(NUMBER, "multipleOf", 4, 6, 2),
    "prefix-items-removed": (
        _TUPLE,
        _PAIR,
        {**_TUPLE, "prefixItems": [{**TEXT, "title": "first"}, NUMBER]},
    ),
    "if-added": (_RULED, {**_RULED, **_IF}, {**_RULED, "description": "if a, then b"}),
    "then-added": (
        {**_RULED, "if": _IF["if"]},
        {**_RULED, **_IF},
        {**_RULED, "if": {"title": "a is there", **_IF["if"]}},
    ),
    "else-added": (
        {**_RULED, **_IF},
        {**_RULED, **_IF, "else": {"required": ["a"]}},
        {**_RULED, **_IF, "else": True},
    ),
    "contains-added": (LIST, _CONTAINS, {**LIST, "title": "contains a text"}),
    "min-contains-increased": _move_bound(_CONTAINS, "minContains", 2, 3, 1),
    "max-contains-decreased": _move_bound(_CONTAINS, "maxContains", 3, 2, 4),
    "dependent-required-added": (
        _RULED,
        {**_RULED, "dependentRequired": {"a": ["b"]}},
        {**_RULED, "dependentRequired": {"a": []}},
    ),
    "dependent-required-changed": (
        {**_RULED, "dependentRequired": {"a": ["b"]}},
        {**_RULED, "dependentRequired": {"a": ["c"]}},
        {**_RULED, "dependentRequired": {"a": ["b"]}, "title": "a and b"},
    ),
    "dependent-schema-added": (
        _RULED,
        {**_RULED, "dependentSchemas": {"a": {"required": ["b"]}}},
        {**_RULED, "dependentSchemas": {}},
    ),
    "pattern-property-added": (
        MAP,
        {**MAP, "patternProperties": {"^a": TEXT}},
        {**MAP, "patternProperties": {}},
    ),
    "property-names-added": (
        MAP,
        {**MAP, "propertyNames": {"pattern": "^a"}},
        {**MAP, "propertyNames": True},
    ),
    "unevaluated-items-added": (
        LIST,
        {**LIST, "unevaluatedItems": TEXT},
        {**LIST, "unevaluatedItems": True},
    ),
    "unevaluated-properties-added": (
        MAP,
        {**MAP, "unevaluatedProperties": False},
        {**MAP, "unevaluatedProperties": True},
    ),
    "content-schema-added": (
        TEXT,
        {**TEXT, "contentSchema": _object("a")},
        {**TEXT, "description": "an object as JSON"},
    ),
    "content-media-type-changed": _move_bound(
        TEXT, "contentMediaType", "text/html", "text/css", "text/html"
    ),
    "content-encoding-changed": _move_bound(TEXT, "contentEncoding", "base64", "base32", "base64"),
}

# Of what comes: the new one is wider.
COMING: dict[str, Case] = {
    "all-of-removed": (
        {"allOf": [_object("a"), {"required": ["a"]}]},
        {"allOf": [_object("a")]},
        _object("a", required=("a",)),
    ),
    "any-of-added": (
        {"anyOf": [_CAT, _DOG]},
        {"anyOf": [_CAT, _DOG, TEXT]},
        {"anyOf": [_DOG, _CAT]},
    ),
    "one-of-added": (
        {"oneOf": [_CAT, _DOG]},
        {"oneOf": [_CAT, _DOG, TEXT]},
        {"oneOf": [_DOG, _CAT]},
    ),
    "wrapped-in-one-of": (_CAT, {"oneOf": [_CAT, _DOG]}, {"oneOf": [_CAT]}),
    "became-nullable": (
        TEXT,
        {"anyOf": [TEXT, {"type": "null"}]},
        {"anyOf": [TEXT]},
    ),
    "became-optional": (
        _object("a", "b", required=("a", "b")),
        _object("a", "b", required=("b",)),
        _object("a", "b", required=("b", "a")),
    ),
    "required-property-removed": (
        _object("a", "b", required=("a",)),
        _object("b"),
        _object("b", "a", required=("a",)),
    ),
    "const-removed": ({**TEXT, "const": "a"}, TEXT, {**TEXT, "enum": ["a"]}),
    "const-changed": ({"const": "a"}, {"const": "b"}, {"enum": ["a"]}),
    "enum-value-added": _move_bound(TEXT, "enum", ["a"], ["a", "b"], ["a"]),
    "type-changed": (TEXT, {"type": "boolean"}, {"type": ["string"]}),
    "type-generalized": ({"type": "integer"}, NUMBER, {"type": ["integer"]}),
    "list-of-types-widened": (
        TEXT,
        {"type": ["string", "boolean"]},
        {"type": ["string"]},
    ),
    "pattern-changed": _move_bound(TEXT, "pattern", "^a", "^b", "^a"),
    "pattern-removed": _unset(TEXT, "pattern", "^a"),
    "max-increased": _move_bound(NUMBER, "maximum", 5, 6, 4),
    "exclusive-max-increased": _move_bound(NUMBER, "exclusiveMaximum", 5, 6, 4),
    "min-decreased": _move_bound(NUMBER, "minimum", 5, 4, 6),
    "exclusive-min-decreased": _move_bound(NUMBER, "exclusiveMinimum", 5, 4, 6),
    "max-length-increased": _move_bound(TEXT, "maxLength", 5, 6, 4),
    "max-length-unset": _unset(TEXT, "maxLength", 5),
    "min-length-decreased": _move_bound(TEXT, "minLength", 5, 4, 6),
    "max-items-increased": _move_bound(LIST, "maxItems", 5, 6, 4),
    "min-items-decreased": _move_bound(LIST, "minItems", 5, 4, 6),
    "min-items-unset": _unset(LIST, "minItems", 5),
    "max-properties-increased": _move_bound(MAP, "maxProperties", 5, 6, 4),
    "min-properties-decreased": _move_bound(MAP, "minProperties", 5, 4, 6),
    "unique-items-unset": _unset(LIST, "uniqueItems", True),
    "multiple-of-unset": _unset(NUMBER, "multipleOf", 5),
    "multiple-of-changed": _move_bound(NUMBER, "multipleOf", 4, 6, 8),
    "prefix-items-added": (
        _PAIR,
        _TUPLE,
        {**_PAIR, "prefixItems": [{**TEXT, "title": "first"}]},
    ),
    "if-removed": ({**_RULED, **_IF}, _RULED, {**_RULED, **_IF, "title": "if"}),
    "then-removed": (
        {**_RULED, **_IF},
        {**_RULED, "if": _IF["if"]},
        {**_RULED, **_IF, "title": "then"},
    ),
    "else-removed": (
        {**_RULED, **_IF, "else": {"required": ["a"]}},
        {**_RULED, **_IF},
        {**_RULED, **_IF, "else": {"required": ["a"], "title": "else"}},
    ),
    "contains-removed": _unset(LIST, "contains", TEXT),
    "min-contains-decreased": _move_bound(_CONTAINS, "minContains", 3, 2, 4),
    "max-contains-increased": _move_bound(_CONTAINS, "maxContains", 3, 4, 2),
    "dependent-required-removed": _unset(_RULED, "dependentRequired", {"a": ["b"]}),
    "dependent-required-changed": (
        {**_RULED, "dependentRequired": {"a": ["b"]}},
        {**_RULED, "dependentRequired": {"a": ["c"]}},
        {**_RULED, "dependentRequired": {"a": ["b"]}, "title": "a and b"},
    ),
    "dependent-schema-removed": _unset(_RULED, "dependentSchemas", {"a": {"required": ["b"]}}),
    "pattern-property-removed": _unset(MAP, "patternProperties", {"^a": TEXT}),
    "property-names-removed": _unset(MAP, "propertyNames", {"pattern": "^a"}),
    "unevaluated-items-removed": _unset(LIST, "unevaluatedItems", TEXT),
    "unevaluated-properties-removed": _unset(MAP, "unevaluatedProperties", TEXT),
    "content-schema-removed": _unset(TEXT, "contentSchema", _object("a")),
    "content-media-type-changed": _move_bound(
        TEXT, "contentMediaType", "text/html", "text/css", "text/html"
    ),
    "content-encoding-changed": _move_bound(TEXT, "contentEncoding", "base64", "base32", "base64"),
}
