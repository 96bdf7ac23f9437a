"""The page styles of listings, as clients use them: one class for each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from driftline.link_header import find_link
from driftline.total_header import read_total


@attrs.frozen(eq=False)
class ReceivedPage:
    """A page with the arguments of its request; `get_value` reads its body at a pointer."""

    get_value: Callable[[str | None], Any]
    rows: Sequence[Any]
    last_id: Any
    arguments: Mapping[str, Any]
    headers: Sequence[tuple[str, str]]


@attrs.frozen
class Paging:
    """A listing; pointers refer to the response, by wire name.

    `parameter` selects a page and `size` the number of rows; pages count from `first`. A parameter
    that begins with "/" is a field of the request body. `total_header` is the header with the total
    number of rows, or with JSON that has it in the member after a slash.
    """

    is_counted: ClassVar[bool] = False
    is_followed: ClassVar[bool] = False

    items: str
    id: str
    parameter: str | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None
    total: str | None = None
    size: str | None = None
    total_header: str | None = None

    def find_next(self, _page: ReceivedPage) -> Any:
        """Return the arguments of the next page; None after the last."""
        return None

    def write(self, next_value: Any) -> Mapping[str, Any]:
        """Return the arguments that request the page of a value of `find_next`."""
        return {str(self.parameter): next_value}

    def can_continue(self, page: ReceivedPage) -> bool:
        """Return whether another page may follow; after an empty one, only if promised."""
        more = page.get_value(self.more)
        return more is not False and (bool(page.rows) or more is True or self.is_followed)


class SinglePaging(Paging):
    """A listing without a documented second page."""

    __slots__ = ()


class CursorPaging(Paging):
    """`parameter` takes the value at `next` of the previous response."""

    __slots__ = ()

    def find_next(self, page: ReceivedPage) -> Any:
        next_value = page.get_value(self.next)
        return None if next_value == "" else next_value


class _CountedPaging(Paging):
    """`parameter` takes a number that grows by `step` with each page."""

    __slots__ = ()

    is_counted = True

    def _count_on(self, page: ReceivedPage, first: int, step: int, rows_a_step: int | None) -> Any:
        size = read_number(page.arguments.get(self.size or ""))
        more = page.get_value(self.more) is True
        if size is not None and len(page.rows) < size and not more:
            return None
        current = read_number(page.arguments.get(self.parameter or ""))
        next_value = (first if current is None else current) + step
        total = read_number(page.get_value(self.total))
        if total is None and self.total_header is not None:
            total = read_total(self.total_header, page.headers)
        weight = size if rows_a_step is None else rows_a_step
        is_beyond = (
            total is not None and weight is not None and (next_value - first) * weight >= total
        )
        return None if is_beyond else next_value


class NumberPaging(_CountedPaging):
    """`parameter` counts pages from `first`."""

    __slots__ = ()

    def find_next(self, page: ReceivedPage) -> Any:
        return self._count_on(page, self.first, 1, None)


class OffsetPaging(_CountedPaging):
    """`parameter` counts rows."""

    __slots__ = ()

    def find_next(self, page: ReceivedPage) -> Any:
        step = len(page.rows) or read_number(page.arguments.get(self.size or "")) or 0
        return self._count_on(page, 0, step, 1) if step > 0 else None


class LastRowPaging(Paging):
    """`parameter` takes the ID of the last row of the previous page."""

    __slots__ = ()

    def find_next(self, page: ReceivedPage) -> Any:
        size = read_number(page.arguments.get(self.size or ""))
        more = page.get_value(self.more) is True
        is_short = size is not None and len(page.rows) < size
        if more and not page.rows:  # the rows after the same one, again: the walk ends in an error
            return page.arguments.get(self.parameter or "")
        if page.last_id is None or (is_short and not more):
            return None
        is_plain = isinstance(page.last_id, (str, int, float))
        return page.last_id if is_plain else str(page.last_id)  # such as a UUID


class NextUrlPaging(Paging):
    """`next` points to the URL of the next page in the response."""

    __slots__ = ()

    is_followed = True

    def find_next(self, page: ReceivedPage) -> Any:
        next_value = page.get_value(self.next)
        return None if next_value == "" else next_value


class LinkHeaderPaging(Paging):
    """The Link header has the URL of the next page, as `rel="next"`."""

    __slots__ = ()

    is_followed = True

    def find_next(self, page: ReceivedPage) -> Any:
        return find_link(page.headers, "next") or None


def read_number(value: Any) -> int | None:
    """Return a JSON number as an integer; None if it is not one."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if math.isfinite(value) else None
