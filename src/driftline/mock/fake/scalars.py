"""Numbers and strings within the combined bounds of several schemas."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from math import ceil, floor

from driftline.mock.fake.merged import MergedSchema
from driftline.mock.fake.text import Text
from driftline.openapi import WIDTHS, is_array, make_matching, matches_pattern

_SHORT = {
    "email": "a@b.example",
    "idn-email": "a@b.example",
    "uri": "a:b",
    "iri": "a:b",
    "url": "a:b",
    "uri-reference": "a",
    "iri-reference": "a",
    "hostname": "h1",
    "idn-hostname": "h1",
    "ipv6": "::1",
    "byte": "YQ==",
    "duration": "PT1S",
}
"""Shorter values for formats whose usual value may be too long."""
_FIXED = frozenset({"date", "date-time", "time", "uuid", "ipv4", "ipv6"})
_LARGEST = Decimal(2**53)
_ID = re.compile(r"id|ID|.+(_id|Id|ID)")


def make_number(merged: MergedSchema, source: random.Random, name: str, *, is_whole: bool) -> float:
    """Return a number that all schemas allow, plausible for a field of that name."""
    step = Decimal(1) if is_whole else Decimal("0.01")
    usual_low, usual_high = _find_usual_range(name)
    low, high = _find_bounds(merged, step)
    minimum = low if low is not None else min(usual_low, high if high is not None else usual_low)
    if high is not None and low is None and high < usual_high:
        minimum = min(usual_low, high - (usual_high - usual_low)) if high < usual_low else usual_low
    maximum = min(high, minimum + max(Decimal(1000), usual_high)) if high is not None else None
    if maximum is None:
        maximum = max(usual_high, minimum + 1) if minimum < usual_high else minimum + 1000
    maximum = max(maximum, minimum)
    multiples = [
        _to_decimal(multiple) for multiple in merged.list_numbers("multipleOf") if multiple > 0
    ]
    if multiples:
        return _to_number(
            _find_multiple(multiples, minimum, maximum, source, is_whole=is_whole), is_whole
        )
    count = int((maximum - minimum) / step)
    value = minimum + step * source.randint(0, max(0, min(count, 10**9)))
    if is_whole:
        value = Decimal(ceil(value)) if Decimal(ceil(value)) <= maximum else Decimal(floor(value))
    return _to_number(value, is_whole)


def is_whole_id(merged: MergedSchema, name: str) -> bool:
    """Return whether a `number` is an id, and so a whole one.

    Generators that read TypeScript write `number` for whole numbers, too.
    """
    bounds = ("format", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "maximum")
    return _ID.fullmatch(name) is not None and not any(map(merged.list_values, bounds))


def _find_bounds(merged: MergedSchema, step: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Return the strictest bounds, both inclusive."""
    span = [_to_decimal(number) for number in merged.list_numbers("minimum")]
    open_low = [_to_decimal(number) for number in merged.list_numbers("exclusiveMinimum")]
    ends = [_to_decimal(number) for number in merged.list_numbers("maximum")]
    open_high = [_to_decimal(number) for number in merged.list_numbers("exclusiveMaximum")]
    for format_ in merged.list_values("format"):
        width = WIDTHS.get(format_) if isinstance(format_, str) else None
        if width is not None:
            ends.append(min(Decimal(2) ** (width - 1) - 1, _LARGEST))
    low, high = max(span, default=None), min(ends, default=None)
    limit_low, limit_high = max(open_low, default=None), min(open_high, default=None)
    if limit_low is not None and limit_high is not None and limit_high - limit_low <= step * 2:
        step = (limit_high - limit_low) / 2  # room for at least one value
    if limit_low is not None and (low is None or limit_low >= low):
        inclusive_bound = limit_low + step
        low = inclusive_bound if high is None or inclusive_bound <= high else (limit_low + high) / 2
    if limit_high is not None and (high is None or limit_high <= high):
        inclusive_bound = limit_high - step
        high = inclusive_bound if low is None or inclusive_bound >= low else (limit_high + low) / 2
    return low, high


def _find_multiple(
    multiples: list[Decimal],
    minimum: Decimal,
    maximum: Decimal,
    source: random.Random,
    *,
    is_whole: bool,
) -> Decimal:
    """Return a common multiple, within the bounds if there is one."""
    step = multiples[0]
    for multiple in [*multiples[1:], *([Decimal(1)] if is_whole else [])]:
        step = _find_common_multiple(step, multiple)
    first, last = ceil(minimum / step), floor(maximum / step)
    return step * (first + source.randint(0, max(0, min(last - first, 1000))))


