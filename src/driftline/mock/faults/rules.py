"""Fault rules: which requests they match, how often, and their effect."""

from __future__ import annotations

import math
import random
import shlex
from fnmatch import fnmatchcase
from typing import Literal, get_args

import attrs

Resets = Literal["request", "before", "body", "after"]
Bodies = Literal["html", "text", "empty", "garbage", "half"]
Items = Literal["cut", "garbage", "wrong"]
RESETS: tuple[str, ...] = get_args(Resets)
BODIES: tuple[str, ...] = get_args(Bodies)
ITEMS: tuple[str, ...] = get_args(Items)
KINDS = {"fixed": 1, "uniform": 2, "normal": 2, "lognormal": 2, "exponential": 1}
"""The distributions of a latency, with the number of their parameters."""
LONGEST = 3600.0


@attrs.frozen
class Latency:
    """A time in seconds, fixed or random.

    `uniform` has minimum and maximum, `normal` mean and standard deviation, `lognormal` median and
    standard deviation of the logarithm, `exponential` the mean.
    """

    kind: str
    first: float
    second: float = 0.0

    def draw(self, source: random.Random) -> float:
        """Draw a delay in seconds, from 0 to an hour."""
        first, second = self.first, self.second
        delay = first
        if self.kind == "uniform":
            delay = source.uniform(first, second)
        elif self.kind == "normal":
            delay = source.gauss(first, second)
        elif self.kind == "lognormal":
            delay = first * math.exp(min(source.gauss(0.0, second), 100.0))
        elif self.kind == "exponential":
            delay = -first * math.log(1.0 - source.random())
        return min(max(delay, 0.0), LONGEST)

    def __str__(self) -> str:
        if self.kind == "fixed":
            return format_seconds(self.first)
        if self.kind == "exponential":
            return f"{self.kind}({format_seconds(self.first)})"
        second = f"{self.second!r}" if self.kind == "lognormal" else format_seconds(self.second)
        return f"{self.kind}({format_seconds(self.first)},{second})"


@attrs.frozen(kw_only=True)
class FaultRule:
    """One rule; `api` and `operation` may have `*` and `?`. Times are in seconds.

    It applies to `share` of the requests, and to at most `next` of them (None: all).
    """

    api: str = "*"
    operation: str = "*"
    latency: Latency | None = None
    status: int | None = None
    retry_after: str | None = None
    expired: bool = False
    drift: str | None = None
    body: str | None = None
    item: str | None = None
    pace: float | None = None
    drip: float | None = None
    piece: int = 16
    truncate: float | None = None
    reset: str | None = None
    share: float = 1.0
    next: int | None = None

    def matches(self, api: str, operation: str) -> bool:
        """Return whether it applies to an operation; "" is a request without one."""
        return fnmatchcase(api, self.api) and fnmatchcase(operation, self.operation)

    def __str__(self) -> str:
        """Return the rule in its syntax."""
        words = [f"latency={self.latency}"] if self.latency else []
        words += [str(self.status)] if self.status is not None else []
        words += [f"retry-after={self.retry_after}"] if self.retry_after is not None else []
        words += ["credentials=expired"] if self.expired else []
        words += [f"drift={self.drift}"] if self.drift is not None else []
        words += [f"body={self.body}"] if self.body else []
        words += [f"item={self.item}"] if self.item else []
        words += [f"pace={format_seconds(self.pace)}"] if self.pace is not None else []
        words += [f"drip={format_seconds(self.drip)}/{self.piece}"] if self.drip is not None else []
        words += [f"truncate={self.truncate!r}"] if self.truncate is not None else []
        words += [f"reset={self.reset}"] if self.reset else []
        words += [f"share={self.share!r}"] if self.share != 1.0 else []
        words += [f"next={self.next}"] if self.next is not None else []
        target = [] if (self.api, self.operation) == ("*", "*") else [self._format_target()]
        return " ".join([*target, *map(_quote, words)])

    def _format_target(self) -> str:
        name = self.api if self.operation == "*" else f"{self.api}/{self.operation}"
        return _quote(f"{name}:")


def format_seconds(value: float) -> str:
    """Return a time in the syntax of rules."""
    return f"{value!r}s"


def _quote(word: str) -> str:
    """Quote a word for a shell only if it has blanks or quotes; `*` and brackets stay."""
    return shlex.quote(word) if not word or set(word) & set(" \t\r\n'\"\\") else word
