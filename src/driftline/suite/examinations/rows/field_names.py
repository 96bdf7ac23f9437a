"""Fields by the names that services use: ids of other rows, and when a row was created."""

from __future__ import annotations

import re

from driftline.openapi import ValuePath

_CREATED = re.compile(r"created(_?(at|on|date|time|by))?|date_?created|creation_?(date|time)", re.I)
_NAMES = re.compile(r".+(_id|_ids|Id|Ids|ID|IDs|_pk|_uuid|Uuid)|parent|owner")


def is_relation(name: str, field: ValuePath) -> bool:
    """Return whether a field takes the id of another row.

    `x-reference` says so, and so do the names that services commonly use.
    """
    declared = any("x-reference" in schema for _, schema in field.schemas)
    is_scalar = not field.types & {"object", "boolean"}
    return declared or (is_scalar and _NAMES.fullmatch(name) is not None)


def is_creation_time(name: str) -> bool:
    """Return whether a field says when or by whom a row was created, which no update changes."""
    return _CREATED.fullmatch(name) is not None
