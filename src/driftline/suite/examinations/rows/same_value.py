"""Compares sent and returned values, allowing every form that a correct server may choose."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from driftline.openapi import is_array, is_object

_PRECISION: Final = Decimal("1e-7")
_MAX_EXPONENT: Final = 400
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
"""Values that a server may omit from an object."""


def is_same(found: Any, sent: Any) -> bool:
    """Return whether a value represents the sent one.

    A server may add fields, write a number or time in another form, strip a string,
    and return a relation as an object.
    """
    if is_object(sent):
        return _is_same_object(found, sent)
    if is_array(sent):
        return _is_same_array(found, sent)
    if is_object(found) or is_array(found):
        return True  # a relation, sent by its id and shown as a row
    if isinstance(found, bool) or isinstance(sent, bool):
        return found is sent
    if isinstance(found, str) and isinstance(sent, str):
        return found.strip() == sent.strip() or _is_same_reading(found, sent)
    if isinstance(found, str | int | float) and isinstance(sent, str | int | float):
        return found == sent or _is_same_number(found, sent)
    return bool(found == sent)


def _is_same_object(found: Any, sent: dict[str, Any]) -> bool:
    if not is_object(found):
        return bool(found is not None or not sent)
    if not found:
        return all(value in _EMPTY for value in sent.values())  # nothing of it came back
    return all(is_same(found[name], value) for name, value in sent.items() if name in found)


def _is_same_array(found: Any, sent: list[Any]) -> bool:
    if not is_array(found):
        return bool(found is not None or not sent)
    if any(is_object(each) or is_array(each) for each in (*found, *sent)):
        # Rows of their own: a server may merge them and add others, but not lose all of them.
        if len(found) != len(sent):
            return bool(found) or all(each in _EMPTY for each in sent)
        return all(any(is_same(each, one) for each in found) for one in sent)
    # A set may come back in another order, and without what was sent twice.
    return all(any(is_same(each, one) for each in found) for one in sent) and all(
        any(is_same(each, one) for one in sent) for each in found
    )


def _is_same_reading(found: str, sent: str) -> bool:
    times = _read_time(found), _read_time(sent)
    if None not in times:
        return times[0] == times[1]
    if _read_number(found) is not None and _read_number(sent) is not None:
        return _is_same_number(found, sent)
    names = _read_uuid(found), _read_uuid(sent)
    return None not in names and names[0] == names[1]


def _is_same_number(found: str | float, sent: str | float) -> bool:
    """Compare whole numbers exactly, and fractions as far as a float of 32 bits has digits."""
    one, other = _read_number(found), _read_number(sent)
    if one is None or other is None or one == other:
        return one == other is not None
    is_whole = other == other.to_integral_value()
    return not is_whole and abs(one - other) <= abs(other) * _PRECISION


def _read_time(text: str) -> datetime | None:
    """Return a time to the millisecond; one without an offset counts as UTC."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _read_number(value: str | float) -> Decimal | None:
    """Return a number that arithmetic holds: of a float's size, as text may give any exponent."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT else None


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
