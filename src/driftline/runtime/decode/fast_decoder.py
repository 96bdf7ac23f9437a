"""The fast path for responses that match the document exactly: column by column, in C.

Each model gets an msgspec struct of the same shape that knows only the documented fields and
accepts nothing else. It decodes the whole response; then the slots of all models of a class are
filled one field after the other. If anything differs from the document, the result is None, and the
caller uses the lenient decoder (`Model.read_from`), which keeps the value and reports the
difference.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain, islice, repeat
from operator import attrgetter
from threading import RLock
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin
from uuid import UUID

import attrs
import msgspec

from driftline.runtime.decode.fields import Field, get_plan
from driftline.runtime.decode.formats import FORMATS
from driftline.runtime.decode.lenient_decoder import get_reader, is_model
from driftline.runtime.telemetry.drift import DecodingContext

Column: TypeAlias = Sequence[Any]

_LOCK = RLock()
# Errors that mean a difference from the document. Nesting that exhausts the stack is never
# documented.
_ODD = (msgspec.MsgspecError, ValueError, RecursionError)


def decode(hint: Any, body: bytes) -> Any:
    """Return the value of a JSON text that matches the document exactly, or None."""
    twin = _get_twin(hint)
    if twin is None:
        return None
    try:
        return twin.finish(twin.decoder.decode(body))
    except _ODD:
        return None


def convert(hint: Any, data: Any) -> Any:
    """Return the value of a JSON value that matches the document exactly, or None."""
    twin = _get_twin(hint)
    if twin is None:
        return None
    try:
        return twin.finish(msgspec.convert(data, twin.struct, dec_hook=_read_odd_type))
    except _ODD:
        return None


@attrs.frozen(eq=False)
class _ResponseDecoder:
    """The decoder of one response type: msgspec, and the conversion of its structs to models."""

    struct: Any
    decoder: Any
    finish: Callable[[Any], Any]


def _get_twin(hint: Any) -> _ResponseDecoder | None:
    if hint not in _TWINS:
        with _LOCK:
            _TWINS[hint] = _build_twin(hint)
    return _TWINS[hint]


_TWINS: dict[Any, _ResponseDecoder | None] = {}


def _build_twin(hint: Any) -> _ResponseDecoder | None:
    shape = _shape(hint)
    if shape is None:
        return None
    decoder = msgspec.json.Decoder(shape.struct, dec_hook=_read_odd_type)
    fill = shape.fill
    return _ResponseDecoder(shape.struct, decoder, lambda value: fill([value])[0])


@attrs.frozen(eq=False)
class _Shape:
    """The type that msgspec reads, and the function that converts a column of it."""

    struct: Any
    fill: Callable[[list[Any]], Any]


def _shape(hint: Any) -> _Shape | None:
    """Return the shape of models and arrays of models.

    None if the value stays as msgspec returns it.
    """
    if is_model(hint):
        return _build_shape(hint)
    origin: Any = get_origin(hint)
    if origin is not None and origin not in _UNIONS and issubclass(origin, Sequence):
        item = _shape(get_args(hint)[0])
        return item and _Shape(_parametrize(list, item.struct), _fill_each(item.fill))
    return None


def _parametrize(generic: Any, *arguments: Any) -> Any:
    """Return `generic[arguments]` for types that are only known at run time."""
    (only,) = arguments if len(arguments) == 1 else (arguments,)
    return generic[only]


_UNIONS = (Union, types.UnionType, Literal)


def _fill_each(fill: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Fill a column of arrays, all their items at once."""

    def fill_nested(column: list[Any]) -> list[Any]:
        items = iter(fill(list(chain.from_iterable(column))))
        for entry in column:
            if len(entry) == 1:
                entry[0] = next(items)
            else:
                entry[:] = islice(items, len(entry))
        return column

    return fill_nested


@cache
def _build_shape(model: Any) -> _Shape | None:
    if model in _UNDER_WAY or len(_UNDER_WAY) >= _DEEPEST:  # it contains itself, or is too deep
        return None
    _UNDER_WAY.add(model)
    try:
        if get_plan(model).additional_reader is not None:  # msgspec's structs do not support those
            return None
        fields = get_plan(model).fields
        columns = [_build_column(field) for field in fields]
    finally:
        _UNDER_WAY.remove(model)
    try:
        struct = msgspec.defstruct(
            model.__name__,
            [(f"f{n}", c.type, *c.default) for n, c in enumerate(columns)],
            rename={f"f{n}": field.wire for n, field in enumerate(fields)},
            forbid_unknown_fields=True,
            kw_only=True,
            gc=False,
        )
        msgspec.json.Decoder(struct)
    except (ValueError, TypeError):  # a field name that msgspec cannot express
        return None
    return _Shape(struct, _build_filler(model, [column.read for column in columns]))


_UNDER_WAY: set[Any] = set()
_DEEPEST = 50
"""How many models may contain each other: a document may have thousands in one chain."""


