"""JSON values to Python values, by type hint: strict types, lenient reading.

A value that is not what its type says is kept as it came and reported as drift; nothing here
raises for what a server sent. A reader is compiled from a type hint once, on first use.
"""

from __future__ import annotations

import datetime
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin
from uuid import UUID

import attrs

from driftline.runtime.drift import Reading
from driftline.runtime.json_types import is_array, is_object

__all__ = ["Reader", "is_model", "reader"]

Read: TypeAlias = Callable[[Any, Reading], Any]
Accepts: TypeAlias = Callable[[Any], int]


@attrs.frozen
class Reader:
    """Reads values of one type. `accepts` tells how well a value fits: 0 not at all.

    Values of a type in `plain`, and texts in `known`, need no reading: they stay as they are.
    """

    name: str
    read: Read
    accepts: Accepts
    plain: frozenset[type] = frozenset()
    known: frozenset[Any] = frozenset()


def is_model(hint: Any) -> bool:
    """Whether a type hint is a generated model."""
    return isinstance(hint, type) and hasattr(hint, "read_from")


@cache
def reader(hint: Any) -> Reader:
    """The reader for a type hint of a generated model or operation."""
    origin = get_origin(hint)
    if hint is Any or hint is object or isinstance(hint, TypeVar):
        return Reader("anything", lambda value, _: value, lambda _: 1)
    if hint is None or hint is type(None):
        return _null()
    if hint in _PLAIN:
        return _PLAIN[hint]()
    if is_model(hint):
        return _model(hint)
    if origin is Literal:
        return _literal(get_args(hint))
    if origin in {Union, types.UnionType}:
        return _union([reader(member) for member in get_args(hint)])
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(reader(get_args(hint)[1]))
    if origin is not None and issubclass(origin, Sequence):
        return _array(reader(get_args(hint)[0]))
    raise TypeError(f"no reader for {hint!r}")


def _checked(name: str, fits: Callable[[Any], bool], *plain: type) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if not fits(value):
            reading.drift("type.mismatch" if value is not None else "field.null", name, value)
        return value

    return Reader(name, read, lambda value: 2 if fits(value) else 0, frozenset(plain))


def _null() -> Reader:
    return _checked("null", lambda value: value is None)


def _string() -> Reader:
    return _checked("string", lambda value: isinstance(value, str), str)


def _boolean() -> Reader:
    return _checked("boolean", lambda value: isinstance(value, bool), bool)


def _integer() -> Reader:
    # JSON has one number type: 1.0 is an integer there, and stays 1.0 here.
    def fits(value: Any) -> bool:
        if isinstance(value, float):
            return value.is_integer()
        return isinstance(value, int) and not isinstance(value, bool)

    return _checked("integer", fits, int)


def _number() -> Reader:
    def fits(value: Any) -> bool:
        return isinstance(value, (int, float)) and not isinstance(value, bool)

    return _checked("number", fits, int, float)


def _text_format(
    name: str, parse: Callable[[str], Any], canonical: Callable[[str], bool]
) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if not isinstance(value, str):
            reading.drift("field.null" if value is None else "type.mismatch", name, value)
            return value
        try:
            parsed = parse(value)
        except ValueError:
            reading.drift("format.mismatch", name, value)
            return value
        if not canonical(value):
            reading.exact = False
        return parsed

    def accepts(value: Any) -> int:
        if not isinstance(value, str):
            return 0
        try:
            parse(value)
        except ValueError:
            return 0
        return 3

    return Reader(name, read, accepts)


def _parse_datetime(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text if text.endswith("Z") else text.upper())
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _datetime() -> Reader:
    return _text_format(
        "date-time", _parse_datetime, lambda text: len(text) == 20 and text.isupper()
    )


def _date() -> Reader:
    return _text_format("date", datetime.date.fromisoformat, lambda text: len(text) == 10)


def _uuid() -> Reader:
    return _text_format("uuid", UUID, lambda text: len(text) == 36 and text == text.lower())


_PLAIN: dict[Any, Callable[[], Reader]] = {
    str: _string,
    bool: _boolean,
    int: _integer,
    float: _number,
    UUID: _uuid,
    datetime.datetime: _datetime,
    datetime.date: _date,
}


def _literal(values: tuple[Any, ...]) -> Reader:
    known = frozenset(values)
    name = "one of " + ", ".join(map(repr, values))

    def fits(value: Any) -> bool:
        return isinstance(value, (str, int, bool)) and value in known

    def read(value: Any, reading: Reading) -> Any:
        if not fits(value):
            reading.drift("field.null" if value is None else "enum.undocumented", name, value)
        return value

    texts = frozenset(value for value in known if isinstance(value, str))
    return Reader(name, read, lambda value: 3 if fits(value) else 0, known=texts)


def _array(item: Reader) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if not is_array(value):
            reading.drift("field.null" if value is None else "type.mismatch", "array", value)
            return value
        exact, path, result = True, reading.path, list[Any]()
        for index, entry in enumerate(value):
            if type(entry) in item.plain:
                result.append(entry)
                continue
            path.append(index)
            reading.exact = True
            result.append(item.read(entry, reading))
            exact = exact and reading.exact
            path.pop()
        reading.exact = exact
        return result

    return Reader("array", read, lambda value: 2 if isinstance(value, list) else 0)


def _mapping(item: Reader) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if not is_object(value):
            reading.drift("field.null" if value is None else "type.mismatch", "object", value)
            return value
        exact, path, result = True, reading.path, dict[str, Any]()
        for key, entry in value.items():
            path.append(key)
            reading.exact = True
            result[key] = item.read(entry, reading)
            exact = exact and reading.exact
            path.pop()
        reading.exact = exact
        return result

    return Reader("object", read, lambda value: 1 if isinstance(value, dict) else 0)


def _model(model: Any) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if not is_object(value):
            reading.drift("field.null" if value is None else "type.mismatch", "object", value)
            return value
        result = model.read_from(value, reading)
        reading.exact = True
        return result

    def accepts(value: Any) -> int:
        return model.accepts(value) if isinstance(value, dict) else 0

    return Reader(model.__name__, read, accepts)


def _union(members: list[Reader]) -> Reader:
    name = " or ".join(member.name for member in members)

    def best(value: Any) -> tuple[int, Reader]:
        scores = [(member.accepts(value), member) for member in members]
        return max(scores, key=lambda score: score[0])

    # With one member that is not null, what goes wrong in it says more than "none fits".
    real = [member for member in members if member.name != "null"]

    if len(real) == 1:
        return _optional(real[0], name) if len(members) > 1 else real[0]

    def read(value: Any, reading: Reading) -> Any:
        score, member = best(value)
        if score == 0:
            reading.drift("type.mismatch", name, value)
            return value
        return member.read(value, reading)

    return Reader(name, read, lambda value: best(value)[0])


def _optional(member: Reader, name: str) -> Reader:
    """A type, or null."""

    def read(value: Any, reading: Reading) -> Any:
        return None if value is None else member.read(value, reading)

    def accepts(value: Any) -> int:
        return 2 if value is None else member.accepts(value)

    return Reader(name, read, accepts, member.plain, member.known)
