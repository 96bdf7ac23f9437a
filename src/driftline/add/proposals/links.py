"""Proposes pages by links of the response, and pages after a row, if the document says so."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Final

from driftline.add.choosing import list_properties
from driftline.add.naming.phrases import has_name
from driftline.openapi import (
    Header,
    Operation,
    Parameter,
    Spec,
    find_schema_at,
    is_object,
    join,
    list_types,
)

_URLS: Final = (
    *("/next", "/links/next", "/_links/next", "/_links/next/href", "/links/next/href"),
    *("/next_url", "/nextUrl", "/next_link", "/nextLink", "/@odata.nextLink", "/next_page_url"),
    *("/next_page_uri", "/nextPageUrl", "/paging/next", "/pagination/next", "/meta/next"),
    *("/pagination/next_url", "/pagination/nextUrl", "/meta/next_page_url", "/meta/next_page_uri"),
)
"""Members that may be the URL of the next page."""
_NAMED_URL: Final = ("url", "uri", "link", "href")
_URL_FORMATS: Final = frozenset({"uri", "url", "uri-reference", "iri", "iri-reference"})
_TOTAL_HEADERS: Final = frozenset({"x-total-count", "x-total", "total-count"})
TOTALS: Final = (
    *("total", "total_count", "total_results", "total_items", "total_elements"),
    *("total_records", "total_rows", "total_size"),
)
AFTER_ROWS: Final = ("starting_after", "after_id", "last_id", "after")
"""Parameters that name the last row of the page before."""

Proposal = tuple[dict[str, Any], str]


def propose_linked_page(
    spec: Spec, operation: Operation, body: str, parameter: Parameter, counting: dict[str, Any]
) -> Proposal | None:
    """Return `page` for a response with the URL of the next page, in a Link header or its body.

    `counting` is what `parameter` counts.
    """
    page = {"parameter": parameter.name, **counting}
    headers = operation.success.headers if operation.success else ()
    if any(header.name.lower() == "link" for header in headers):
        return {"style": "link-header", **page}, "a Link header"
    for pointer in _URLS:
        if _is_url(spec, find_schema_at(spec, body, pointer), pointer):
            return {"style": "next-url", **page, "next": pointer}, f"a URL at {pointer}"
    return None


def propose_page_after_row(operation: Operation, more: str | None) -> Proposal | None:
    """Return `page` for a listing that is requested by the last row."""
    parameters = [p for p in operation.parameters if p.location == "query" and not p.required]
    parameter = next((p for p in parameters if has_name(p.name, AFTER_ROWS)), None)
    if more is None or parameter is None:
        return None
    page = {"style": "last-row", "parameter": parameter.name, "more": more}
    return page, f"{more} and the parameter {parameter.name}"


def find_total_header(spec: Spec, operation: Operation) -> str | None:
    """Return the header with the total number of rows, or with JSON that has it, and where."""
    headers = operation.success.headers if operation.success else ()
    for header in headers:
        if header.name.lower() in _TOTAL_HEADERS:
            return header.name
    for header in headers:
        examples = _read_json_examples(spec, header)
        shown_names = [name for example in examples for name in example]
        documented_names = list_properties(spec, header.schema_pointer)
        for name in dict.fromkeys((*documented_names, *shown_names)):
            if not has_name(name, TOTALS):
                continue
            schema_pointer = find_schema_at(spec, header.schema_pointer, join(name))
            is_documented = schema_pointer is not None and list_types(spec, schema_pointer) == {
                "integer"
            }
            if is_documented or any(isinstance(example.get(name), int) for example in examples):
                return f"{header.name}/{name}"
    return None


def _read_json_examples(spec: Spec, header: Header) -> list[dict[str, Any]]:
    """Return the objects that a header's examples and those of its schema show as JSON."""
    _, node = spec.resolve(header.pointer)
    _, schema = spec.resolve(header.schema_pointer)
    examples = node.get("examples", {})
    values = [example.get("value") for example in examples.values() if is_object(example)]
    values += [node.get("example"), schema.get("example"), *schema.get("examples", ())]
    objects: list[dict[str, Any]] = []
    for text in values:
        with suppress(ValueError, RecursionError):
            value = json.loads(text) if isinstance(text, str) else text
            objects += [value] if is_object(value) else []
    return objects


def _is_url(spec: Spec, schema_pointer: str | None, pointer: str) -> bool:
    """Return whether a member is a URL: by its format, its name, or as one of the `links`."""
    if schema_pointer is None or list_types(spec, schema_pointer) - {"null"} != {"string"}:
        return False
    _, schema = spec.resolve(schema_pointer)
    nested = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    is_formatted = any(
        is_object(alternative) and alternative.get("format") in _URL_FORMATS
        for alternative in nested
    )
    is_named = pointer.lower().endswith(_NAMED_URL) or "links/" in pointer
    return is_formatted or is_named
