"""Splits the keys of `paths` into the path, and what only distinguishes operations."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import attrs


@attrs.frozen
class PathKey:
    """A path as it is sent, and the values that its query and fragment fix.

    `query` is sent unchanged. A `fragment` is not sent: its names are the parameters that identify
    the operation, as in documents of AWS (`/{Bucket}?acl` written as `/{Bucket}#acl`).
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    fragment: tuple[tuple[str, str], ...] = ()


def split_path(key: str) -> PathKey:
    """Return the parts of a key of `paths`."""
    # `{?page}` of RFC 6570 is not part of the path: its parameters are described beside it.
    text, _, fragment = re.sub(r"\{[?&#][^{}]*\}$", "", key.strip()).partition("#")
    text, _, query = text.partition("?")
    if "://" in text:
        text = urlsplit(text).path
    path = text if text.startswith("/") else f"/{text}"
    return PathKey(path, _split_pairs(query), _split_pairs(fragment))


def list_placeholders(path: str) -> list[str]:
    """Return the names in a path: `/pets/{id}` has `id`."""
    return list(dict.fromkeys(re.findall(r"\{([^{}]*)\}", path)))


def _split_pairs(text: str) -> tuple[tuple[str, str], ...]:
    if "{" in text:
        return ()
    return tuple(parse_qsl(text, keep_blank_values=True))
