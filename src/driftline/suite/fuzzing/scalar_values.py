"""The strings and numbers among which the values of a schema choose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any, Final

from driftline.openapi import make_matching, matches_pattern

_CANDIDATES: Final = 3
_LONG: Final = 2_000
_DECIMAL: Final = "10.50"
"""A decimal whose last digit a floating-point number loses."""
_STRINGS: Final = ("text", "", "Zoë 👩 «ß»", "a'b\"c\\d", " leading and trailing ", "0")
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "uuid": ("00000000-0000-4000-8000-000000000000", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
    "date-time": ("2024-01-15T10:00:00Z", "2024-02-29T23:59:59.123Z", "2024-01-15T10:00:00+02:00"),
    "date": ("2024-01-15", "2024-02-29"),
    "time": ("10:00:00Z", "23:59:59Z"),
    "duration": ("PT1H", "P1DT2H"),
    "uri": ("https://example.com/", "https://example.com/a/b?c=d#e"),
    "email": ("someone@example.com",),
    "hostname": ("example.com",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "e164": ("+14155550100",),
    "byte": ("", "aGVsbG8="),
}


def _may_be_decimal(pattern: str) -> bool:
    """Return whether a pattern allows a decimal, but no word."""
    try:
        compiled = re.compile(pattern)
    except re.error:
        return False
    return bool(compiled.search(_DECIMAL)) and not compiled.search("a")


def make_string(schema: Mapping[str, Any], turn: int) -> str:
    """Return the string of a turn; it may break a pattern."""
    pattern, form = schema.get("pattern"), schema.get("format", "")
    formatted: Sequence[str] = _FORMATS.get(form, ())
    if isinstance(pattern, str):
        formatted = [s for s in formatted if matches_pattern(pattern, s)]
    if formatted:
        return formatted[turn % len(formatted)]
    if isinstance(pattern, str):
        candidates = list(islice(make_matching(pattern, Random(turn)), _CANDIDATES))  # noqa: S311 - repeats
        if turn == 0 and _may_be_decimal(pattern):
            return _DECIMAL
        # A pattern may allow "" by chance, which is not a number or name for the server.
        return next(filter(None, candidates), candidates[0] if candidates else "text")
    minimum, maximum = schema.get("minLength", 0), schema.get("maxLength")
    options = [
        string
        for string in _STRINGS
        if minimum <= len(string) and (maximum is None or len(string) <= maximum)
    ]
    options += ["x" * minimum] if minimum else []
    options += ["x" * maximum] if maximum is not None and maximum <= _LONG else []
    return options[turn % len(options)] if options else "x" * minimum


def list_numbers(schema: Mapping[str, Any], *, is_integer: bool) -> Iterator[int | float]:
    """Yield the bounds and a few numbers between them; at least one."""
    step = schema.get("multipleOf") or (1 if is_integer else 0)
    low, high = schema.get("minimum"), schema.get("maximum")
    exclusive_low, exclusive_high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    low = exclusive_low + (step or 0.5) if isinstance(exclusive_low, int | float) else low
    high = exclusive_high - (step or 0.5) if isinstance(exclusive_high, int | float) else high
    bounds = [bound for bound in (low, high) if isinstance(bound, int | float)]
    inner = [0, 1, -1, 17] if is_integer else [0.5, 0, -1.25, 17]
    has_number = False
    for candidate in (*bounds, *inner):
        number = round(candidate / step) * step if step else candidate
        if (low is None or number >= low) and (high is None or number <= high):
            has_number = True
            yield int(number) if is_integer else number
    if not has_number:
        yield bounds[0] if bounds else 0
