"""HTTP messages as plain values: what the mock's core takes and gives."""

from __future__ import annotations

import json
from typing import Any

import attrs

__all__ = ["Headers", "Request", "Response", "json_response", "to_json"]

Headers = tuple[tuple[str, str], ...]


@attrs.frozen
class Request:
    """A request. `path` is percent-encoded and without the query, `query` as it was sent."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case, or None."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@attrs.frozen
class Response:
    """An answer."""

    status: int
    headers: Headers = ()
    body: bytes = b""

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def to_json(value: Any) -> str:
    """`value` as JSON; half a character, which no encoding has, is written as an escape."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value)
    return text


def json_response(
    status: int, value: Any, *, media_type: str = "application/json", headers: Headers = ()
) -> Response:
    """An answer whose body is `value` as JSON, or as it is where it is JSON already (bytes)."""
    body = value if isinstance(value, bytes) else to_json(value).encode()
    sizes = (("Content-Type", media_type), ("Content-Length", str(len(body))))
    return Response(status, (*sizes, *headers), body)
