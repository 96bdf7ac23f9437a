"""Strings that stand for another type: timestamps, dates and UUIDs."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import msgspec

# The types for msgspec: RFC 3339 requires a timezone.
FORMATS: dict[type, Any] = {
    datetime.datetime: Annotated[datetime.datetime, msgspec.Meta(tz=True)],
    datetime.date: datetime.date,
    UUID: UUID,
}
_NAMES = {datetime.datetime: "date-time", datetime.date: "date", UUID: "uuid"}


def format_name(kind: type) -> str:
    """Return the JSON Schema name of a format."""
    return _NAMES[kind]


# Raised for a string that does not have the format.
NOT_OF_THE_FORMAT = (ValueError, msgspec.ValidationError)


def parse(kind: type) -> Callable[[str], Any]:
    """Parse a string as `kind`; raises NOT_OF_THE_FORMAT."""
    if kind is datetime.datetime:
        return _parse_timestamp

    target_type: Any = kind

    def read(string: str) -> Any:
        return msgspec.convert(string, target_type)

    return read


def _parse_timestamp(string: str) -> datetime.datetime:
    # Not by FORMATS, which takes twice as long: this runs at each access to a timestamp.
    moment = msgspec.convert(string, datetime.datetime)
    if moment.tzinfo is None:
        raise ValueError("no timezone")
    return moment
