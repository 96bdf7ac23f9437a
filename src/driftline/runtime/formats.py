"""Texts that stand for something else: moments, dates and UUIDs."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec

__all__ = ["FORMATS", "format_name", "parse"]

# What msgspec is asked for: RFC 3339 wants a timezone.
FORMATS: dict[type, Any] = {
    datetime.datetime: Annotated[datetime.datetime, msgspec.Meta(tz=True)],
    datetime.date: datetime.date,
    UUID: UUID,
}
_NAMES = {datetime.datetime: "date-time", datetime.date: "date", UUID: "uuid"}


def format_name(kind: type) -> str:
    """What JSON Schema calls it."""
    return _NAMES[kind]


def parse(kind: type) -> Callable[[str], Any]:
    """Reads a text as `kind`; what it returns raises ValueError for a text that is none."""
    wanted = FORMATS[kind]

    def read(text: str) -> Any:
        try:
            return msgspec.convert(text, wanted)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None

    return read
