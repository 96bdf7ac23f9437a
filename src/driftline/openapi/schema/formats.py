"""Formats that are validated in addition to those of JSON Schema: of strings and integers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs

from driftline.openapi.pointer import is_array, is_object

# RFC 3339 requires an offset; jsonschema-rs' `date-time` is strict already, but it lacks these.
TEXTS: Final[dict[str, Callable[[str], bool]]] = {
    "e164": lambda string: re.fullmatch(r"\+[1-9]\d{1,14}", string) is not None,
}
WIDTHS: Final[Mapping[str, int]] = {"int32": 32, "int64": 64}
"""OpenAPI's formats of whole numbers: how many bits there are, one of them for the sign."""


def has_widths(document: Any) -> bool:
    """Return whether any schema of a document has an integer format."""
    if is_object(document):
        width = document.get("format")
        return (isinstance(width, str) and width in WIDTHS) or any(
            map(has_widths, document.values())
        )
    return is_array(document) and any(map(has_widths, document))


@lru_cache(maxsize=256)
def _get_validator(name: Any) -> jsonschema_rs.Draft202012Validator:
    schema = {"format": name} if isinstance(name, str) else True
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, formats=TEXTS)


class Format:
    """The keyword `format`, which gives the width of an integer.

    jsonschema-rs only knows formats of strings, which are left to it.
    """

    def __init__(self, parent: Mapping[str, Any], value: Any, path: list[str | int]) -> None:
        self._name = value
        self._width = WIDTHS.get(value) if isinstance(value, str) else None
        self._string_validator = _get_validator(value if self._width is None else None)

    def validate(self, instance: Any) -> None:
        """Check one value.

        Raises:
            ValueError: the value does not have the format.
        """
        if self._width is None:
            for error in self._string_validator.iter_errors(instance):
                raise ValueError(error.message)
        elif isinstance(instance, int) and not isinstance(instance, bool):
            limit = 1 << (self._width - 1)
            if not -limit <= instance < limit:
                raise ValueError(f'{instance} is not an "{self._name}"')
