"""How the pages of a listing follow each other: one class for each style, as clients use it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

__all__ = [
    "CursorPaging",
    "NumberPaging",
    "OffsetPaging",
    "Paging",
    "ReceivedPage",
    "SinglePaging",
    "read_number",
]


@attrs.frozen
class ReceivedPage:
    """A page and what it was asked for with; `get_value` reads its body at a pointer."""

    get_value: Callable[[str | None], Any]
    rows: Sequence[Any]
    arguments: Mapping[str, Any]


@attrs.frozen
class Paging:
    """A listing; pointers are into the response, by wire name.

    `parameter` asks for a page, `size` for a number of rows; numbers count from `first`.
    """

    is_counted: ClassVar[bool] = False

    items: str
    id: str
    parameter: str | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None
    total: str | None = None
    size: str | None = None

    def find_next(self, _page: ReceivedPage) -> Any:
        """Return what to ask for the next page with; None after the last."""
        return None


@attrs.frozen
class SinglePaging(Paging):
    """No documented way to a second page."""


@attrs.frozen
class CursorPaging(Paging):
    """`parameter` takes what `next` points to in the response before."""

    def find_next(self, page: ReceivedPage) -> Any:
        following = page.get_value(self.next)
        return None if following == "" else following


class _CountedPaging(Paging):
    """`parameter` takes a number, of which each page moves on by `step`."""

    is_counted = True

    def _count_on(self, page: ReceivedPage, first: int, step: int, rows_a_step: int | None) -> Any:
        size = read_number(page.arguments.get(self.size or ""))
        if size is not None and len(page.rows) < size:
            return None
        given = read_number(page.arguments.get(self.parameter or ""))
        following = (first if given is None else given) + step
        total = read_number(page.get_value(self.total))
        weight = size if rows_a_step is None else rows_a_step
        is_beyond = (
            total is not None and weight is not None and (following - first) * weight >= total
        )
        return None if is_beyond else following


@attrs.frozen
class NumberPaging(_CountedPaging):
    """`parameter` counts pages from `first`."""

    def find_next(self, page: ReceivedPage) -> Any:
        return self._count_on(page, self.first, 1, None)


@attrs.frozen
class OffsetPaging(_CountedPaging):
    """`parameter` counts rows."""

    def find_next(self, page: ReceivedPage) -> Any:
        return self._count_on(page, 0, len(page.rows), 1)


def read_number(value: Any) -> int | None:
    """Return a JSON number as an integer; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if math.isfinite(value) else None
