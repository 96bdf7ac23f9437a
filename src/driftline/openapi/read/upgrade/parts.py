"""Shared by several steps of reading: names of OpenAPI, and parameters in Swagger's form."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi.pointer import is_object

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

PARAMETER_WORDS: Final = (
    *("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum"),
    *("exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems"),
    *("uniqueItems", "enum", "multipleOf", "nullable", "x-nullable", "properties", "oneOf"),
    *("anyOf", "allOf", "additionalProperties", "x-reference"),
)
"""Words of a schema that a parameter or header of Swagger 2.0 has itself."""

_STYLES: Final = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}


def modernize_parameter(node: dict[str, Any], *, list_format: str | None = "csv") -> bool:
    """Move the schema keywords of a parameter or header into a schema; return whether it had any.

    `list_format` is the default way to join lists; None leaves it to OpenAPI 3.
    """
    keywords = [keyword for keyword in PARAMETER_WORDS if keyword in node]
    style = node.pop("collectionFormat", None)
    if not keywords and style is None:
        return False
    keyword_values = {keyword: node.pop(keyword) for keyword in keywords}
    if "schema" not in node and "content" not in node:
        node["schema"] = keyword_values
    schema = node.get("schema")
    is_list = is_object(schema) and schema.get("type") == "array"
    style = style or list_format
    if is_list and style is not None and "style" not in node:
        # Paths and headers only support commas.
        name, explode = _STYLES.get(str(style), ("form", False))
        if node.get("in") in {"query", "cookie", "formData"}:
            node |= {"style": name, "explode": explode}
    if is_list and is_object(schema):
        _drop_collection_formats(schema)
    return True


def _drop_collection_formats(schema: dict[str, Any]) -> None:
    inner: Any = schema
    while is_object(inner):
        inner.pop("collectionFormat", None)
        inner = inner.get("items")
