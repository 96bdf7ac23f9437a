"""The parts of HTTP that apply to every response, whatever the spec says.

ETag and 304, Range, compression if the client accepts it, no body for HEAD.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

import attrs
from werkzeug.datastructures import Accept
from werkzeug.http import (
    generate_etag,
    parse_accept_header,
    parse_etags,
    parse_range_header,
)

from driftline.media import find_body_kind, get_essence
from driftline.mock.http.messages import HttpRequest, HttpResponse

_LEAST = 500
"""The shortest body, in bytes, that is compressed."""
_LONGEST = 1 << 16
_INERT = frozenset({"application/json", "application/x-ndjson", "text/plain", "text/event-stream"})
"""Types that no browser shows as a page. It may show any other one, even an unknown one."""
_BODILESS = {204, 205, 304}


def finish_response(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response in the form in which it is sent."""
    if response.status in _BODILESS:
        headers = [pair for pair in response.headers if pair[0].lower() != "content-length"]
        return attrs.evolve(response, headers=tuple(headers), body=b"")
    if response.item_ends:
        return attrs.evolve(response, body=b"") if request.method == "HEAD" else response
    is_tagged, is_file = response.get_header("ETag") is not None, _is_file(response)
    if request.method in {"GET", "HEAD"} and response.status == 200 and not is_tagged:
        response = _add_etag(request, response, "" if is_file else "W/")
    if is_file and request.method in {"GET", "HEAD"}:
        if response.status == 200:  # a part is not cut again
            response = _cut_range(request, response)
    elif response.status not in {206, 304}:
        response = _compress(request, response)
    return attrs.evolve(response, body=b"") if request.method == "HEAD" else response


def _add_etag(request: HttpRequest, response: HttpResponse, mark: str) -> HttpResponse:
    """Add an ETag; remove the body if the client has this version.

    `mark` makes it weak if the body may be compressed, since the ETag is the same then.
    """
    body = response.body
    tag = _compute_etag(body) if len(body) <= _LONGEST else generate_etag(body)
    response = response.replace_headers(("ETag", f'{mark}"{tag}"'))
    if request.get_header("If-None-Match") is None:
        return response
    etags = ", ".join([value for name, value in request.headers if name.lower() == "if-none-match"])
    if not parse_etags(etags).contains_weak(tag):
        return response
    without = {"content-length", "content-type", "vary"}
    headers = (pair for pair in response.headers if pair[0].lower() not in without)
    return HttpResponse(
        304, (*headers, ("Vary", _extend_vary(response))), delivery=response.delivery
    )


@lru_cache(maxsize=64)
def _compute_etag(body: bytes) -> str:
    """Return the ETag of a body; those of cached responses are cached, too."""
    return generate_etag(body)


def _is_file(response: HttpResponse) -> bool:
    """Return whether a body is binary, so that Range applies and compression does not."""
    is_success = response.status in {200, 206}
    name = response.get_header("Content-Type") or ""
    is_packed = response.get_header("Content-Encoding") is not None
    return is_success and bool(name) and find_body_kind(name) == "binary" and not is_packed


def _cut_range(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the part of a file that Range requests, if the client has the same version."""
    response = response.replace_headers(("Accept-Ranges", "bytes"))
    if request.method == "HEAD":  # Range is defined for GET only
        return response
    size = len(response.body)
    requested_range = parse_range_header(request.get_header("Range"))
    condition = request.get_header("If-Range")
    if (
        requested_range is None
        or requested_range.units != "bytes"
        or len(requested_range.ranges) != 1  # several ranges are optional: the whole body is valid
        or (condition is not None and condition != response.get_header("ETag"))
    ):
        return response
    bounds = requested_range.range_for_length(size)
    if bounds is None:
        content_range = ("Content-Range", f"bytes */{size}")
        return attrs.evolve(response.replace_headers(content_range, body=b""), status=416)
    start, stop = bounds
    part = ("Content-Range", f"bytes {start}-{stop - 1}/{size}")
    cut = response.replace_headers(part, body=response.body[start:stop])
    return attrs.evolve(cut, status=206)


def _compress(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Compress with gzip if the client accepts it and it saves bytes."""
    if len(response.body) < _LEAST or response.get_header("Content-Encoding"):
        return response
    response = response.replace_headers(("Vary", _extend_vary(response)))
    if not accepts_gzip(request):
        return response
    packed = gzip.compress(response.body, compresslevel=1, mtime=0)
    return response.replace_headers(("Content-Encoding", "gzip"), body=packed)


def add_sandbox(response: HttpResponse) -> HttpResponse:
    """Return a sandboxed response if a browser would render it as a page.

    A string of a spec may be a script, and the console has the same origin.
    """
    kind = get_essence(response.get_header("Content-Type") or "")
    if kind in _INERT or kind.endswith("+json") or (not kind and not response.body):
        return response
    return response.replace_headers(
        ("Content-Security-Policy", "sandbox"), ("X-Content-Type-Options", "nosniff")
    )


def accepts_gzip(request: HttpRequest) -> bool:
    """Return whether the client accepts gzip."""
    encodings = request.get_header("Accept-Encoding")
    return encodings is not None and _has_gzip(encodings)


@lru_cache(maxsize=64)
def _has_gzip(encodings: str) -> bool:
    try:
        accept = parse_accept_header(encodings, Accept)
    except ValueError:
        return False
    return bool(accept.quality("gzip"))


def _extend_vary(response: HttpResponse) -> str:
    values = [value for name, value in response.headers if name.lower() == "vary"]
    return ", ".join([*values, "Accept-Encoding"])
