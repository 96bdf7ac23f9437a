"""An interaction of a cassette: of vcrpy in Python, or of VCR in Ruby, YAML or JSON alike."""

from __future__ import annotations

from typing import Any

from driftline.observe.readers.entry import (
    Headers,
    Recorded,
    Unread,
    decoded,
    halves,
    is_list,
    is_object,
    of_base64,
    text_of,
    unpacked,
)

__all__ = ["interaction"]


def interaction(number: int, item: Any) -> Recorded | Unread:
    """The exchange that `item` of `interactions` or `http_interactions` stands for."""
    found = halves(number, item, url="uri", status=_status)
    if isinstance(found, Unread):
        return found
    request, response = found.request, found.response
    headers = _headers(response.get("headers"))
    # The form of older versions for httpx has `content` in place of `body`.
    body = response.get("body", response.get("content"))
    return Recorded(
        number=number,
        method=text_of(request.get("method")).upper() or "GET",
        url=found.url,
        request_headers=_headers(request.get("headers")),
        request_body=_body(request.get("body")) or b"",
        status=found.status,
        headers=headers,
        body=unpacked(_body(body), headers),
    )


def _status(response: dict[Any, Any]) -> Any:
    status = response.get("status", response.get("status_code"))
    return status.get("code") if is_object(status) else status


def _headers(value: Any) -> Headers:
    """Names with one value or many, or a list of pairs."""
    if is_object(value):
        pairs = list(value.items())
    elif is_list(value):
        pairs = [(each[0], each[1]) for each in value if is_list(each) and len(each) == 2]
    else:
        return ()
    found = [
        (text_of(name), text_of(each))
        for name, values in pairs
        for each in (values if is_list(values) else [values])
    ]
    return tuple((name, text) for name, text in found if name and not name.startswith(":"))


def _body(value: Any) -> bytes | None:
    """No body at all is an empty one; what cannot be read is None."""
    if value is None:
        return b""
    if not is_object(value):
        return decoded(value)
    packed = value.get("base64_string")
    if isinstance(packed, str):
        return of_base64(packed)
    text = value.get("string")
    return b"" if text is None else decoded(text)
