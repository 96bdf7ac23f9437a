"""Fields that name another row: a value that was made up may rightly be rejected."""

from __future__ import annotations

import re

from driftline.openapi import ValuePath

_NAMES = re.compile(r".+(_id|_ids|Id|Ids|ID|IDs|_pk|_uuid|Uuid)|parent|owner")


def is_relation(name: str, field: ValuePath) -> bool:
    """Return whether a field takes the id of another row.

    `x-reference` says so, and so do the names that services commonly use.
    """
    declared = any("x-reference" in schema for _, schema in field.schemas)
    is_scalar = not field.types & {"object", "boolean"}
    return declared or (is_scalar and _NAMES.fullmatch(name) is not None)
