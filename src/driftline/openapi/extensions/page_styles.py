"""How the pages of a listing follow each other: one class for each style of `x-listing`.

What sends, judges, mocks or breaks a page asks these objects; nothing compares their names. The
clients have classes of their own in `runtime.page_styles`, which need no document.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs

from driftline.openapi.pointer import MISSING, follow

__all__ = [
    "CursorStyle",
    "NextPosition",
    "NumberStyle",
    "OffsetStyle",
    "PageEvidence",
    "PageStyle",
    "SingleStyle",
    "parse_page_style",
]


@attrs.frozen
class PageEvidence:
    """What a page, and those before it, say of the way on.

    `pages` and `rows` count all so far. `is_full`: the page has as many rows as it may have, as
    far as that is known. `total` is how many rows the response says there are.
    """

    body: Any
    page_rows: Sequence[Any]
    pages: int
    rows: int
    is_full: bool
    total: Any = MISSING


@attrs.frozen
class NextPosition:
    """Where a mock's next page begins: after `start` rows, the last of which has `last_id`."""

    start: int
    size: int
    last_id: Any


@attrs.frozen(kw_only=True)
class PageStyle:
    """How the next page is asked for. `more` points to whether there is one.

    `first` is the number of the first page, for styles and responses that count pages.
    """

    name: ClassVar[str]
    is_single: ClassVar[bool] = False
    """Whether the document says no way to the next page."""
    is_counted: ClassVar[bool] = False
    """Whether clients count pages or rows themselves."""
    is_announced: ClassVar[bool] = False
    """Whether a response says how to ask for the next page, at `next`."""
    is_keyed: ClassVar[bool] = False
    """Whether a page begins after a row, so that rows created meanwhile move no other."""

    parameter: str | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None

    @property
    def words(self) -> dict[str, Any]:
        """What `page` of an `x-listing` says for this style."""
        return {"style": self.name, **attrs.asdict(self, filter=_is_chosen)}

    @property
    def first_value(self) -> int | None:
        """What asks for the first page, if a value does."""
        return None

    @property
    def opaque_parameter(self) -> str | None:
        """The parameter whose values only responses give: a server may reject any other."""
        return None

    @property
    def word(self) -> str:
        """The word of `x-listing` that leads to the next page."""
        return "next" if self.is_announced else "parameter"

    def is_first(self, value: Any) -> bool:
        """Whether `value` of the parameter asks for the first page."""
        return value is None or value == ""

    def find_page_number(self, _arguments: Mapping[str, Any]) -> Any:
        """The number of the page that is asked for; None if it cannot be known."""
        return None

    def find_next(self, _page: PageEvidence) -> Any:
        """What to ask for the next page with; None after the last."""
        return None

    def lacks_next(self, _body: Any) -> bool:
        """Whether the response should say how to ask for the next page, but does not."""
        return False

    def count_rows_before(self, _value: Any, _size: int) -> int:
        """How many rows come before the page that `value` asks for."""
        return 0

    def make_value(self, _position: NextPosition) -> Any:
        """What asks a mock for the page at a position."""
        return None


@attrs.frozen(kw_only=True)
class SingleStyle(PageStyle):
    """No documented way to a second page."""

    name = "single"
    is_single = True

    def find_page_number(self, _arguments: Mapping[str, Any]) -> Any:
        return self.first


@attrs.frozen(kw_only=True)
class CursorStyle(PageStyle):
    """`parameter` takes what `next` points to in the response before."""

    name = "cursor"
    is_announced = True
    is_keyed = True

    @property
    def opaque_parameter(self) -> str | None:
        return self.parameter

    def find_next(self, page: PageEvidence) -> Any:
        return _find_value(page.body, self.next)

    def lacks_next(self, body: Any) -> bool:
        return _find_value(body, self.next) is None

    def make_value(self, position: NextPosition) -> Any:
        return position.last_id


class _CountedStyle(PageStyle):
    """`parameter` takes a number that clients count."""

    is_counted = True

    def is_first(self, value: Any) -> bool:
        number = _parse_number(value)
        return number is None or self.first_value is None or number <= self.first_value

    def find_next(self, page: PageEvidence) -> Any:
        promised = follow(page.body, self.more) is True if self.more else False
        promised |= isinstance(page.total, int) and page.rows < page.total
        return self._count_next(page) if page.page_rows and (page.is_full or promised) else None

    def _count_next(self, page: PageEvidence) -> int:
        raise NotImplementedError


@attrs.frozen(kw_only=True)
class NumberStyle(_CountedStyle):
    """`parameter` counts pages from `first`."""

    name = "number"

    @property
    def words(self) -> dict[str, Any]:
        return {**super().words, "first": self.first}

    @property
    def first_value(self) -> int | None:
        return self.first

    def find_page_number(self, arguments: Mapping[str, Any]) -> Any:
        return arguments.get(str(self.parameter), self.first)

    def count_rows_before(self, value: Any, size: int) -> int:
        return 0 if value is None else max(0, int(value) - self.first) * size

    def make_value(self, position: NextPosition) -> Any:
        return self.first + position.start // position.size

    def _count_next(self, page: PageEvidence) -> int:
        return self.first + page.pages


@attrs.frozen(kw_only=True)
class OffsetStyle(_CountedStyle):
    """`parameter` counts rows."""

    name = "offset"

    @property
    def first_value(self) -> int | None:
        return 0

    def count_rows_before(self, value: Any, _size: int) -> int:
        return 0 if value is None else max(0, int(value))

    def make_value(self, position: NextPosition) -> Any:
        return position.start

    def _count_next(self, page: PageEvidence) -> int:
        return page.rows


_STYLES: Mapping[str, type[PageStyle]] = {
    style.name: style for style in (CursorStyle, NumberStyle, OffsetStyle, SingleStyle)
}


def parse_page_style(data: Mapping[str, Any]) -> PageStyle:
    """Return the style of `page` in an `x-listing`, which is already validated."""
    words = dict(data)
    return _STYLES[words.pop("style")](**words)


def _is_chosen(field: attrs.Attribute[Any], value: Any) -> bool:
    return bool(value != field.default)


def _find_value(body: Any, pointer: str | None) -> Any:
    found = follow(body, pointer) if pointer is not None else None
    return None if found in (MISSING, None, "") else found


def _parse_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
