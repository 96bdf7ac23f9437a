"""Recognizes fields by common names: IDs of other rows, and creation times."""

from __future__ import annotations

import re

from driftline.openapi import ValuePath

_CREATED = re.compile(r"created(_?(at|on|date|time|by))?|date_?created|creation_?(date|time)", re.I)
_STAMPS = re.compile(r"(last_?)?(updated|modified|changed)(_?(at|on|date|time))?", re.I)
_NAMES = re.compile(r".+(_id|_ids|Id|Ids|ID|IDs|_pk|_uuid|Uuid)|parent|owner")


def is_relation(name: str, field: ValuePath) -> bool:
    """Return whether a field takes the ID of another row.

    By `x-reference`, or by a common name.
    """
    is_declared = any("x-reference" in schema for _, schema in field.schemas)
    is_scalar = not field.types & {"object", "boolean"}
    return is_declared or (is_scalar and _NAMES.fullmatch(name) is not None)


def is_creation_time(name: str) -> bool:
    """Return whether a field has the time or author of a creation, which no update changes."""
    return _CREATED.fullmatch(name) is not None


def is_update_time(name: str) -> bool:
    """Return whether a field has the time of the last update."""
    return _STAMPS.fullmatch(name) is not None


def is_timestamp(name: str) -> bool:
    """Return whether a field has the time of a creation or update, which no read changes."""
    return is_creation_time(name) or is_update_time(name)
