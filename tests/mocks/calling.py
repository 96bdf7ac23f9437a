"""A helper to send requests to a mock without a server."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

from driftline.mock import HttpRequest, HttpResponse, Mock

__all__ = ["build_credentials", "call"]


def build_credentials(mock: Mock, **changed: str | None) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return headers and a query with the mock's
    credentials; `changed` replaces or omits schemes.
    """
    headers: list[tuple[str, str]] = []
    query: list[str] = []
    for name, scheme in mock.spec.security_schemes.items():
        value = changed.get(name, mock.credentials[name])
        if value is None:
            continue
        if scheme.kind == "bearer":
            headers.append(("Authorization", f"Bearer {value}"))
        elif scheme.kind == "basic":
            headers.append(("Authorization", "Basic " + base64.b64encode(value.encode()).decode()))
        elif scheme.kind == "header":
            headers.append((scheme.wire_name, value))
        elif scheme.kind == "query":
            query.append(urlencode({scheme.wire_name: value}))
        else:
            headers.append(("Cookie", f"{scheme.wire_name}={value}"))
    return tuple(headers), "&".join(query)


def call(
    mock: Mock,
    method: str,
    path: str,
    *,
    body: Any = None,
    raw: bytes | None = None,
    media_type: str = "application/json",
    query: dict[str, Any] | None = None,
    **changes: str | None,
) -> HttpResponse:
    """Return the mock's response to a request with credentials."""
    headers, secret = build_credentials(mock, **changes)
    content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    if content:
        headers = (*headers, ("Content-Type", media_type))
    full_query = "&".join(filter(None, [secret, urlencode(query or {}, doseq=True)]))
    return mock.handle(HttpRequest(method, path, full_query, headers, content))
