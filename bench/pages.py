"""The responses that are measured: pages of Roark's calls, as the mock gives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from driftline.mock import HttpRequest, Mock
from driftline.openapi import load

ROOT = Path(__file__).parents[1]
PAGE = 100
"""How many calls a page holds."""


@cache
def page(limit: int = PAGE) -> bytes:
    """Return the first page, with `limit` calls."""
    return next(generate_pages(limit))


def generate_pages(limit: int = PAGE, count: int = 1) -> Iterator[bytes]:
    """The first pages, each with other calls."""
    mock = Mock(load(ROOT / "specs" / "roark.yaml"), rows=limit * (count + 1))
    headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    query: dict[str, object] = {"limit": limit}
    for _ in range(count):
        response = mock.handle(HttpRequest("GET", "/v1/call", urlencode(query), headers))
        yield response.body
        query["after"] = response.parse_json()["pagination"]["nextCursor"]
