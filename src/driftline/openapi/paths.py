"""Path templates such as `/orders/{id}`: their parameters, and the paths that match one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import count
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import attrs

_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")


@attrs.frozen
class PathTemplate:
    """The path of an operation, as a document writes it."""

    path: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of the parameters, in order."""
        return tuple(_PARAMETER.findall(self.path))

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """Return the literal text before, between and after the parameters."""
        return tuple(_PARAMETER.split(self.path)[::2])

    @property
    def shape(self) -> str:
        """Return the template without names: templates of one shape match the same paths."""
        return "{}".join(self.literals)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the values of the parameters in `path`, undecoded; None if it does not match.

        A value is one non-empty segment or a part of one.
        """
        values = self.split(path)
        return None if values is None else dict(zip(self.names, values, strict=True))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the path with these values, which are not encoded."""
        return _PARAMETER.sub(lambda match: values[match[1]], self.path)

    def split(self, path: str, *, least: int = 1) -> list[str] | None:
        """Return the values of the parameters in order, of at least `least` characters each.

        The first ones are as long as possible, as in a regular expression. That would take
        exponential time to reject a path if a segment has many parameters.
        """
        first, *others = self.literals
        if not others:
            return [] if path == first else None
        end = len(path) - len(others[-1])
        if not (path.startswith(first) and path.endswith(others[-1]) and end >= len(first)):
            return None
        values: list[str] = []
        for literal in reversed(others[:-1]):
            start = path.rfind(literal, len(first), max(end - least, 0))
            if start < 0:
                return None
            values.append(path[start + len(literal) : end])
            end = start
        values.append(path[len(first) : end])
        fits = all(len(value) >= least and "/" not in value for value in values)
        return values[::-1] if fits else None


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
    route = re.sub(r"\{[?&#][^{}]*\}$", "", key.strip())
    if route.count("{") != route.count("}"):  # `/users/{id/orders` and `/users/id}/orders` lack one
        route = re.sub(r"\{([^{}/]+)(?=/|$)", r"{\1}", route)
        route = re.sub(r"(?<=/)([^{}/]+)\}", r"{\1}", route)
    nameless = count(1)
    route = _PLACEHOLDER.sub(
        lambda match: f"{{{read_placeholder(match[1])[0] or f'part{next(nameless)}'}}}", route
    )
    route, _, fragment = route.partition("#")
    route, _, query = route.partition("?")
    if "://" in route:
        route = urlsplit(route).path
    path = route if route.startswith("/") else f"/{route}"
    return PathKey(path, _split_pairs(query), _split_pairs(fragment))


def list_placeholders(path: str) -> list[str]:
    """Return the names in a path: `/pets/{id}` has `id`."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(path)))


def read_placeholder(placeholder: str) -> tuple[str, bool]:
    """Return the name in a placeholder, and whether its value may have slashes.

    Routers have more than a name there: `{+name}` (RFC 6570), `{proxy+}`, `{*rest}`, `{id:int}`,
    `{file:path}`, `{name=shelves/*}` and `{id?}`.
    """
    match = _ROUTER_SYNTAX.fullmatch(placeholder.strip())
    name, sign, rest = match.groups() if match else (placeholder, "", "")
    bare_name = name.rstrip("+*?")
    if not bare_name:
        return placeholder, False
    is_greedy = placeholder.strip()[0] in "+*" or name[-1] in "+*"
    is_path = rest in {"path", ".*", ".+"} if sign == ":" else "/" in rest or "**" in rest
    return bare_name, is_greedy or is_path


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ROUTER_SYNTAX = re.compile(r"[+*]*([^=:]*)([=:]?)(.*)", re.DOTALL)


def _split_pairs(query: str) -> tuple[tuple[str, str], ...]:
    if "{" in query:
        return ()
    return tuple(parse_qsl(query, keep_blank_values=True))
