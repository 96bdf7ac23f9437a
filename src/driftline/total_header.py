"""The total of a listing in a header: a number, or a member of its JSON.

A rule names the header, and the member after a slash: `X-Total-Count`, `X-Pagination/total`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

_LONGEST: Final = 18
"""Digits of a total."""


def split_total_rule(rule: str) -> tuple[str, str]:
    """Return the header, and the member of its JSON; "" if its value is the total."""
    name, _, member = rule.partition("/")
    return name, member


def read_total(rule: str, headers: Iterable[tuple[str, str]]) -> int | None:
    """Return the total in the headers, or None."""
    header, member = split_total_rule(rule)
    text = next((value for key, value in headers if key.lower() == header.lower()), "").strip()
    if not member:
        return int(text) if text.isdecimal() and len(text) < _LONGEST else None
    try:
        total: Any = json.loads(text)[member]
    except (ValueError, RecursionError, TypeError, LookupError):
        return None  # no JSON, or no object with this member
    return total if isinstance(total, int) and not isinstance(total, bool) else None
