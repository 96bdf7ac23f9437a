"""Texts that stand for something else: moments, dates and UUIDs."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec

# What msgspec is requested: RFC 3339 wants a timezone.
FORMATS: dict[type, Any] = {
    datetime.datetime: Annotated[datetime.datetime, msgspec.Meta(tz=True)],
    datetime.date: datetime.date,
    UUID: UUID,
}
_NAMES = {datetime.datetime: "date-time", datetime.date: "date", UUID: "uuid"}


def format_name(kind: type) -> str:
    """Return what JSON Schema calls it."""
    return _NAMES[kind]


# What is raised for a text that is not one of its kind.
NOT_OF_THE_FORMAT = (ValueError, msgspec.ValidationError)


def parse(kind: type) -> Callable[[str], Any]:
    """Read a text as `kind`; what it returns raises NOT_OF_THE_FORMAT."""
    if kind is datetime.datetime:
        return _parse_timestamp

    wanted: Any = kind

    def read(text: str) -> Any:
        return msgspec.convert(text, wanted)

    return read


def _parse_timestamp(text: str) -> datetime.datetime:
    # Not by FORMATS, which takes twice as long: this runs whenever somebody looks at a moment.
    moment = msgspec.convert(text, datetime.datetime)
    if moment.tzinfo is None:
        raise ValueError("no timezone")
    return moment
