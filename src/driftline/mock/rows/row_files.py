"""The files behind URLs in rows: the mock serves a small one of the declared media type.

Stored rows have URLs without a server, which are valid for every port. A response contains the
address of its request, and a request may send this URL back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode

import attrs

from driftline.mock.documents import put
from driftline.mock.fake import sample_file
from driftline.mock.http.messages import HttpRequest, HttpResponse, Rejection
from driftline.mock.rows.lifecycle import RowLifecycle
from driftline.openapi import find_schema_at, follow, is_valid

PATH = "/_driftline/files/"
"""Below an API: `PATH<listing>/<row>/<field>`."""
_WORD = "_driftline"
_KEPT = "https://files.mock.invalid/"
_KEPT_BYTES = _KEPT.encode()
_LONGEST = 1 << 16
"""The longest body that is cached."""
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


def localize_files(
    life: RowLifecycle, row: dict[str, Any], listing: str, row_id: Any, before: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a row whose URLs lead to the mock, except those that it had before."""
    for field in life.rule.files:
        value = follow(row, field)
        if not isinstance(value, str) or value == follow(before, field):
            continue
        schema_pointer, url = (
            find_schema_at(life.spec, life.schema, field),
            _write_url(listing, row_id, field),
        )
        if schema_pointer is not None and is_valid(life.spec, schema_pointer, url):
            row = put(row, field, url)
    return row


def _write_url(listing: str, row_id: Any, field: str) -> str:
    parts = (listing, str(row_id), field.removeprefix("/"))
    return _KEPT + "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)


def parse_path(path: str) -> tuple[str, str, str]:
    """Return the listing, the row id and the field in a path.

    Raises:
        Rejection: 404 for any other path.
    """
    parts = path.removeprefix(PATH).split("/")
    try:
        listing, row_id, field = (unquote(part, errors="surrogatepass") for part in parts)
    except ValueError:  # not three segments, or not text
        raise Rejection(404, "no such file") from None
    return listing, row_id, f"/{field}"


def serve_file(
    request: HttpRequest, life: RowLifecycle | None, row: Mapping[str, Any]
) -> HttpResponse:
    """Return the response to a request for the file of a row; it needs no credential.

    Raises:
        Rejection: the row has no such file, or the method is not GET or HEAD.
    """
    listing, row_id, field = parse_path(request.path)
    kind = life.rule.files.get(field) if life else None
    if kind is None or follow(row, field) != _write_url(listing, row_id, field):
        raise Rejection(404, "no such file")
    allow = (("Allow", "GET, HEAD, OPTIONS"),)
    if request.method == "OPTIONS":
        return HttpResponse(204, allow)
    if request.method not in {"GET", "HEAD"}:
        raise Rejection(405, "a file can only be fetched", allow)
    return HttpResponse(200, (("Content-Type", kind),), sample_file(kind))


@attrs.frozen
class PublicAddress:
    """The address of files for a request: `base` replaces the one in stored rows."""

    base: str

    def rewrite_request(self, request: HttpRequest) -> HttpRequest:
        """Return the request with URLs in their stored form."""
        query, body = request.query, request.body
        if _WORD not in query and _WORD.encode() not in body:
            return request
        if self.base in unquote_plus(query):
            pairs = parse_qsl(query, keep_blank_values=True)
            query = urlencode([(name, value.replace(self.base, _KEPT)) for name, value in pairs])
        return attrs.evolve(
            request, query=query, body=body.replace(self.base.encode(), _KEPT_BYTES)
        )

    def rewrite_response(self, response: HttpResponse) -> HttpResponse:
        """Return the response with URLs of this server."""
        localize = _localize_body if len(response.body) <= _LONGEST else _localize_body.__wrapped__
        body = localize(response.body, self.base)
        return response if body == response.body else response.replace_headers(body=body)


@lru_cache(maxsize=64)
def _localize_body(body: bytes, base: str) -> bytes:
    """Return a body with URLs of this server; those of cached responses are cached, too."""
    return body.replace(_KEPT_BYTES, base.encode())


def find_public_address(request: HttpRequest) -> PublicAddress | None:
    """Return the address by the Host of a request; None if it is not valid in a URL."""
    host = request.get_header("Host") or ""
    return PublicAddress(f"http://{host}{request.root}{PATH}") if _HOST.fullmatch(host) else None
