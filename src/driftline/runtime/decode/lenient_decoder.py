"""Checks JSON values by type hint and turns objects into models: strict types, lenient decoding.

A value that does not match its type is kept unchanged and reported as drift; no data from a server
raises an error here. Strings stay strings until they are accessed: `Reader.show` then returns a
timestamp, a date or a UUID. A reader is compiled from a type hint once, at first use.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import attrs

from driftline.runtime.decode.formats import FORMATS, NOT_OF_THE_FORMAT, format_name, parse
from driftline.runtime.json_types import is_array, is_object
from driftline.runtime.telemetry.drift import DecodingContext, DriftKind

# How well an object fits a member of a union: at least FULLY if it is valid for a model, at most
# PARTLY if not. A mapping that accepts it lies between the two, and so does a type that accepts
# anything.
FULLY = 1000
MAPPED = 999
ANYTHING = 998
PARTLY = 997
# How well other values fit: an array or a mapping with entries that do not fit, any value, and a
# plain type; a literal or a format fits best.
UNFIT_ENTRIES, ANY_SCALAR, _PLAIN_TYPE, _EXACT = 1, 2, 3, 4

Read: TypeAlias = Callable[[Any, DecodingContext], Any]
Accepts: TypeAlias = Callable[[Any], int]
Show: TypeAlias = Callable[[Any], Any]


@attrs.frozen(eq=False)
class Reader:
    """Reads values of one type. `accepts` returns how well a value fits; 0 if it does not.

    Values of a type in `plain_types` and strings in `literals` are kept unchanged. `show` converts
    a stored value on access; None if no conversion is needed.
    """

    name: str
    read: Read
    accepts: Accepts
    plain_types: frozenset[type] = frozenset()
    literals: frozenset[Any] = frozenset()
    show: Show | None = None


def is_model(hint: Any) -> bool:
    """Return whether a type hint is a generated model."""
    return isinstance(hint, type) and hasattr(hint, "read_from")


@cache
def get_reader(hint: Any) -> Reader:
    """Return the reader for a type hint of a generated model or operation."""
    origin = get_origin(hint)
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return Reader("anything", lambda value, _: value, _accept_anything)
    if hint is None or hint is type(None):
        return _build_null()
    if hint in FORMATS:
        return _build_text(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]()
    if is_model(hint):
        return _build_model(hint)
    if origin is Literal:
        return _build_literal(get_args(hint))
    if origin in {Union, types.UnionType}:
        return _build_union(get_args(hint))
    if origin is not None and issubclass(origin, Mapping):
        return _build_mapping(get_reader(get_args(hint)[1]))
    if origin is not None and issubclass(origin, Sequence):
        return _build_array(get_reader(get_args(hint)[0]))
    raise TypeError(f"no reader for {hint!r}")


def _accept_anything(value: Any) -> int:
    return ANYTHING if is_object(value) else ANY_SCALAR


def _build_checked(name: str, fits: Callable[[Any], bool], *plain: type) -> Reader:
    def read(value: Any, reading: DecodingContext) -> Any:
        if not fits(value):
            reading.note_drift("type.mismatch" if value is not None else "field.null", name, value)
        return value

    return Reader(name, read, lambda value: _PLAIN_TYPE if fits(value) else 0, frozenset(plain))


def _build_null() -> Reader:
    return _build_checked("null", lambda value: value is None)


def _build_string() -> Reader:
    return _build_checked("string", lambda value: isinstance(value, str), str)


def _build_boolean() -> Reader:
    return _build_checked("boolean", lambda value: isinstance(value, bool), bool)


def _build_integer() -> Reader:
    # JSON has one number type: 1.0 is an integer there, and stays 1.0 here.
    def fits(value: Any) -> bool:
        if isinstance(value, float):
            return value.is_integer()
        return isinstance(value, int) and not isinstance(value, bool)

    return _build_checked("integer", fits, int)


def _build_number() -> Reader:
    def fits(value: Any) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    return _build_checked("number", fits, int, float)


def _build_text(kind: type) -> Reader:
    name, parser = format_name(kind), parse(kind)

    def fits(value: Any) -> bool:
        try:
            return isinstance(value, str) and parser(value) is not None
        except NOT_OF_THE_FORMAT:
            return False

    def read(value: Any, reading: DecodingContext) -> Any:
        if not isinstance(value, str):
            reading.note_drift("field.null" if value is None else "type.mismatch", name, value)
        elif not fits(value):
            reading.note_drift("format.mismatch", name, value)
        return value

    def show(value: Any) -> Any:
        if type(value) is not str:
            return value
        try:
            return parser(value)
        except NOT_OF_THE_FORMAT:
            return value

    return Reader(name, read, lambda value: _EXACT if fits(value) else 0, show=show)


_PLAIN: dict[Any, Callable[[], Reader]] = {
    str: _build_string,
    bool: _build_boolean,
    int: _build_integer,
    float: _build_number,
}


def _build_literal(values: tuple[Any, ...]) -> Reader:
    allowed_values = frozenset(values)
    name = "one of " + ", ".join(map(repr, values))

    def fits(value: Any) -> bool:
        return isinstance(value, (str, int, bool)) and value in allowed_values

    def read(value: Any, reading: DecodingContext) -> Any:
        if not fits(value):
            reading.note_drift("field.null" if value is None else "enum.undocumented", name, value)
        return value

    strings = frozenset(value for value in allowed_values if isinstance(value, str))
    return Reader(name, read, lambda value: _EXACT if fits(value) else 0, literals=strings)


def _build_array(item: Reader) -> Reader:
    def read(value: Any, reading: DecodingContext) -> Any:
        if not is_array(value):
            reading.note_drift("field.null" if value is None else "type.mismatch", "array", value)
            return value
        path, result = reading.path, list[Any]()
        for index, entry in enumerate(value):
            if type(entry) in item.plain_types:
                result.append(entry)
                continue
            path.append(index)
            result.append(item.read(entry, reading))
            path.pop()
        return result

    def accepts(value: Any) -> int:
        """Return how well the worst entry fits."""
        if not is_array(value):
            return 0
        scores = [
            _PLAIN_TYPE if type(entry) in item.plain_types else item.accepts(entry)
            for entry in value
        ]
        lowest = min(scores, default=_PLAIN_TYPE)
        if lowest < FULLY:
            return max(UNFIT_ENTRIES, lowest)
        return FULLY + sum(scores) - FULLY * len(scores)

    def show(value: Any) -> Any:
        return [item_show(entry) for entry in value] if is_array(value) else value

    item_show = item.show or _return_same
    return Reader("array", read, accepts, show=show if item.show else None)


def _build_mapping(item: Reader) -> Reader:
    def read(value: Any, reading: DecodingContext) -> Any:
        if not is_object(value):
            reading.note_drift("field.null" if value is None else "type.mismatch", "object", value)
            return value
        path, result = reading.path, dict[str, Any]()
        for key, entry in value.items():
            path.append(key)
            result[key] = item.read(entry, reading)
            path.pop()
        return result

    def show(value: Any) -> Any:
        if not is_object(value):
            return value
        return {key: item_show(entry) for key, entry in value.items()}

    def accepts(value: Any) -> int:
        if not is_object(value):
            return 0
        fits = all(type(e) in item.plain_types or item.accepts(e) for e in value.values())
        return MAPPED if fits else UNFIT_ENTRIES

    item_show = item.show or _return_same
    return Reader("object", read, accepts, show=show if item.show else None)


def _return_same(value: Any) -> Any:
    return value


def _build_model(model: Any) -> Reader:
    def read(value: Any, reading: DecodingContext) -> Any:
        if not is_object(value):
            reading.note_drift("field.null" if value is None else "type.mismatch", "object", value)
            return value
        return model.read_from(value, reading)

    def accepts(value: Any) -> int:
        return model.score_fit(value) if isinstance(value, dict) else 0

    return Reader(model.__name__, read, accepts)


def _build_union(hints: tuple[Any, ...]) -> Reader:
    members = [get_reader(hint) for hint in hints]
    name = " or ".join(member.name for member in members)
    # If only one member is not null, its own error is more helpful than "none fits".
    real = [member for member in members if member.name != "null"]
    if len(real) == 1:
        return _build_optional(real[0], name) if len(members) > 1 else real[0]
    discriminator = _Discriminator([hint for hint in hints if is_model(hint)])
    other_members = [get_reader(hint) for hint in hints if not is_model(hint)]
    is_closed = not any(member.accepts({}) for member in other_members)
    open_members = _list_open_members(hints)

    def choose_best(value: Any) -> tuple[int, Reader]:
        """Return the member that fits best; among equals, the one documented first."""
        candidate = discriminator.choose(value)
        if candidate is not None:
            return max(1, candidate.accepts(value)), candidate
        scores = [(member.accepts(value), member) for member in members]
        return max(scores, key=lambda score: score[0])

    def read(value: Any, reading: DecodingContext) -> Any:
        if is_closed and discriminator.report_unknown(value, reading):
            return value
        score, member = choose_best(value)
        if score == 0:
            reading.note_drift("type.mismatch", name, value)
            return value
        level = next((n for n, reader in open_members if reader.accepts(value) > PARTLY), None)
        if score < FULLY or level is None:
            return member.read(value, reading)
        # A model is of more use than the mapping that describes its other fields.
        before, reading.open_depth = reading.open_depth, len(reading.path) + level
        try:
            return member.read(value, reading)
        finally:
            reading.open_depth = before

    def show(value: Any) -> Any:
        if hasattr(value, "to_dict"):
            return value
        score, member = choose_best(value)
        return member.show(value) if score and member.show else value

    shows = any(member.show for member in members)
    return Reader(name, read, lambda value: choose_best(value)[0], show=show if shows else None)


def _list_open_members(hints: tuple[Any, ...]) -> list[tuple[int, Reader]]:
    """Return the members that allow any field of objects, each with the level of these objects."""
    members = [(_find_open_level(hint), get_reader(hint)) for hint in hints]
    return [(level, member) for level, member in members if level is not None]


def _find_open_level(hint: Any) -> int | None:
    """Return at how many levels of arrays a type allows any field of objects; None at none."""
    if hint is Any or hint is object:
        return 0
    origin = get_origin(hint)
    if not isinstance(origin, type):
        return None
    if issubclass(origin, Mapping):
        return 0
    level = _find_open_level(get_args(hint)[0]) if issubclass(origin, Sequence) else None
    return None if level is None else level + 1


class _Discriminator:
    """The field whose value selects the member of a union of models, if there is one.

    All members have this field, and its literals are disjoint. It is determined when the first
    value is read, since a model may contain itself.
    """

    def __init__(self, models: list[Any]) -> None:
        self._models = models
        self._field_and_members: tuple[str, Mapping[Any, Reader]] | None = None
        self._is_pending = len(models) > 1

    def choose(self, value: Any) -> Reader | None:
        """Return the member that the value selects."""
        if not is_object(value):
            return None
        field, members = self._find_field()
        tag = None if field is None else value.get(field)
        return members.get(tag) if isinstance(tag, str) else None

    def report_unknown(self, value: Any, reading: DecodingContext) -> bool:
        """Report a value that selects no member; without a value, the best one may fit."""
        if not is_object(value):
            return False
        field, members = self._find_field()
        if field is None or field not in value:
            return False
        tag = value[field]
        if isinstance(tag, str) and tag in members:
            return False
        reading.path.append(field)
        kind: DriftKind = "field.null" if tag is None else "enum.undocumented"
        reading.note_drift(kind, "one of " + ", ".join(map(repr, members)), tag)
        reading.path.pop()
        return True

    def _find_field(self) -> tuple[str | None, Mapping[Any, Reader]]:
        if self._is_pending:
            self._field_and_members = self._find()
            self._is_pending = False
        return self._field_and_members or (None, {})

    def _find(self) -> tuple[str, Mapping[Any, Reader]] | None:
        literals: list[Mapping[str, frozenset[Any]]] = [m._list_literals() for m in self._models]
        for wire in literals[0]:
            values = [fields.get(wire, frozenset[Any]()) for fields in literals]
            by_value = {
                value: get_reader(model)
                for model, model_values in zip(self._models, values, strict=True)
                for value in sorted(model_values)
            }
            if all(values) and len(by_value) == sum(map(len, values)):
                return wire, by_value
        return None


def _build_optional(member: Reader, name: str) -> Reader:
    """Return the reader of a nullable type."""

    def read(value: Any, reading: DecodingContext) -> Any:
        return None if value is None else member.read(value, reading)

    def accepts(value: Any) -> int:
        return 2 if value is None else member.accepts(value)

    return Reader(name, read, accepts, member.plain_types, member.literals, member.show)
