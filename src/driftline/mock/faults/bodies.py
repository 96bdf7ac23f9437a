"""Bodies that no spec documents, as gateways and broken servers send them."""

from __future__ import annotations

from driftline.mock.http.messages import HttpResponse

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Service</title></head>"
    b"<body><h1>Something went wrong</h1><p>This page was made by a gateway.</p></body></html>\n"
)
_GARBAGE = b"\x00\xff\xfe{]" + bytes(range(128, 160))


def spoil_body(response: HttpResponse, body: str) -> HttpResponse:
    """Return the response with another body.

    `html` and `text` say what they are, the others do not.
    """
    if body == "html":
        return response.replace_headers(("Content-Type", "text/html; charset=utf-8"), body=_PAGE)
    if body == "text":
        plain = b"upstream connect error or disconnect/reset before headers\n"
        return response.replace_headers(("Content-Type", "text/plain"), body=plain)
    if body == "empty":
        return response.replace_headers(body=b"")
    if body == "half":
        return response.replace_headers(body=response.body[: len(response.body) // 2])
    return response.replace_headers(body=_GARBAGE)
