"""A named scheme of paging, as two kinds of SDK configuration have it, in driftline's words."""

from __future__ import annotations

from typing import Any

import attrs

from driftline.openapi import Operation, Spec, is_array, is_object, join, parse_page_style

SCALAR = "x-scalar-pagination"
_STYLES = {"offset": "offset", "pageNumber": "number", "cursor": "cursor", "fakePage": "single"}
_ASKING = {"offset": "offset", "number": "pageNumber", "cursor": "cursor"}


@attrs.frozen
class Scheme:
    """Which parameter requests a page, and where in the response the rest is; "" is not told."""

    style: str
    items: str
    asked: str = ""
    size: str = ""
    next: str = ""
    more: str = ""
    total: str = ""

    def words(self, operation: Operation) -> dict[str, Any] | None:
        """Return the `x-listing` of an operation that is paged so; None if it cannot be."""
        page = parse_page_style(
            {
                "style": self.style,
                "parameter": self.asked or None,
                "next": self.next or None,
                "more": self.more or None,
            }
        )
        if page.is_single:
            return {"items": self.items, "page": {"style": page.name}}
        names = [self.asked, *([self.size] if self.size else [])]
        asked = [operation.find_parameter(name) for name in names]
        if any(each is None or each.place != "query" for each in asked):
            return None
        if page.is_announced and not self.next:
            return None
        if not page.is_announced:
            page = attrs.evolve(page, next=None)
        words: dict[str, Any] = {"items": self.items, "page": page.words}
        words |= {"total": self.total} if self.total else {}
        return words | ({"size": {"parameter": self.size}} if self.size else {})


def scalar(spec: Spec, operation: Operation, scheme: object) -> dict[str, Any] | None:
    """Return what the extension says, which stands at an operation or is named there."""
    if isinstance(scheme, str):
        schemes = spec.document.get(SCALAR)
        named = [each for each in schemes if is_object(each)] if is_array(schemes) else []
        named = [each for each in named if each.get("name") == scheme]
        scheme = named[0] if len(named) == 1 else None
    scheme = _scalar(scheme) if is_object(scheme) else None
    return scheme.words(operation) if scheme else None


def _scalar(scheme: dict[str, Any]) -> Scheme | None:
    request, response = scheme.get("request"), scheme.get("response")
    style = _STYLES.get(str(scheme.get("type")))
    if style is None or not is_object(request) or not is_object(response):
        return None
    try:
        asked = _collect_request_roles(request, str(scheme.get("paramLocation", "query")))
        found = _collect_response_roles(response)
    except ValueError:
        return None
    if "items" not in found or (style != "single" and _ASKING[style] not in asked):
        return None
    return Scheme(
        style=style,
        items=found["items"],
        asked=asked.get(_ASKING.get(style, ""), ""),
        size=asked.get("limit", ""),
        next=found.get("cursor", ""),
        more=found.get("hasMore", ""),
        total=found.get("total", ""),
    )


def _collect_request_roles(request: dict[str, Any], place: str) -> dict[str, str]:
    """Return the parameters by their roles.

    ValueError if one is not a query parameter, or a role is two.
    """
    found: dict[str, str] = {}
    for key, field in request.items():
        role, name = (field.get("type"), field.get("param", key)) if is_object(field) else ("", "")
        role = "limit" if role == "pageSize" else role
        if not isinstance(role, str) or not isinstance(name, str) or role in found:
            raise ValueError(key)
        if field.get("location", place) != "query" or "value" in field:
            raise ValueError(key)
        found[role] = name
    return found


def _collect_response_roles(response: dict[str, Any]) -> dict[str, str]:
    """Pointers into the response's body by what is there; what is in a header is not."""
    found: dict[str, str] = {}
    for key, field in response.items():
        if not is_object(field) or field.get("location", "body") != "body":
            continue
        role, path = field.get("type"), field.get("path", [field.get("property", key)])
        below = field.get("cursorPath", [])
        if not isinstance(role, str) or role in found or not is_array(path) or not is_array(below):
            raise ValueError(key)
        if not all(isinstance(name, str) for name in (*path, *below)):
            raise ValueError(key)
        found[role] = join(*path, *below)
    return found
