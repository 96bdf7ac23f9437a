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


def read_plain(text: str) -> Any:
    """Return the value of an unquoted scalar."""
    if text[:1] in _NUMBER_STARTS and text:
        if _INT.fullmatch(text):
            return resolve_scalar("int", text)
        return resolve_scalar("float", text) if _FLOAT.fullmatch(text) else text
    if text in _NULLS:
        return None
    return _BOOLS.get(text, text)


def resolve_scalar(kind: str, text: str) -> Any:
    """Return the value of a scalar with a tag, or its text if it is not valid for the tag."""
    try:
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind == "int":
            whole = int(text, 0) if text[:2].lower() in {"0x", "0o"} else int(text)
            return whole if math.isfinite(float(whole)) else text
        if kind == "float":
            number = float(text)
            return number if math.isfinite(number) else text
    except (ValueError, OverflowError):  # of more digits than Python reads, or a float holds
        return text
    return text
