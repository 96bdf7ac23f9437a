"""The names of media types: what is not one is read as what it means."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from driftline.openapi.pointer import join
from driftline.openapi.read.upgrade.context import Context

_SHORT_NAMES: Final = {
    "json": "application/json",
    "xml": "application/xml",
    "text": "text/plain",
    "html": "text/html",
}
_NAME: Final = re.compile(r"[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(\s*;.*)?")


def read_media_type_names(
    context: Context, content: dict[str, Any], pointer: str
) -> dict[str, Any]:
    """Return the content of a body or response by media types that exist, in its order.

    `*` and `json` are short for one, and `application/json, text/csv` names two. `pointer` is that
    of the body or response.
    """
    found: dict[str, Any] = {}
    for name, media in content.items():
        names = _read_names(name)
        if names != [name]:
            place = pointer + join("content", name)
            message = f"not a media type: {name!r}"
            hint = f"Write {' and '.join(names)}, as it is read."
            context.notes.warn("content.media-type-invalid", place, message, hint)
        for number, each in enumerate(names):
            if each != name:
                context.moves.note(pointer + join("content", each), pointer + join("content", name))
            found.setdefault(each, copy.deepcopy(media) if number else media)
    return found


def _read_names(name: str) -> list[str]:
    if "/" not in name:
        return [_SHORT_NAMES.get(name.strip().lower(), "*/*")]
    parts = [part.strip() for part in re.split("[|,]", name)]
    return parts if len(parts) > 1 and all(map(_NAME.fullmatch, parts)) else [name]
