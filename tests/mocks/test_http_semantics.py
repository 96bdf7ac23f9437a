"""HTTP requirements for every response of the mock, whatever the document defines."""

from __future__ import annotations

import gzip

import pytest

from driftline.mock import HttpRequest, HttpResponse
from driftline.mock.http.http_semantics import finish_response

BODIES = {
    "application/octet-stream": bytes(4_000),
    "application/json": b'{"a": "%s"}' % (b"a" * 4_000),
}


@pytest.mark.parametrize("content_type", BODIES)
@pytest.mark.parametrize("requested_range", [(), (("Range", "bytes=1-9"),)])
def test_head_has_the_headers_of_get(
    content_type: str, requested_range: tuple[tuple[str, str], ...]
) -> None:
    """HEAD has the headers of GET (RFC 9110, 9.3.2) and ignores `Range`, which only GET defines."""
    response = HttpResponse(200, (("Content-Type", content_type),), BODIES[content_type])
    accepted = (("Accept-Encoding", "gzip"),)
    get = finish_response(HttpRequest("GET", "/file", "", accepted), response)
    head = finish_response(
        HttpRequest("HEAD", "/file", "", (*accepted, *requested_range)), response
    )
    assert (head.status, head.headers, head.body) == (200, get.headers, b"")
    is_file = content_type == "application/octet-stream"
    assert (get.get_header("Accept-Ranges") == "bytes") is is_file
    assert (get.body if is_file else gzip.decompress(get.body)) == BODIES[content_type]
