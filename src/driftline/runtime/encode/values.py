"""Python values to JSON values: dates, UUIDs and models in the form of the documents."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

from driftline.runtime.errors import ArgumentError
from driftline.runtime.json_types import is_array, is_bytes, is_mapping, is_object


class _Absent:
    """The type of ABSENT, a missing field or argument, which differs from null."""

    _instance: _Absent | None = None

    def __new__(cls) -> _Absent:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "ABSENT"


# Typed Any, since it is the default of arguments of every type.
ABSENT: Any = _Absent()


def encode(value: Any) -> Any:
    """Return the JSON value of `value`.

    Not recursive: a decoded value may be nested as deeply as JSON can be read.

    Raises:
        ArgumentError: the value has no JSON form, or a datetime has no timezone.
        RecursionError: the value contains itself.
    """
    return value if value is None or isinstance(value, _PLAIN) else _encode(value, _encode_level)


def encode_request(value: Any) -> Any:
    """Return the JSON value of `value` in a request; models omit readOnly fields.

    Raises the errors of `encode`.
    """
    if value is None or isinstance(value, _PLAIN):
        return value
    return _encode(value, _encode_shallow)


def _encode(value: Any, shallow: Callable[[Any], Any]) -> Any:
    top: list[Any] = [value]
    todo: list[tuple[Any, Any, int]] = [(top, 0, 0)]
    while todo:
        into, key, depth = todo.pop()
        if depth > _DEEPEST:
            raise RecursionError("a value contains itself")
        node = into[key] = shallow(into[key])
        if is_object(node):
            entries: Any = node.items()
        else:
            entries = enumerate(node) if is_array(node) else ()
        nested_keys = [k for k, v in entries if v is not None and not isinstance(v, _PLAIN)]
        todo.extend((node, k, depth + 1) for k in nested_keys)
    return top[0]


_PLAIN = (str, int, float)
_DEEPEST = 100_000


def _encode_level(value: Any) -> Any:
    """Return one level of `encode`.

    A scalar, or a new object or array of values still to be encoded.
    """
    if is_array(value):
        return list(value)
    if is_object(value):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, datetime.datetime):
        return encode_datetime(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    to_dict = getattr(value, "to_dict", None)
    if to_dict is not None:
        return to_dict()
    if is_mapping(value):
        return {str(key): item for key, item in value.items()}
    try:
        if not is_bytes(value):
            return list(value)
    except TypeError:
        pass
    raise ArgumentError(f"{type(value).__name__} cannot be written as JSON")


def _encode_shallow(value: Any) -> Any:
    write_fields = getattr(value, "_list_fields_to_send", None)
    return _encode_level(value) if write_fields is None else write_fields()


def encode_datetime(value: datetime.datetime) -> str:
    """Return a datetime in RFC 3339, with `Z` for UTC.

    Raises:
        ArgumentError: the datetime has no timezone, so it is ambiguous.
    """
    if value.tzinfo is None:
        message = f"{value.isoformat()} has no timezone: give it one, such as datetime.UTC"
        raise ArgumentError(message)
    string = value.isoformat()
    return string[:-6] + "Z" if string.endswith("+00:00") else string
