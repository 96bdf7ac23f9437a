"""Media types: the essence, whether one covers another, and the kind of body each stands for.

Every layer that encodes, decodes, fakes or judges a body branches on `BodyKind`, never on the
spelling of a media type.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Literal

BodyKind = Literal[
    "json", "form", "multipart", "text", "xml", "event_stream", "json_lines", "binary"
]

FORM_KINDS: frozenset[BodyKind] = frozenset({"form", "multipart"})
"""Bodies of fields by name."""
STREAM_KINDS: frozenset[BodyKind] = frozenset({"event_stream", "json_lines"})
"""Bodies of items that are read one after the other, while they come."""

_EXACT: dict[str, BodyKind] = {
    "application/json": "json",
    "text/json": "json",
    "application/x-www-form-urlencoded": "form",
    "text/event-stream": "event_stream",
    "application/jsonl": "json_lines",
    "application/x-ndjson": "json_lines",
    "application/ndjson": "json_lines",
    "application/json-seq": "json_lines",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/yaml": "text",
    "application/x-yaml": "text",
    "application/javascript": "text",
    "application/graphql": "text",
}


def get_essence(name: str) -> str:
    """Return type and subtype in lower case, without parameters: `application/json`."""
    return name.partition(";")[0].strip().lower()


def matches(sent: str, documented: str) -> bool:
    """Return whether the media type `sent` is covered by `documented`, which may be a range."""
    return bool(get_essence(sent)) and fnmatchcase(get_essence(sent), get_essence(documented))


def find_body_kind(name: str, *, of_range: BodyKind = "json") -> BodyKind:
    """Return the kind of body that a media type stands for.

    A range such as `*/*` says nothing of the kind: it is `of_range`.
    """
    kind = get_essence(name)
    if kind in _EXACT:
        return _EXACT[kind]
    if kind.endswith("+json"):
        return "json"
    if kind.endswith("+xml"):
        return "xml"
    if kind in {"*/*", "application/*"}:
        return of_range
    if kind.startswith("multipart/"):
        return "multipart"
    if kind.startswith("text/"):
        return "text"
    return "binary"
