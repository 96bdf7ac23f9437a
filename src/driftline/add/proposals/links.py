"""Proposes pages by links of the response, and pages after a row, if the document says so."""

from __future__ import annotations

from typing import Any, Final

from driftline.openapi import Operation, Parameter, Spec, find_schema_at, is_object, list_types

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
_AFTER_ROW: Final = "starting_after"

Proposal = tuple[dict[str, Any], str]


def propose_linked_page(
    spec: Spec, operation: Operation, body: str, parameter: Parameter, counting: dict[str, Any]
) -> Proposal | None:
    """Return `page` for a response with the URL of the next page, in a Link header or its body.

    `counting` is what `parameter` counts.
    """
    words = {"parameter": parameter.name, **counting}
    headers = operation.success.headers if operation.success else ()
    if any(header.name.lower() == "link" for header in headers):
        return {"style": "link-header", **words}, "a Link header"
    for pointer in _URLS:
        if _is_url(spec, find_schema_at(spec, body, pointer), pointer):
            return {"style": "next-url", **words, "next": pointer}, f"a URL at {pointer}"
    return None


def propose_page_after_row(operation: Operation, more: str | None) -> Proposal | None:
    """Return `page` for a listing that is requested by the last row."""
    parameter = operation.find_parameter(_AFTER_ROW)
    if more is None or parameter is None or parameter.required:
        return None
    page = {"style": "last-row", "parameter": parameter.name, "more": more}
    return page, f"{more} and the parameter {parameter.name}"


def find_total_header(operation: Operation) -> str | None:
    """Return the header with the total number of rows."""
    headers = operation.success.headers if operation.success else ()
    return next((each.name for each in headers if each.name.lower() in _TOTAL_HEADERS), None)


def _is_url(spec: Spec, place: str | None, pointer: str) -> bool:
    """Return whether a member is a URL: by its format, its name, or as one of the `links`."""
    if place is None or list_types(spec, place) - {"null"} != {"string"}:
        return False
    _, schema = spec.resolve(place)
    nested = [schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())]
    is_formatted = any(is_object(each) and each.get("format") in _URL_FORMATS for each in nested)
    is_named = pointer.lower().endswith(_NAMED_URL) or "links/" in pointer
    return is_formatted or is_named
