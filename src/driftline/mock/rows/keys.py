"""Encodes values as bytes that sort like rows, and are equal for equal values.

The database only compares bytes. It need not know that numbers of any size come before strings,
that times are compared as timestamps, or that missing values come last.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

from driftline.openapi import (
    MISSING,
    Range,
    is_array,
    is_object,
    make_comparable,
    parse_timestamp,
)

_NEGATIVE, _ZERO, _POSITIVE, _TEXT = b"\x01", b"\x02", b"\x03", b"\x04"
_HAVING, _LACKING = b"\x00", b"\x01"
_COMPLEMENT = bytes(range(255, -1, -1))
_BIAS = 1 << 31
_LONGEST = 64
_MEASURES = {"number": b"n", "time": b"t"}


def encode_text(string: str) -> bytes:
    """Return a string as bytes that sort by its characters."""
    return string.encode("utf-8", "surrogatepass")


def is_timestamp(value: Any) -> bool:
    """Return whether a value is a comparable time."""
    return isinstance(value, str) and parse_timestamp(value) is not None


def order_key(value: Any, row_id: Any, *, times: bool, descending: bool) -> bytes:
    """Return the position of a row with `value` in the sort field.

    Rows without a value come last in both directions. The ID decides between equal values, so that
    pages neither overlap nor omit a row. With `times`, every value is a time.
    """
    encoded_id = encode_text(str(row_id))
    if value is None or value is MISSING:
        return _LACKING + encoded_id
    key = _encode_number(parse_timestamp(value) or 0) if times else _rank(value)
    return _HAVING + (key.translate(_COMPLEMENT) if descending else key) + encoded_id


def encode_measure(value: Any) -> bytes | None:
    """Return bytes in the order of numbers, or of times; None for a value that is neither."""
    comparable = make_comparable(value)
    return None if comparable is None else _MEASURES[comparable[0]] + _encode_number(comparable[1])


def encode_range(rule: Range, bound: Any) -> tuple[bytes, bytes]:
    """Return the least measure in a range, and the least one above it."""
    key = encode_measure(bound)
    if key is None:
        return b"", b""
    is_lower = rule.bound == "lower"
    edge = key if (rule.inclusive is not False) == is_lower else key + b"\0"
    return (edge, key[:1] + b"\xff") if is_lower else (key[:1], edge)


def _rank(value: Any) -> bytes:
    if isinstance(value, (int, float)):
        return _encode_number(value)
    return _TEXT + _append_end(encode_text(str(value)))


def _encode_number(value: float) -> bytes:
    if value == 0:
        return _ZERO
    if value > 0:
        return _POSITIVE + _encode_magnitude(value)
    return _NEGATIVE + _encode_magnitude(-value).translate(_COMPLEMENT)


def _encode_magnitude(value: float) -> bytes:
    """Return a positive number as its exponent and its bits, exact at any size."""
    if value == math.inf:
        return b"\xff" * 4
    top, bottom = value.as_integer_ratio()
    exponent = top.bit_length() - bottom.bit_length()
    size = -(-top.bit_length() // 8)
    bits = (top << (size * 8 - top.bit_length())).to_bytes(size, "big").rstrip(b"\0")
    return (exponent + _BIAS).to_bytes(4, "big") + _append_end(bits)


def _append_end(key: bytes) -> bytes:
    """Append an end that sorts before any continuation, so that no key is a prefix of another."""
    return key.replace(b"\0", b"\0\xff") + b"\0\0"


def encode_equality(value: Any) -> bytes:
    """Return a key that is equal only for equal values, with a limited length.

    1, 1.0 and true are equal.
    """
    key = _encode_exact(value)
    return key if len(key) <= _LONGEST else b"#" + hashlib.sha256(key).digest()


def _encode_exact(value: Any) -> bytes:
    if value is MISSING:
        return b""
    if value is None:
        return b"0"
    if isinstance(value, (int, float)):
        return b"n" + _encode_number(value)
    if is_array(value):
        return b"[" + b"".join(_append_end(_encode_exact(item)) for item in value)
    if is_object(value):
        pairs = sorted((encode_text(name), _encode_exact(member)) for name, member in value.items())
        return b"{" + b"".join(_append_end(part) for pair in pairs for part in pair)
    return b"s" + encode_text(str(value))
