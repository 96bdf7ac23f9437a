"""Skips generated requests that exercise nothing new.

Generated requests repeat themselves: a wrong type in five spellings, an optional field once more.
Only those are sent for which the spec, or the kind of string, gives a reason to expect another
result.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Hashable, Iterator
from typing import Any

import attrs

from driftline.checks import (
    BOUNDS,
    Exchange,
    Outgoing,
    ParsedRequest,
    is_at,
    parse_json,
    parse_request,
    to_json_key,
)
from driftline.openapi import (
    EACH,
    KEYS,
    Operation,
    Spec,
    ValuePath,
    format_path,
    is_array,
    is_object,
    list_value_paths,
)

Trait = Hashable
# Only a short string of these characters has a form, such as that of a date.
_FORMED = re.compile(r"[0-9A-Za-z+:./@_-]{1,40}")
_WORD = re.compile(r"[0-9A-Za-z]+")
_LONG = 100
_HUGE = 2.0**1000


class Novelty:
    """The traits of the requests of one operation so far."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._spec = spec
        self._operation = operation
        media = operation.body.json if operation.body else None
        pointer = media.schema_pointer if media else ""
        self._fields = _index_documented(spec, pointer, "") if pointer else {}
        self._parameters: dict[str, _Documented] = {}
        for parameter in operation.parameters:
            self._parameters |= _index_documented(spec, parameter.schema_pointer, parameter.name)
        self._known_traits: set[Trait] = set()
        self._last: tuple[Outgoing, ParsedRequest | None] | None = None

    def is_new(self, request: Outgoing) -> bool:
        """Return whether the request has a new trait."""
        return bool(self._list_traits(request, self._read(request)) - self._known_traits)

    def note(self, exchange: Exchange) -> None:
        """Record a sent request. The traits of a rejected valid request stay new."""
        read = self._read(exchange.request)
        if exchange.ok or read is None or read.faults:
            self._known_traits |= self._list_traits(exchange.request, read)

    def _read(self, request: Outgoing) -> ParsedRequest | None:
        """Return the parsed request; the last one is kept, as it is sent next."""
        if self._last is None or self._last[0] != request:
            unanswered = Exchange(self._operation.id, request, "", 0, (), b"", 0.0)
            self._last = request, parse_request(self._spec, self._operation, unanswered)
        return self._last[1]

    def _list_traits(self, request: Outgoing, read: ParsedRequest | None) -> set[Trait]:
        if read is not None and not read.faults:
            return set(self._list_valid_traits(request, read))
        return self._list_faults(request, read)

    def _list_valid_traits(self, request: Outgoing, read: ParsedRequest) -> Iterator[Trait]:
        """Yield the traits of a valid request: present, absent and undocumented parts."""
        yield ("whole", read.is_whole)
        yield ("undocumented", bool(read.undocumented_parts))
        yield ("media type", _read_media_type(request))
        for name, value in read.arguments.items():
            yield from _list_met("parameter", self._parameters, name, value)
        yield from (("without", name) for name in self._parameters.keys() - read.arguments.keys())
        body = _read_body(request)
        yield from _list_met("body", self._fields, "", body)
        if is_object(body):
            yield from (("body without", name) for name in self._fields.keys() - body.keys())

    def _list_faults(self, request: Outgoing, read: ParsedRequest | None) -> set[Trait]:
        """Yield the faults of a request. Any of several faults may cause the rejection.

        So they are one trait, or none if each was already sent alone.
        """
        faults: set[Trait] = _list_faults(request, read) if read else {"unreadable"}
        together = frozenset(faults)
        return faults if len(faults) == 1 or faults <= self._known_traits else {together}


@attrs.frozen
class _Documented:
    """The values, as JSON, and the bounds that the spec has for one location."""

    values: frozenset[str]
    bounds: tuple[tuple[str, float], ...]

    @classmethod
    def build(cls, value_path: ValuePath) -> _Documented:
        schemas = [schema for _, schema in value_path.schemas]
        values = (value for schema in schemas for value in schema.get("enum", ()))
        bounds = ((w, schema[w]) for schema in schemas for w in BOUNDS if w in schema)
        return cls(frozenset(map(to_json_key, values)), tuple(bounds))

    def list_met(self, value: Any) -> Iterator[Trait]:
        """Yield the documented values and bounds that a value equals."""
        key = to_json_key(value) if self.values else ""
        if key in self.values:
            yield ("value", key)
        yield from (keyword for keyword, limit in self.bounds if is_at(keyword, limit, value))


def _index_documented(spec: Spec, pointer: str, name: str) -> dict[str, _Documented]:
    """Return the documented values by location, as `_list_values` names it."""
    prefix = (name,) if name else ()
    return {
        format_path((*prefix, *value_path.path)): _Documented.build(value_path)
        for value_path in list_value_paths(spec, pointer)
    }


def _list_met(
    part: str, documented: dict[str, _Documented], name: str, value: Any
) -> Iterator[Trait]:
    """Yield the kind of each value, and the documented values that it matches.

    All undocumented fields count as one.
    """
    for path, member in _list_values(value, name):
        documented_path = (
            path if path in documented else f"{path.rpartition('.')[0]}.{KEYS}".lstrip(".")
        )
        if documented_path not in documented:
            yield (part, "undocumented")
            continue
        yield (part, documented_path, _name_kind(member))
        yield from (
            (part, documented_path, met) for met in documented[documented_path].list_met(member)
        )


def _list_faults(request: Outgoing, read: ParsedRequest) -> set[Trait]:
    # Servers that reject any other wrong type often read null as an absent field.
    kinds = {path: "null" for path, value in _list_values(_read_body(request), "") if value is None}
    # `abc`, `0.5` and a list of two are rejected at different stages of parsing a parameter.
    kinds |= {name: _name_kind(value) for name, value in read.arguments.items()}
    return {
        (
            fault.pointer,
            fault.where,
            fault.keyword,
            kinds.get(fault.where) if fault.keyword == "type" else None,
        )
        for fault in read.faults
    }


def _read_media_type(request: Outgoing) -> str:
    media_types = (value for name, value in request.headers if name.lower() == "content-type")
    return next(media_types, "")


def _read_body(request: Outgoing) -> Any:
    try:
        return parse_json(request.body)
    except (ValueError, RecursionError):
        return bool(request.body)


def _list_values(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each value and its location; the items of a list have the same one."""
    yield path, value
    if is_array(value):
        for item in value:
            yield from _list_values(item, path + EACH)
    elif is_object(value):
        for name, item in value.items():
            yield from _list_values(item, f"{path}.{name}" if path else name)


def _name_kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        sign = "negative" if value < 0 else "positive" if value else "zero"
        magnitude = math.frexp(value)[1] // 4 if abs(value) < _HUGE else "huge"
        return f"{sign} {type(value).__name__} {magnitude}"
    if isinstance(value, str):
        return _name_text_kind(value)
    many = "no" if not value else "one" if len(value) == 1 else "many"
    return f"{many} {type(value).__name__}"


def _name_text_kind(string: str) -> str:
    """Return the format of a string, or else its kinds of characters."""
    if _FORMED.fullmatch(string):
        return _WORD.sub("a", string)
    sorts = "".join(sorted({unicodedata.category(char)[0] for char in string}))
    return f"{sorts} {'long' if len(string) > _LONG else 'short'}"
