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
    text = re.sub(r"\{[?&#][^{}]*\}$", "", key.strip())
    if text.count("{") != text.count("}"):  # `/users/{id/orders` and `/users/id}/orders` lack one
        text = re.sub(r"\{([^{}/]+)(?=/|$)", r"{\1}", text)
        text = re.sub(r"(?<=/)([^{}/]+)\}", r"{\1}", text)
    text = _PLACEHOLDER.sub(lambda found: f"{{{read_placeholder(found[1])[0]}}}", text)
    text, _, fragment = text.partition("#")
    text, _, query = text.partition("?")
    if "://" in text:
        text = urlsplit(text).path
    path = text if text.startswith("/") else f"/{text}"
    return PathKey(path, _split_pairs(query), _split_pairs(fragment))


def list_placeholders(path: str) -> list[str]:
    """Return the names in a path: `/pets/{id}` has `id`."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(path)))


def read_placeholder(text: str) -> tuple[str, bool]:
    """Return the name in a placeholder, and whether its value may have slashes.

    Routers have more than a name there: `{+name}` (RFC 6570), `{proxy+}`, `{*rest}`, `{id:int}`,
    `{file:path}`, `{name=shelves/*}` and `{id?}`.
    """
    found = _ROUTER_SYNTAX.fullmatch(text.strip())
    name, sign, rest = found.groups() if found else (text, "", "")
    bare = name.rstrip("+*?")
    if not bare:
        return text, False
    is_greedy = text.strip()[0] in "+*" or name[-1] in "+*"
    is_path = rest in {"path", ".*", ".+"} if sign == ":" else "/" in rest or "**" in rest
    return bare, is_greedy or is_path


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ROUTER_SYNTAX = re.compile(r"[+*]*([^=:]*)([=:]?)(.*)", re.DOTALL)


def _split_pairs(text: str) -> tuple[tuple[str, str], ...]:
    if "{" in text:
        return ()
    return tuple(parse_qsl(text, keep_blank_values=True))
