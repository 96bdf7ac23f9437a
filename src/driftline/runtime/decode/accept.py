"""The media types of an operation: the Accept header, and the kind to read a body as."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

import httpx

from driftline.media import (
    ACCEPTED_FIRST,
    STREAM_KINDS,
    BodyKind,
    find_body_kind,
    get_essence,
    matches,
)

_MEDIA_RANGE = re.compile(
    r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(;[\w!#$&^.+*-]+=[\w!#$&^.+*-]+)*", re.ASCII
)
_LONGEST = 20


def list_success_types(media_types: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the media types of the documented success responses."""
    success = _list_types(media_types, lambda status: status[0] == "2")
    return success or _list_types(media_types, lambda status: status == "default")


def _list_types(
    media_types: Mapping[str, Iterable[str]], chooses: Callable[[str], bool]
) -> list[str]:
    return [name for status in media_types if chooses(status) for name in media_types[status]]


def build_accept_header(
    media_types: Mapping[str, Iterable[str]], *, streams: bool | None = None
) -> str:
    """Return the Accept header for documented media types by status.

    `streams` restricts the successes to streams (True) or to the others (False), if there are any.
    They come first, the best supported one first, each with a lower quality value than the one
    before. Errors come last; without them, a negotiating server could not send them. If all are
    files, `*/*` follows: not every server negotiates files by their media types.
    """
    success = _list_types(media_types, lambda status: status[0] == "2")
    if streams is not None:
        matching_types = [
            name for name in success if (find_body_kind(name) in STREAM_KINDS) is streams
        ]
        success = matching_types or success
    errors = _list_types(media_types, lambda status: status[0] != "2")
    names = dict.fromkeys(
        [
            *sorted(_select_ranges(success), key=_rank_range),
            *sorted(_select_ranges(errors), key=_rank_range),
        ]
    )
    if not names:
        return "application/json"
    ranges = list(names)[:_LONGEST]
    header = ", ".join(_weigh(name, index, len(ranges)) for index, name in enumerate(ranges))
    are_files = all("*" not in name and find_body_kind(name) == "binary" for name in ranges)
    return f"{header}, */*;q=0.05" if are_files else header


def _select_ranges(names: Iterable[str]) -> Iterable[str]:
    """Yield the media types that a header can carry, without their charset."""
    for name in names:
        first, *parameters = (part.strip() for part in name.split(";"))
        other_parameters = [
            part for part in parameters if not part.lower().startswith(("charset=", "q="))
        ]
        media_range = ";".join([first, *other_parameters])
        if _MEDIA_RANGE.fullmatch(media_range):
            yield media_range


def _rank_range(name: str) -> tuple[bool, int, bool]:
    preference = ACCEPTED_FIRST.index(find_body_kind(name))
    return "*" in name, preference, get_essence(name) != "application/json"


def _weigh(name: str, index: int, count: int) -> str:
    if index == 0:
        return name
    # Steps of a tenth if there are enough of them; smaller ones for a long list.
    step = 0.1 if count <= 9 else 0.9 / count
    return f"{name};q={1 - index * step:.2f}".removesuffix("0")


# The media types that servers send for bodies they know nothing about.
_UNSPECIFIC = ("", "application/octet-stream")
_PAGE = "text/html"


@lru_cache(maxsize=256)
def choose_kind(media_types: tuple[str, ...], content_type: str) -> BodyKind | None:
    """Return the kind to read a body as, or None if its media type is not documented.

    A body of a documented kind is read as that kind. One with a generic media type is read as the
    first documented kind, and one of a kind that is documented as that kind, except a web page.
    If JSON is documented, any other body is tried as JSON.
    """
    essence = get_essence(content_type)
    concrete = [name for name in media_types if "*" not in name]
    exact = [name for name in concrete if matches(essence, name)]
    if exact:
        return find_body_kind(exact[0])
    if essence in _UNSPECIFIC and concrete and find_body_kind(concrete[0]) == "text":
        return "text"
    if essence and any(matches(essence, name) for name in media_types):
        return find_body_kind(essence)
    kinds: list[BodyKind] = [find_body_kind(name) for name in media_types]
    if essence in _UNSPECIFIC and kinds:
        return kinds[0]
    if find_body_kind(essence) in kinds and essence != _PAGE:
        return find_body_kind(essence)
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
