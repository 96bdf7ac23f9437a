"""Texts that match a pattern of a schema, made by rstr."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from random import Random

import jsonschema_rs
from rstr import Rstr

__all__ = ["fits", "matching"]

_ATTEMPTS = 10
_LONGEST = 10_000
"""Characters that the counts of a pattern may come to: `(x{9999}){9999}` is not made."""
_COUNT = re.compile(r"{(\d+)(?:,(\d*))?}")


def fits(pattern: str, text: str) -> bool:
    """Whether a text matches, as JSON Schema has it: by ECMA's rules, anywhere in it."""
    return jsonschema_rs.is_valid({"pattern": pattern}, text)


def matching(pattern: str, source: Random) -> Iterator[str]:
    """Some texts that match, the same ones for the same source; none where that is not known how.

    A schema's pattern may match anywhere in a text: these are nothing but the match.
    """
    counts = (int(least or 0) for least, _ in _COUNT.findall(pattern))
    if prod(max(1, count) for count in counts) > _LONGEST:
        return
    maker = Rstr(source)
    for _ in range(_ATTEMPTS):
        try:
            text = maker.xeger(pattern)
            if fits(pattern, text):
                yield text
        except (re.error, ArithmeticError, LookupError, ValueError, TypeError, RecursionError):
            return
