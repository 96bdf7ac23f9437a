"""The keys of `paths`: what of each is the path, and what only tells operations apart."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import attrs


@attrs.frozen
class PathKey:
    """A path as it is sent, and the values that its query and fragment fix.

    `query` is sent as it is. Nothing of a `fragment` is: its names say which parameters tell the
    operation apart, as documents of AWS have it (`/{Bucket}?acl` written as `/{Bucket}#acl`).
    """

    path: str
    query: tuple[tuple[str, str], ...] = ()
    fragment: tuple[tuple[str, str], ...] = ()


def split_path(key: str) -> PathKey:
    """Return the parts of a key of `paths`."""
    # `{?page}` of RFC 6570 is not part of the path: its parameters are described beside it.
    text = re.sub(r"\{[?&#][^{}]*\}$", "", key.strip())
    text = _PLACEHOLDER.sub(lambda found: f"{{{read_placeholder(found[1])[0]}}}", text)
    text, _, fragment = text.partition("#")
    text, _, query = text.partition("?")
    if "://" in text:
        text = urlsplit(text).path
    path = text if text.startswith("/") else f"/{text}"
    return PathKey(path, _pairs(query), _pairs(fragment))


def placeholders(path: str) -> list[str]:
    """Return what stands in the braces of a path: `/pets/{id}` has `id`."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(path)))


def read_placeholder(text: str) -> tuple[str, bool]:
    """Return the name in a placeholder, and whether its value may have slashes.

    Routers have more than a name there: `{+name}` (RFC 6570), `{proxy+}` (API Gateway), `{*rest}`
    and `{id:int}` (ASP.NET), `{file:path}` (Starlette), `{name=shelves/*}` (gRPC), `{id?}`.
    """
    name, sign, rest = re.fullmatch(r"[+*]*([^=:]*)([=:]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    bare = name.rstrip("+*?")
    if not bare:
        return text, False
    is_greedy = text[0] in "+*" or name[-1] in "+*"
    is_path = rest in {"path", ".*", ".+"} if sign == ":" else "/" in rest or "**" in rest
    return bare, is_greedy or is_path


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    if "{" in text:
        return ()
    return tuple(parse_qsl(text, keep_blank_values=True))
