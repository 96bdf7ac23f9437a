"""The fast way to read a response that is just as documented: column by column, in C.

For every model msgspec gets a struct of the same shape which knows the documented fields only and
takes nothing else. It reads the whole response; then the slots of all models of a class are filled
one field after the other. If anything at all is not as documented, None comes back, and the caller
reads the response the thorough way (`Model.read_from`), which keeps it and says what is odd.
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

from driftline.runtime.decode.fields import Field, plan
from driftline.runtime.decode.formats import FORMATS
from driftline.runtime.decode.lenient_decoder import get_reader, is_model
from driftline.runtime.telemetry.drift import Reading

Column: TypeAlias = Sequence[Any]

_LOCK = RLock()
# What is not as documented, in the words of those who may say so. No recursion is deep enough to
# be documented.
_ODD = (msgspec.MsgspecError, ValueError, RecursionError)


def decode(hint: Any, body: bytes) -> Any:
    """Return the value of a JSON text that is all as documented, or None."""
    twin = _get_twin(hint)
    if twin is None:
        return None
    try:
        return twin.finish(twin.decoder.decode(body))
    except _ODD:
        return None


def convert(hint: Any, data: Any) -> Any:
    """Return the same of a JSON value."""
    twin = _get_twin(hint)
    if twin is None:
        return None
    try:
        return twin.finish(msgspec.convert(data, twin.struct, dec_hook=_read_odd_type))
    except _ODD:
        return None


@attrs.frozen(eq=False)
class _Twin:
    """What reads one type of response: msgspec's decoder, and what makes models of its structs."""

    struct: Any
    decoder: Any
    finish: Callable[[Any], Any]


def _get_twin(hint: Any) -> _Twin | None:
    if hint not in _TWINS:
        with _LOCK:
            _TWINS[hint] = _build_twin(hint)
    return _TWINS[hint]


_TWINS: dict[Any, _Twin | None] = {}


def _build_twin(hint: Any) -> _Twin | None:
    shape = _shape(hint)
    if shape is None:
        return None
    decoder = msgspec.json.Decoder(shape.struct, dec_hook=_read_odd_type)
    fill = shape.fill
    return _Twin(shape.struct, decoder, lambda value: fill([value])[0])


@attrs.frozen(eq=False)
class _Shape:
    """What msgspec reads, and what then becomes of a column of it."""

    struct: Any
    fill: Callable[[list[Any]], Any]


def _shape(hint: Any) -> _Shape | None:
    """Return the shape of models and arrays of models.

    None for all that stays as msgspec gives it.
    """
    if is_model(hint):
        return _build_shape(hint)
    origin: Any = get_origin(hint)
    if origin is not None and origin not in _UNIONS and issubclass(origin, Sequence):
        item = _shape(get_args(hint)[0])
        return item and _Shape(_parametrize(list, item.struct), _fill_each(item.fill))
    return None


def _parametrize(generic: Any, *arguments: Any) -> Any:
    """`generic[arguments]`, for types that are known at run time only."""
    (only,) = arguments if len(arguments) == 1 else (arguments,)
    return generic[only]


_UNIONS = (Union, types.UnionType, Literal)


