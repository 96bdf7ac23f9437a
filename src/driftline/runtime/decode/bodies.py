"""The kind to read a body as: that of its media type, if it is documented."""

from __future__ import annotations

from functools import lru_cache

import httpx

from driftline.media import BodyKind, find_body_kind, get_essence, matches

# The media types that servers send for bodies they know nothing about.
_UNSPECIFIC = ("", "application/octet-stream")


@lru_cache(maxsize=256)
def choose_kind(documented: tuple[str, ...], content_type: str) -> BodyKind | None:
    """Return the kind to read a body as, or None if its media type is not documented.

    A body of a documented kind is read as that kind. One with a generic media type is read as the
    first documented kind. If JSON is documented, any other body is tried as JSON.
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
    """Return a body as text, by the charset in the response.

    Raises:
        ValueError: the body cannot be decoded.
    """
    charset = response.charset_encoding or "utf-8"
    try:
        return content.decode("utf-8-sig" if charset.lower() == "utf-8" else charset)
    except LookupError:
        return content.decode("utf-8-sig")
