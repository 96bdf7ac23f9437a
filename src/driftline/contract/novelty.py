"""Whether a made request can show anything that those before it did not, by the clauses it meets.

Generated requests repeat themselves: a wrong type in five spellings, an optional field once more.
A server is sent those of which the spec, or the kind of text, gives a reason to expect something
else.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Hashable, Iterator
from typing import Any

from driftline.contract.coverage.requests import Sent
from driftline.contract.exchange import Exchange
from driftline.contract.reading import json_of, values_of
from driftline.contract.requests import Asked, asked
from driftline.contract.shapes import is_list, is_object
from driftline.contract.wire import Outgoing
from driftline.spec.model import Operation, Spec
from driftline.spec.places import places

__all__ = ["Novelty"]

Trait = Hashable
# A text this short and of these characters has a form, such as that of a date; others have not.
_FORMED = re.compile(r"[0-9A-Za-z+:./@_-]{1,40}")
_WORD = re.compile(r"[0-9A-Za-z]+")
_LONG = 100
_HUGE = 2.0**1000


class Novelty:
    """What the requests of one operation had so far; right and wrong ones count apart."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._spec = spec
        self._operation = operation
        self._clauses = Sent(spec, operation)
        media = operation.body.json if operation.body else None
        pointer = media.schema_pointer if media else ""
        self._fields = {place.name for place in places(spec, pointer)} if pointer else set[str]()
        self._seen: set[Trait] = set()
        self._count = 0

    def is_new(self, request: Outgoing) -> bool:
        """Whether there is a reason to send it; it counts as sent from then on."""
        self._count += 1
        read = asked(self._spec, self._operation, _unanswered(self._operation, request))
        if read is not None and not read.faults:
            traits = {*self._newly_met(request), *self._right(request, read)}
        else:
            traits = self._wrong(request, read)
        new = traits - self._seen
        self._seen |= traits
        return bool(new)

    def _newly_met(self, request: Outgoing) -> Iterator[Trait]:
        """The clauses that no request before has met."""
        before = {id(mark) for mark in self._clauses.marks() if mark.first}
        values, _ = values_of(self._spec, self._operation, request)
        self._clauses.note(self._count, request, values)
        for mark in self._clauses.marks():
            if mark.first and id(mark) not in before:
                yield ("clause", id(mark))

    def _right(self, request: Outgoing, read: Asked) -> Iterator[Trait]:
        """What a request without a fault has: its values' kinds, and what the spec knows not."""
        yield ("whole", read.whole)
        yield ("undocumented", bool(read.extra))
        yield ("media type", _media_type(request))
        for name, value in read.arguments.items():
            for where, kind in _kinds(value, name):
                yield ("argument", where, kind)
        for where, kind in _kinds(_body(request), ""):
            yield ("body", where, kind) if where in self._fields else ("undocumented", "field")

    def _wrong(self, request: Outgoing, read: Asked | None) -> set[Trait]:
        """What is wrong. Of several faults at once any may be what the request is refused for.

        So they are one trait; or none, where each was sent alone: what takes them all takes each.
        """
        faults: set[Trait] = _faults(request, read) if read else {"unreadable"}
        together = frozenset(faults)
        return faults if len(faults) == 1 or faults <= self._seen else {together}


def _unanswered(operation: Operation, request: Outgoing) -> Exchange:
    return Exchange(operation.id, request, "", 0, (), b"", 0.0)


def _faults(request: Outgoing, read: Asked) -> set[Trait]:
    # A field that is null is taken as absent by servers that refuse it as any other wrong type.
    kinds = {where: kind for where, kind in _kinds(_body(request), "") if kind == "null"}
    # A parameter is text: `abc`, `0.5` and two of them are not refused by the same reading.
    kinds |= {name: _kind(value) for name, value in read.arguments.items()}
    return {
        (
            fault.pointer,
            fault.where,
            fault.keyword,
            kinds.get(fault.where) if fault.keyword == "type" else None,
        )
        for fault in read.faults
    }


def _media_type(request: Outgoing) -> str:
    named = (value for name, value in request.headers if name.lower() == "content-type")
    return next(named, "")


def _body(request: Outgoing) -> Any:
    try:
        return json_of(request.body)
    except (ValueError, RecursionError):
        return bool(request.body)


def _kinds(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """The kind of each value, by its place; places in a list are one."""
    yield where, _kind(value)
    if is_list(value):
        for each in value:
            yield from _kinds(each, f"{where}[]")
    elif is_object(value):
        for name, each in value.items():
            yield from _kinds(each, f"{where}.{name}" if where else name)


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        sign = "negative" if value < 0 else "positive" if value else "zero"
        magnitude = math.frexp(value)[1] // 4 if abs(value) < _HUGE else "huge"
        return f"{sign} {type(value).__name__} {magnitude}"
    if isinstance(value, str):
        return _text_kind(value)
    many = "no" if not value else "one" if len(value) == 1 else "many"
    return f"{many} {type(value).__name__}"


def _text_kind(text: str) -> str:
    """A formed text by its form, another by the sorts of characters that are in it."""
    if _FORMED.fullmatch(text):
        return _WORD.sub("a", text)
    sorts = "".join(sorted({unicodedata.category(char)[0] for char in text}))
    return f"{sorts} {'long' if len(text) > _LONG else 'short'}"
