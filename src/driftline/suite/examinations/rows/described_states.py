"""States that an operation is described to give a row: "Sets the status to `paid`."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Final

from driftline.checks import Exchange
from driftline.openapi import (
    Operation,
    Spec,
    describe,
    find_schema_at,
    is_object,
    join,
    list_choices,
)
from driftline.suite.probe import Probe

_QUOTED: Final = re.compile(r"[`'\"]([\w.-]+)[`'\"]")
_CONDITIONS: Final = re.compile(
    r"\b(if|unless|when|until|while|only|must|may|can|cannot|could|not|or|from|except|later)\b"
    r"|\d{3}",
    re.IGNORECASE,
)
_SETS: Final = re.compile(
    r"^(?!.*\b(null|clears?|removes?|resets?|unsets?|empty)\b).*\b(sets?|records?|stores?|saves?)\b",
    re.IGNORECASE,
)
_STATES: Final = frozenset({"state", "status"})


_KEEPS: Final = re.compile(
    r"\barchiv\w+|\bsoft[- ]delet\w+|\b(de|in)activat\w+|\bdisabl\w+|\btrash\b|\brestor\w+"
    r"|\bmark(s|ed)?\b.* as\b|\b(can|may) (still|later) be\b|\banonymi[sz]\w+",
    re.IGNORECASE,
)
"""What says that a deleted row can still be read."""


def check_described_state(probe: Probe, row: Any, exchange: Exchange) -> None:
    """Report a new or changed row in another state than described; a mock has any state."""
    if probe.session.target.is_mock or exchange.status == HTTPStatus.ACCEPTED:
        return
    media = probe.operation.body.json if probe.operation.body else None
    for name, value in row.items() if is_object(row) else ():
        if media is not None and find_schema_at(probe.spec, media.schema_pointer, join(name)):
            continue  # the request sets it
        described = find_described_state(probe.spec, probe.operation, name)
        if described and isinstance(value, str) and value != described:
            probe.report(
                "effect.field.changed",
                probe.operation.pointer,
                message=f"the field {name} does not have the value that is described",
                expected=describe(described),
                got=describe(value),
                where=name,
                exchange=exchange,
            )


def check_described_fields(probe: Probe, row: Any, exchange: Exchange) -> None:
    """Report a field that is null although an action is described to set it: "and `paidAt`"."""
    if probe.session.target.is_mock or exchange.status == HTTPStatus.ACCEPTED:
        return
    named_fields = {
        name
        for sentence in list_sentences(probe.operation)
        if _SETS.search(sentence) and not _CONDITIONS.search(sentence)
        for name in _QUOTED.findall(sentence)
    }
    for name in named_fields & row.keys() if is_object(row) else ():
        if row[name] is None:
            probe.report(
                "effect.field.changed",
                probe.operation.pointer,
                message=f"the field {name} is not set, although the description says so",
                expected="a value",
                got="null",
                where=name,
                exchange=exchange,
            )


def list_sentences(operation: Operation, ends: str = ".;") -> list[str]:
    """Return the sentences that describe an operation and its success."""
    success = operation.success
    remarks = (operation.summary, operation.description, success.description if success else "")
    return [part for text in remarks for part in re.split(rf"[{ends}](?:\s|$)|\n", text)]


def keeps_rows(operation: Operation) -> bool:
    """Return whether a deletion is described to keep the row, such as in an archive."""
    return any(map(_KEEPS.search, list_sentences(operation)))


def find_described_state(spec: Spec, operation: Operation, name: str) -> str:
    """Return the documented value of a field that the description names alone, or ""."""
    success, effect = operation.success, operation.effect
    media = success.json if success else None
    if success is None or media is None or effect is None or effect.item is None:
        return ""
    pointer = find_schema_at(spec, media.schema_pointer, effect.item + join(name))
    choices = list_choices(spec, pointer) if pointer else None
    last_word = name.lower().rpartition("_")[2]
    nouns = _STATES if last_word in _STATES else {last_word}
    named_values = {
        value
        for sentence in list_sentences(operation)
        if nouns & {*re.findall(r"[a-z]+", sentence.lower())} and not _CONDITIONS.search(sentence)
        for value in _QUOTED.findall(sentence)
        if value in (choices or ())
    }
    return named_values.pop() if len(named_values) == 1 else ""