def _build_filler(model: Any, reads: list[Callable[[Column], Column] | None]) -> Any:
    puts = [field.put for field in get_plan(model).fields]
    steps = [
        (attrgetter(f"f{number}"), read, put)
        for number, (read, put) in enumerate(zip(reads, puts, strict=True))
    ]

    def fill_one(struct: Any) -> Any:
        row = object.__new__(model)
        for get, read, put in steps:
            put(row, read([get(struct)])[0] if read else get(struct))
        return row

    def fill(structs: list[Any]) -> list[Any]:
        if len(structs) == 1:
            return [fill_one(structs[0])]
        if not structs:  # the models of its fields, of which there may be 2^30, have none either
            return []
        rows = list(map(object.__new__, repeat(model, len(structs))))
        # `attrgetter` avoids a tuple per row, which would trigger the garbage collector.
        for get, read, put in steps:
            column = map(get, structs)
            deque(map(put, rows, read(list(column)) if read else column), 0)
        return rows

    return fill


# The lenient decoder reads other spellings and everything invalid.
_UUID_TEXT = Annotated[str, msgspec.Meta(min_length=36, max_length=36)]


@attrs.frozen(eq=False)
class _Column:
    """How one field is read; `default` is the value of an absent field, if it may be absent."""

    type: Any
    default: tuple[Any, ...]
    read: Callable[[Column], Column] | None = None


def _build_column(field: Field) -> _Column:
    default = () if field.required else (field.blank,)
    hint, null = _split_null(field.hint)
    orelse: Any = None if null and field.nullable else _NEVER
    if hint in FORMATS:
        string_type = _UUID_TEXT if hint is UUID else str
        return _Column(
            _accept_either(string_type, orelse), default, _check_column(hint, field.blank)
        )
    shape = _shape(hint)
    if shape is not None:
        return _Column(_accept_either(shape.struct, orelse), default, _fill_column(shape.fill))
    plain = _get_plain_type(hint)
    return _Column(
        _choose_lenient_type(field.hint) if plain is None else _accept_either(plain, orelse),
        default,
    )


_NEVER: Any = object()


def _accept_either(kind: Any, orelse: Any) -> Any:
    return kind if orelse is _NEVER or kind is Any else Union[kind, orelse]  # noqa: UP007


def _split_null(hint: Any) -> tuple[Any, bool]:
    """Return a type hint without None, and whether it had None."""
    members = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    rest = [member for member in members if member is not type(None)]
    if len(rest) == len(members) or not rest:
        return hint, False
    return Union[tuple(rest)], True  # noqa: UP007


def _get_plain_type(hint: Any) -> Any:
    """Return the type of values that msgspec checks completely.

    None if a value needs another check.
    """
    if hint is Any or hint in {str, bool, int}:
        return hint
    if hint is float:  # the integer 1 stays 1
        return int | float
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return hint if all(type(value) is str for value in args) else None
    if origin is None or origin in _UNIONS:
        return None
    item = _get_plain_type(args[-1])
    if item is None:
        return None
    return (
        _parametrize(dict, str, item) if issubclass(origin, Mapping) else _parametrize(list, item)
    )


def _check_column(kind: type, blank: Any) -> Callable[[Column], Column]:
    """Raise ValueError for a column with a string that is not of its format."""
    if kind is UUID:
        return _check_uuids
    # A struct, since msgspec caches what it derives for those.
    struct_type = msgspec.defstruct("Texts", [("texts", _parametrize(list, FORMATS[kind] | None))])

    def read(column: Column) -> Column:
        strings = column if blank is None else [string for string in column if string is not blank]
        msgspec.convert({"texts": strings}, struct_type)
        return column

    return read


def _check_uuids(column: Column) -> Column:
    joined_uuids = "".join(filter(None, column))  # 36 characters each: see _UUID_TEXT
    hyphens = (
        joined_uuids[8::36] + joined_uuids[13::36] + joined_uuids[18::36] + joined_uuids[23::36]
    )
    other_characters = joined_uuids.encode().translate(None, b"0123456789abcdefABCDEF-")
    if other_characters or not hyphens.count("-") == joined_uuids.count("-") == len(hyphens):
        raise ValueError("not a UUID")
    return column


def _fill_column(fill: Callable[[list[Any]], Any]) -> Callable[[Column], Column]:
    """Turn the structs of a column into models; some may be absent, null or empty."""

    def read(column: Column) -> Column:
        present: list[Any] = list(filter(None, column))
        models: Column = fill(present)
        if len(present) == len(column):
            return models
        model_iterator = iter(models)
        return [next(model_iterator) if entry else entry for entry in column]

    return read


class _Anything(type):
    """A type of which every decoded value is an instance."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class _Strict(DecodingContext):
    """A decoding context that raises at the first difference from the document."""

    def note_drift(self, kind: Any, expected: str, value: Any) -> None:
        raise ValueError(kind)


@cache
def _choose_lenient_type(hint: Any) -> Any:
    """Return a type for msgspec that leaves what it cannot express to the lenient decoder."""
    return _Anything("Odd", (), {"hint": hint})


def _read_odd_type(kind: Any, value: Any) -> Any:
    if not isinstance(kind, _Anything):
        raise NotImplementedError(kind)
    reading = _Strict("")
    reading.path.append("")  # it is below the top
    odd: Any = kind  # has the hint that it stands for
    return get_reader(odd.hint).read(value, reading)
