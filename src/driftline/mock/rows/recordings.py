"""The URLs of recordings in rows: as they are kept, and as whoever asks is told them.

Rows have a URL that names no server, so that what is kept holds for every port; whoever asks is
told the one that this server answers, and may send it back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode

import attrs

from driftline.mock.documents import put
from driftline.mock.http.messages import HttpRequest, HttpResponse
from driftline.mock.http.rejection import Rejection
from driftline.mock.rows.lifecycle import Life
from driftline.openapi import find_schema_at, follow, list_violations

__all__ = ["PATH", "PublicAddress", "find_base_url", "localize_recordings", "parse_path"]

PATH = "/_driftline/recordings/"
"""Below an API: `PATH<listing>/<row>/<field>.wav`."""
_WORD = "_driftline"
_KEPT = "https://recordings.mock.invalid/"
_KEPT_BYTES = _KEPT.encode()
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")


def localize_recordings(
    life: Life, row: dict[str, Any], listing: str, row_id: Any, before: Mapping[str, Any]
) -> dict[str, Any]:
    """A row whose recordings are to be had here, but for those that it had before."""
    for field in life.words.recordings:
        value = follow(row, field)
        if not isinstance(value, str) or value == follow(before, field):
            continue
        parts = (listing, str(row_id), field.removeprefix("/"))
        path = "/".join(quote(part, safe="", errors="surrogatepass") for part in parts)
        place, url = find_schema_at(life.spec, life.schema, field), f"{_KEPT}{path}.wav"
        if place is not None and not list_violations(life.spec, place, url):
            row = put(row, field, url)
    return row


@attrs.frozen
class PublicAddress:
    """Where the recordings are for who asked: `base` in the place of what rows have."""

    base: str

    def rewrite_request(self, request: HttpRequest) -> HttpRequest:
        """The request with URLs as rows have them."""
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
        """The answer with URLs that this server answers."""
        body = response.body.replace(_KEPT_BYTES, self.base.encode())
        # Without a match `replace` gives the same object: the body is searched once.
        return response if body is response.body else response.replace_headers(body=body)


def find_base_url(request: HttpRequest) -> PublicAddress | None:
    """By the address that the request was sent to; None if it names none that can be written."""
    host = request.get_header("Host") or ""
    return PublicAddress(f"http://{host}{request.root}{PATH}") if _HOST.fullmatch(host) else None


def parse_path(path: str) -> tuple[str, str, str, str]:
    """Listing, ID, field and URL in the row, that a path is about.

    Raises:
        Rejection: 404, it is about none.
    """
    rest = path.removeprefix(PATH)
    parts = rest.removesuffix(".wav").split("/")
    if len(parts) != 3 or not rest.endswith(".wav"):
        raise Rejection(404, "no such recording")
    try:
        listing, row_id, field = (unquote(part, errors="surrogatepass") for part in parts)
    except UnicodeError:
        raise Rejection(404, "no such recording") from None
    return listing, row_id, f"/{field}", _KEPT + rest
