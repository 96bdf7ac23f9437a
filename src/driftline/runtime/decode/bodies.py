"""How a body is read: by the kind of its own media type, if that is documented."""

from __future__ import annotations

from functools import lru_cache

import httpx

from driftline.media import FORM_KINDS, BodyKind, find_body_kind, get_essence, matches

TEXT_KINDS = frozenset({"text", "xml", "json_lines", "event_stream"})
"""The kinds that are given as `str`."""

BYTES_KINDS = FORM_KINDS | {"binary"}
"""The kinds that are given as `BinaryResponse`."""

# What servers say of a body of which they know nothing.
_UNSPECIFIC = ("", "application/octet-stream")


@lru_cache(maxsize=256)
def choose_kind(documented: tuple[str, ...], content_type: str) -> BodyKind | None:
    """Return the kind to read a body as, or None if its media type is not documented.

    A media type of a documented kind is read as that kind, and one that says nothing as the first
    that is documented. Where JSON is documented, all else is tried as JSON.
    """
    came = get_essence(content_type)
    concrete = [name for name in documented if "*" not in name]
    exact = [name for name in concrete if matches(came, name)]
    if exact:
        return find_body_kind(exact[0])
    if came in _UNSPECIFIC and concrete and find_body_kind(concrete[0]) == "text":
        return "text"
    if came and any(matches(came, name) for name in documented):
        return find_body_kind(came)
    kinds: list[BodyKind] = [find_body_kind(name) for name in documented]
    if came in _UNSPECIFIC and kinds:
        return kinds[0]
    if find_body_kind(came) in kinds:
        return find_body_kind(came)
    return "json" if "json" in kinds else None


def decode_text(response: httpx.Response, content: bytes) -> str:
    """Return a body as text, by the charset that the response names.

    Raises:
        ValueError: it is not in that charset.
    """
    charset = response.charset_encoding or "utf-8"
    try:
        return content.decode("utf-8-sig" if charset.lower() == "utf-8" else charset)
    except LookupError:
        return content.decode("utf-8-sig")