def _fill_each(fill: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Fill a column of arrays: all their items at once."""

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
    if model in _UNDER_WAY:  # it contains itself
        return None
    _UNDER_WAY.add(model)
    try:
        if plan(model).additional is not None:  # msgspec's structs have no place for those
            return None
        fields = plan(model).fields
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
    except (ValueError, TypeError):  # a field is called, or may be, what msgspec cannot say
        return None
    return _Shape(struct, _build_filler(model, [column.read for column in columns]))


_UNDER_WAY: set[Any] = set()


def _build_filler(model: Any, reads: list[Callable[[Column], Column] | None]) -> Any:
    puts = [field.put for field in plan(model).fields]
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
        # By `attrgetter`, since a tuple for each row would wake the garbage collector.
        for get, read, put in steps:
            column = map(get, structs)
            deque(map(put, rows, read(list(column)) if read else column), 0)
        return rows

    return fill


# Other ways to write one, and all that is invalid, are for the thorough reader.
_UUID_TEXT = Annotated[str, msgspec.Meta(min_length=36, max_length=36)]


@attrs.frozen(eq=False)
class _Column:
    """How one field is read; `default` is what msgspec fills in, if it may be absent."""

    type: Any
    default: tuple[Any, ...]
    read: Callable[[Column], Column] | None = None


def _build_column(field: Field) -> _Column:
    default = () if field.required else (field.blank,)
    hint, null = _split_null(field.hint)
    orelse: Any = None if null and field.nullable else _NEVER
    if hint in FORMATS:
        text = _UUID_TEXT if hint is UUID else str
        return _Column(_accept_either(text, orelse), default, _check_column(hint, field.blank))
    shape = _shape(hint)
    if shape is not None:
        return _Column(_accept_either(shape.struct, orelse), default, _fill_column(shape.fill))
    plain = _get_plain_type(hint)
    return _Column(
        _choose_lenient_type(field.hint) if plain is None else _accept_either(plain, orelse),
        default,
    )


_NEVER: Any = object()


def _accept_either(wanted: Any, orelse: Any) -> Any:
    return wanted if orelse is _NEVER or wanted is Any else Union[wanted, orelse]  # noqa: UP007


def _split_null(hint: Any) -> tuple[Any, bool]:
    """Return a type hint with None taken out of it, and whether it was in."""
    members = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    rest = [member for member in members if member is not type(None)]
    if len(rest) == len(members) or not rest:
        return hint, False
    return Union[tuple(rest)], True  # noqa: UP007


def _get_plain_type(hint: Any) -> Any:
    """Return a type of values that need no more than msgspec's look at them.

    None otherwise.
    """
    if hint is Any or hint in {str, bool, int}:
        return hint
    if hint is float:  # 1 is a number, and stays 1
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
    """Raise ValueError for a column in which a text is not of its format."""
    if kind is UUID:
        return _check_uuids
    # A struct, since msgspec remembers what it found out about those.
    wanted = msgspec.defstruct("Texts", [("texts", _parametrize(list, FORMATS[kind] | None))])

    def read(column: Column) -> Column:
        said = column if blank is None else [text for text in column if text is not blank]
        msgspec.convert({"texts": said}, wanted)
        return column

    return read


def _check_uuids(column: Column) -> Column:
    texts = "".join(filter(None, column))  # 36 characters each: see _UUID_TEXT
    hyphens = texts[8::36] + texts[13::36] + texts[18::36] + texts[23::36]
    others = texts.encode().translate(None, b"0123456789abcdefABCDEF-")
    if others or not hyphens.count("-") == texts.count("-") == len(hyphens):
        raise ValueError("not a UUID")
    return column


def _fill_column(fill: Callable[[list[Any]], Any]) -> Callable[[Column], Column]:
    """Make models of the structs of a column, some of which may be absent, null or empty."""

    def read(column: Column) -> Column:
        said: list[Any] = list(filter(None, column))
        made: Column = fill(said)
        if len(said) == len(column):
            return made
        filled = iter(made)
        return [next(filled) if entry else entry for entry in column]

    return read


class _Anything(type):
    """Types of which everything is an instance, once it was read."""

    def __instancecheck__(cls, instance: object) -> bool:
        return True


class _Strict(Reading):
    """A reading that ends at the first thing which is not as documented."""

    def note_drift(self, kind: Any, expected: str, got: Any) -> None:
        raise ValueError(kind)


@cache
def _choose_lenient_type(hint: Any) -> Any:
    """Return a type for msgspec that has the thorough reader read what its own types cannot say."""
    return _Anything("Odd", (), {"hint": hint})


def _read_odd_type(kind: Any, value: Any) -> Any:
    if not isinstance(kind, _Anything):
        raise NotImplementedError(kind)
    reading = _Strict("")
    reading.path.append("")  # it is below the top
    odd: Any = kind  # it has the hint that it stands for
    return get_reader(odd.hint).read(value, reading)
