"""Infers a missing clause from a rejected request and accepted ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

from driftline.checks import Exchange, ObservedSchema, Outgoing
from driftline.openapi import MISSING, split
from driftline.suite.shrink.request_parts import Part

_INTEGER: Final = re.compile(r"-?\d+")


def observe_difference(
    part: Part, exchange: Exchange, accepted: Sequence[Outgoing]
) -> ObservedSchema | None:
    """Return what accepted requests have and the rejected one lacks; None if unknown.

    An omitted part may be required, and a number may have to be an integer.
    """
    rejected = part.read(exchange.request)
    values = [value for each in accepted if (value := part.read(each)) is not MISSING]
    if rejected is MISSING:
        name = split(part.name)[-1] if part.place == "body" else part.name
        is_always_sent = bool(values) and len(values) == len(accepted)
        return ObservedSchema(schema={"required": [name]}) if is_always_sent else None
    numbers = [text for value in values for text in _list_texts(part, value)]
    is_whole = bool(numbers) and all(map(_INTEGER.fullmatch, numbers))
    if is_whole and any(map(_is_fraction, _list_texts(part, rejected))):
        return ObservedSchema(schema={"type": "integer"})
    return None


def _list_texts(part: Part, value: Any) -> Iterable[str]:
    """Return the sent values of a part."""
    if part.place == "body":
        return [json.dumps(value)]
    if part.place == "path":
        return [value]
    if part.place == "query":
        return [unquote_plus(pair.partition("=")[2]) for pair in value]
    return list(value)


def _is_fraction(text: str) -> bool:
    """Return whether a string is a number that is not written as an integer."""
    try:
        float(text)
    except ValueError:
        return False
    return _INTEGER.fullmatch(text) is None
