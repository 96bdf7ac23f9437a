"""Predicates for the string formats that the vendors' pages require."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
URI = re.compile(
    r"[a-z][a-z0-9+.-]*:([a-z0-9._~!$&'()*+,;=:@/?#\[\]-]|%[0-9a-f]{2})*", re.IGNORECASE | re.ASCII
)
INTEGER = re.compile(r"-?\d+", re.ASCII)
NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def is_uuid(value: Any) -> bool:
    """Whether a value is a string of 8-4-4-4-12 hexadecimal digits."""
    return isinstance(value, str) and UUID.fullmatch(value) is not None


def is_uri(value: Any) -> bool:
    """Whether a value is a string with a scheme, a colon, and characters that a URI allows."""
    return isinstance(value, str) and URI.fullmatch(value) is not None


def is_time(value: Any) -> bool:
    """Whether a value is a string with an existing date, a time of day and an offset."""
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    return match is not None and parse_time(value) is not None


def parse_time(string: str) -> datetime | None:
    """Return the timestamp, or None if it is invalid; a leap second counts as the second before."""
    match = TIME.fullmatch(string)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    clock = clock[:-2] + "59" if clock.endswith("60") else clock
    fraction = (fraction or ".0")[:7]
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction.ljust(7, '0')}{zone}")
    except ValueError:
        return None
