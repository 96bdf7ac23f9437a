"""The syntax of fault rules: `shop/orders.list: 429 retry-after=2 share=0.1`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from driftline.errors import UsageError
from driftline.mock.faults.rules import BODIES, ITEMS, KINDS, LONGEST, RESETS, FaultRule, Latency

SYNTAX = (
    "Write [API[/OPERATION]:] and one or more of: latency=200ms, "
    "latency=lognormal(200ms,0.5), a status such as 429, retry-after=2, credentials=expired, "
    f"drift=ID, body={'|'.join(BODIES)}, item={'|'.join(ITEMS)}, pace=200ms, "
    f"drip=50ms/16, truncate=0.5, reset={'|'.join(RESETS)}; "
    "then share=0.1 or next=3 to limit it to some requests."
)
_TIME = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,20})?(?:e-?[0-9]{1,3})?)(ms|s)")
_CALL = re.compile(r"([a-z]+)\(([^()]*)\)")
_T = TypeVar("_T")


def parse_rule(source: str) -> FaultRule:
    """Parse a rule.

    Raises:
        UsageError: a word is invalid; the message names it and the valid ones.
    """
    try:
        words = shlex.split(source)
    except ValueError as error:
        raise _build_error(source, f"could not be split into words ({error})".lower()) from None
    fields: dict[str, Any] = {}
    if words and words[0].endswith(":"):
        fields.update(_parse_target(source, words.pop(0)))
    for word in words:
        for name, value in _parse_field(source, word).items():
            if name in fields:
                raise _build_error(source, f"{word!r} repeats an earlier word")
            fields[name] = value
    if not fields.keys() - {"api", "operation", "share", "next", "retry_after"}:
        raise _build_error(source, "no fault is named")
    return _validate_rule(source, FaultRule(**fields))


def _validate_rule(source: str, rule: FaultRule) -> FaultRule:
    """Return the rule after checking its combination of words."""
    if (rule.status is not None) + rule.expired + (rule.drift is not None) > 1:
        raise _build_error(
            source, "a status, credentials=expired and drift=ID are mutually exclusive"
        )
    if rule.reset and rule.truncate is not None:
        raise _build_error(source, "truncate and reset are mutually exclusive")
    if rule.drip is not None and rule.pace is not None:
        raise _build_error(source, "drip and pace are mutually exclusive")
    if rule.retry_after is not None and rule.status is None:
        raise _build_error(source, "retry-after requires a status, such as 429")
    return rule


def _build_error(source: str, reason: str) -> UsageError:
    return UsageError(f"invalid fault {source!r}: {reason}", SYNTAX)


def _parse_target(source: str, word: str) -> dict[str, str]:
    api, slash, operation = word[:-1].partition("/")
    if not api or (slash and not operation):
        raise _build_error(source, f"{word!r} must be API: or API/OPERATION:")
    return {"api": api, "operation": operation or "*"}


def _parse_field(source: str, word: str) -> dict[str, Any]:
    """Return the value of one word, by the field of the rule."""
    if word.isdecimal() and word.isascii():
        return {"status": _read(source, word, word, _parse_status)}
    name, equals, value = word.partition("=")
    if word == "truncate":
        return {"truncate": 0.5}
    if name not in _WORDS or not equals:
        raise _build_error(source, f"unknown word {word!r}")
    if name == "drip":
        pause, slash, piece = value.partition("/")
        size = {"piece": _read(source, word, piece, _parse_count)} if slash else {}
        return {"drip": _read(source, word, pause, _parse_time), **size}
    return {_FIELDS.get(name, name): _read(source, word, value, _WORDS[name])}


def _read(source: str, word: str, value: str, read: Callable[[str], _T]) -> _T:
    try:
        return read(value)
    except ValueError as error:
        raise _build_error(source, f"{word!r}: {error}") from None


def _parse_status(value: str) -> int:
    if not 200 <= int(value) <= 599:
        raise ValueError("expected a status from 200 to 599")
    return int(value)


def _parse_time(value: str) -> float:
    match = _TIME.fullmatch(value)
    time = float(match[1]) / (1000 if match[2] == "ms" else 1) if match else LONGEST + 1
    if time > LONGEST:
        raise ValueError("expected a time of at most an hour, for example 200ms or 1.5s")
    return time


def _parse_number(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,20})?(e-?[0-9]{1,3})?", value):
        raise ValueError(f"expected a number, got {value!r}")
    return float(value)


def _parse_latency(value: str) -> Latency:
    call = _CALL.fullmatch(value)
    if call is None:
        return Latency("fixed", _parse_time(value))
    kind, numbers = call[1], [part.strip() for part in call[2].split(",")]
    if kind not in KINDS or kind == "fixed" or len(numbers) != KINDS[kind]:
        forms = "uniform(50ms,1s), normal(200ms,50ms), lognormal(200ms,0.5) or exponential(200ms)"
        raise ValueError(f"expected a time, {forms}")
    first = _parse_time(numbers[0])
    if len(numbers) == 1:
        return Latency(kind, first)
    second = _parse_number(numbers[1]) if kind == "lognormal" else _parse_time(numbers[1])
    if kind == "uniform" and second < first:
        raise ValueError("the minimum must not exceed the maximum")
    return Latency(kind, first, second)


def _parse_probability(value: str) -> float:
    share = _parse_number(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    if not 0 < share <= 1:
        raise ValueError("expected a share above 0 and up to 1 or 100%")
    return share


def _parse_share(value: str) -> float:
    part = _parse_number(value)
    if part >= 1:
        raise ValueError("expected a part from 0 to below 1")
    return part


def _parse_count(value: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise ValueError("expected a whole number of at least 1")
    return int(value)


def _parse_header(value: str) -> str:
    if not value or not value.isascii() or not value.isprintable():
        raise ValueError("expected seconds, a date, or none")
    return value


def _parse_text(value: str) -> str:
    if not value:
        raise ValueError("expected a drift id")
    return value


def _parse_one_of(*values: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in values:
            raise ValueError(f"expected one of {', '.join(values)}")
        return value

    return read


def _parse_expired(value: str) -> bool:
    _parse_one_of("expired")(value)
    return True


_WORDS: dict[str, Callable[[str], Any]] = {
    "latency": _parse_latency,
    "retry-after": _parse_header,
    "credentials": _parse_expired,
    "drift": _parse_text,
    "body": _parse_one_of(*BODIES),
    "item": _parse_one_of(*ITEMS),
    "pace": _parse_time,
    "drip": _parse_time,
    "truncate": _parse_share,
    "reset": _parse_one_of(*RESETS),
    "share": _parse_probability,
    "next": _parse_count,
}
_FIELDS = {"retry-after": "retry_after", "credentials": "expired"}


def parse_rules(rules: Sequence[str | FaultRule]) -> list[FaultRule]:
    """Return rules, some of which may be parsed already."""
    return [rule if isinstance(rule, FaultRule) else parse_rule(rule) for rule in rules]
