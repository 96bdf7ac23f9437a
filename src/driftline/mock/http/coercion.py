"""Values that are sent as text: in a query, a path, a header or a form."""

from __future__ import annotations

import re
from typing import Any

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,300})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")


def coerce_text(text: str, types: set[str]) -> Any:
    """Return the text as one of the types, or as it is if it is not one of them."""
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    if types & {"integer", "number"} and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        number = float(text)
        return text if number in {float("inf"), float("-inf")} else number
    return text
