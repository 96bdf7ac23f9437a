"""Cookies in a request's Cookie header (RFC 6265), read as leniently as servers do."""

from __future__ import annotations

from collections.abc import Iterable


def parse_cookies(header: str | None) -> list[tuple[str, str]]:
    """Return names and undecoded values, without the quotes around a value.

    Any name and value is accepted, such as a name with brackets; a part without `=` is
    ignored.
    """
    pairs = (part.partition("=") for part in (header or "").split(";"))
    return [(name.strip(), _unquote(value.strip())) for name, sign, value in pairs if sign]


def format_cookies(cookies: Iterable[tuple[str, str]]) -> str:
    """Return the header of encoded cookies; "" without any."""
    return "; ".join(f"{name}={value}" for name, value in cookies)


def _unquote(value: str) -> str:
    is_quoted = len(value) > 1 and value[0] == value[-1] == '"'
    return value[1:-1] if is_quoted else value
