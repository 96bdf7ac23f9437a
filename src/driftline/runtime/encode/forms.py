"""Bodies of `application/x-www-form-urlencoded`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote_plus

from driftline.runtime.encode.parameters import encode_style_pairs, format_scalar
from driftline.runtime.encode.values import encode_request
from driftline.runtime.endpoint import Encoding
from driftline.runtime.json_types import is_array, is_object

_NO_ENCODING = Encoding()


def write_form(fields: Mapping[str, Any], encodings: Mapping[str, Encoding]) -> bytes:
    """Return the fields as a form.

    Raises:
        ArgumentError, ValueError, RecursionError: a value cannot be encoded.
    """
    pairs: list[str] = []
    for name, value in fields.items():
        encoding = encodings.get(name, _NO_ENCODING)
        escaped, encoded = quote_plus(name), encode_request(value)
        if encoding.style is not None and isinstance(encoded, (dict, list)):
            pairs += encode_style_pairs(
                escaped, encoded, encoding.style, encoding.explode, quote_plus
            )
        else:
            pairs += [f"{escaped}={quote_plus(text)}" for text in format_field_values(encoded)]
    return "&".join(pairs).encode("ascii")


def format_field_values(value: Any) -> Iterator[str]:
    """Yield the strings of a field without a style: one for each array item, JSON for objects.

    Null is an empty string, since forms have no null.
    """
    for item in value if is_array(value) else [value]:
        if is_object(item) or is_array(item):
            yield json.dumps(item, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        else:
            yield "" if item is None else format_scalar(item)