def _find_common_multiple(first: Decimal, second: Decimal) -> Decimal:
    """Return the least common multiple."""
    scale = Decimal(10) ** max(0, *(-int(number.as_tuple().exponent) for number in (first, second)))
    a, b = int(first * scale), int(second * scale)
    left, right = a, b
    while right:
        left, right = right, left % right
    return Decimal(a * b // max(left, 1)) / scale


def _to_decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _to_number(value: Decimal, is_whole: bool) -> float:
    return int(value) if is_whole else float(value)


def _find_usual_range(name: str) -> tuple[Decimal, Decimal]:
    """Return plausible bounds: milliseconds since 1970, a duration, or a small number."""
    lower_name = name.lower()
    if lower_name.endswith("timestamp"):
        return Decimal(1_767_225_600_000), Decimal(1_787_000_000_000)
    if lower_name.endswith(("ms", "duration")):
        return Decimal(1000), Decimal(3_600_000)
    return Decimal(0), Decimal(1000)


def make_string(merged: MergedSchema, string_maker: Text, source: random.Random, name: str) -> str:
    """Return a string that all schemas allow, plausible for a field of that name.

    If several patterns, or a pattern and a format, apply, it may be invalid; the validation of the
    whole value finds that.
    """
    low, high = merged.find_least("minLength"), merged.find_most("maxLength")
    patterns = [pattern for pattern in merged.list_values("pattern") if isinstance(pattern, str)]
    format_ = next(
        (value for value in merged.list_values("format") if isinstance(value, str)), None
    )
    if not patterns:
        return _fit(string_maker.make(name, format_), low, high, format_, string_maker)
    for candidate in _list_candidates(merged, string_maker, source, name, format_):
        is_long_enough = low <= len(candidate) and (high is None or len(candidate) <= high)
        if is_long_enough and all(
            matches_pattern(pattern, candidate, otherwise=True) for pattern in patterns
        ):
            return candidate
    return string_maker.make(name, format_)


def _list_candidates(
    merged: MergedSchema, string_maker: Text, source: random.Random, name: str, format_: str | None
) -> Iterator[str]:
    """Yield plausible strings, then those made from patterns, then documented examples."""
    low, high = merged.find_least("minLength"), merged.find_most("maxLength")
    yield _fit(string_maker.make(name, format_), low, high, format_, string_maker)
    for pattern in dict.fromkeys(merged.list_values("pattern")):
        if isinstance(pattern, str):
            yield from make_matching(pattern, source, low, high)
    examples = [
        example
        for values in merged.list_values("examples")
        if is_array(values)
        for example in values
    ]
    examples += [*merged.list_values("example"), *merged.list_values("default")]
    strings = [example for example in examples if isinstance(example, str)]
    source.shuffle(strings)
    yield from strings


def _fit(string: str, low: int, high: int | None, format_: str | None, string_maker: Text) -> str:
    """Return the string padded or cut to the bounds, as far as its format allows."""
    if high is not None and len(string) > high:
        if format_ in _SHORT and low <= len(_SHORT[format_]) <= high:
            return _SHORT[format_]
        return string[:high]
    if len(string) >= low or format_ in _FIXED:
        return string
    return _lengthen(string, low, high, format_, string_maker)


def _lengthen(
    string: str, low: int, high: int | None, format_: str | None, string_maker: Text
) -> str:
    missing = low - len(string)
    if format_ in {"email", "idn-email"}:
        owner, _, host = string.partition("@")
        labels = [("x" * 60) + "."] * (missing // 61 + 1)
        return f"{owner}@{''.join(labels)[-missing - 1 :].lstrip('.')}{host}"
    if format_ is not None and format_ not in {"password", "binary"}:
        return string + "x" * missing
    if missing > 1000:
        filler = f" {string_maker.make_sentence()}"
        string += filler * (missing // len(filler) + 1)
    while len(string) < low:
        string = f"{string} {string_maker.make_sentence()}"
    if high is None:
        return string
    cut = string[: int(high)]
    return cut.rstrip() if len(cut.rstrip()) >= low else cut
