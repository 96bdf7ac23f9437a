"""Compares sent and returned values, allowing every form that a correct server may choose."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from driftline.openapi import MISSING, is_array, is_object

_PRECISION: Final = Decimal("1e-7")
_MAX_EXPONENT: Final = 400
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
"""Values that a server may omit from an object."""


def is_same(received: Any, sent: Any) -> bool:
    """Return whether a value represents the sent one.

    A server may add fields, write a number or time in another form, strip a string,
    and return a relation as an object.
    """
    if is_object(sent):
        return _is_same_object(received, sent)
    if is_array(sent):
        return _is_same_array(received, sent)
    if is_object(received) or is_array(received):
        return True  # a relation, sent by its id and shown as a row
    if isinstance(received, bool) or isinstance(sent, bool):
        return received is sent
    if isinstance(received, str) and isinstance(sent, str):
        return received.strip() == sent.strip() or _is_same_reading(received, sent)
    if isinstance(received, str | int | float) and isinstance(sent, str | int | float):
        return received == sent or _is_same_number(received, sent)
    return bool(received == sent)


def is_alike(current: Any, value: Any) -> bool:
    """Return whether two values represent each other; nothing represents a missing one."""
    return current is not MISSING and is_same(current, value) and is_same(value, current)


def _is_same_object(received: Any, sent: dict[str, Any]) -> bool:
    if not is_object(received):
        return bool(received is not None or not sent)
    if not received:
        return all(value in _EMPTY for value in sent.values())  # nothing of it came back
    return all(is_same(received[name], value) for name, value in sent.items() if name in received)


def _is_same_array(received: Any, sent: list[Any]) -> bool:
    if not is_array(received):
        return bool(received is not None or not sent)
    if any(is_object(item) or is_array(item) for item in (*received, *sent)):
        # A server may store them as separate rows, merge them and add others, but not lose all.
        if len(received) != len(sent):
            is_kept = all(_is_kept(item, received, sent) for item in sent)
            return (bool(received) and is_kept) or all(item in _EMPTY for item in sent)
        return all(
            any(is_same(received_item, sent_item) for received_item in received)
            for sent_item in sent
        )
    # A set may be returned in another order and without duplicates.
    return all(
        any(is_same(received_item, sent_item) for received_item in received) for sent_item in sent
    ) and all(
        any(is_same(received_item, sent_item) for sent_item in sent) for received_item in received
    )


def _is_kept(item: Any, received: list[Any], sent: list[Any]) -> bool:
    """Return whether a string of a sent object that the other ones lack is in a received one."""
    texts = {
        (name, value.strip())
        for name, value in (item.items() if is_object(item) else ())
        if isinstance(value, str)
        and value.strip()
        and not any(other is not item and _has(other, name, value.strip()) for other in sent)
    }
    visible_texts = {
        (name, text) for name, text in texts if any(name in other for other in received)
    }
    return not visible_texts or any(
        _has(other, *text) for text in visible_texts for other in received
    )


def _has(item: Any, name: str, text: str) -> bool:
    value = item.get(name) if is_object(item) else None
    return isinstance(value, str) and value.strip() == text


def _is_same_reading(received: str, sent: str) -> bool:
    times = _read_time(received), _read_time(sent)
    if None not in times:
        return times[0] == times[1]
    if _read_number(received) is not None and _read_number(sent) is not None:
        return _is_same_number(received, sent)
    names = _read_uuid(received), _read_uuid(sent)
    return None not in names and names[0] == names[1]


def _is_same_number(received: str | float, sent: str | float) -> bool:
    """Compare whole numbers exactly, and fractions as far as a float of 32 bits has digits."""
    received_number, sent_number = _read_number(received), _read_number(sent)
    if received_number is None or sent_number is None or received_number == sent_number:
        return received_number == sent_number is not None
    is_whole = sent_number == sent_number.to_integral_value()
    return not is_whole and abs(received_number - sent_number) <= abs(sent_number) * _PRECISION


def _read_time(string: str) -> datetime | None:
    """Return a time to the millisecond; one without an offset counts as UTC."""
    try:
        time = datetime.fromisoformat(string)
    except ValueError:
        return None
    time = time if time.tzinfo else time.replace(tzinfo=UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _read_number(value: str | float) -> Decimal | None:
    """Return a number of a float's size, which arithmetic can hold; text may have any exponent."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MAX_EXPONENT else None


def _read_uuid(string: str) -> UUID | None:
    try:
        return UUID(string)
    except ValueError:
        return None
