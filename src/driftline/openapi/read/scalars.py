"""Plain YAML scalars by the core schema of YAML 1.2: `no` and dates are strings."""

from __future__ import annotations

import math
import re
from typing import Any, Final

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER_STARTS: Final = frozenset("+-.0123456789")
_INT: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def read_plain(scalar: str) -> Any:
    """Return the value of an unquoted scalar."""
    if scalar[:1] in _NUMBER_STARTS and scalar:
        if _INT.fullmatch(scalar):
            return resolve_scalar("int", scalar)
        return resolve_scalar("float", scalar) if _FLOAT.fullmatch(scalar) else scalar
    if scalar in _NULLS:
        return None
    return _BOOLS.get(scalar, scalar)


def is_too_large(scalar: str, value: Any) -> bool:
    """Return whether an unquoted scalar is a number, but its value is the text."""
    is_text = isinstance(value, str) and scalar[:1] in _NUMBER_STARTS
    return is_text and bool(_INT.fullmatch(scalar) or _FLOAT.fullmatch(scalar))


def resolve_scalar(kind: str, scalar: str) -> Any:
    """Return the value of a scalar with a tag, or its text if it is not valid for the tag."""
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return scalar.lower() == "true"
        if kind == "int":
            integer = int(scalar, 0) if scalar[:2].lower() in {"0x", "0o"} else int(scalar)
            return integer if math.isfinite(float(integer)) else scalar
        if kind == "float":
            number = float(scalar)
            return number if math.isfinite(number) else scalar
    except (ValueError, OverflowError):  # of more digits than Python reads, or a float holds
        return scalar
    return scalar
