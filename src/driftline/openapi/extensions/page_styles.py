"""The page styles of `x-listing`: one class for each.

Code that sends, judges, mocks or mutates a page uses these objects and never compares their names.
Clients have their own classes in `runtime.paging.styles`, which need no document.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qs, urlsplit

import attrs

from driftline.link_header import find_link, write_link
from driftline.openapi.pointer import MISSING, follow

UrlOf = Callable[[Any], str]
"""Builds the URL of the page that a value requests; None is the first."""


@attrs.frozen
class PageEvidence:
    """The data of a page and the previous ones by which the next one is requested.

    `pages` and `rows` are counts so far. `is_full`: the page has the maximum number of rows, as far
    as that is known. `total` is the number of rows according to the response.
    """

    body: Any
    page_rows: Sequence[Any]
    pages: int
    rows: int
    is_full: bool
    total: Any = MISSING
    last_id: Any = None
    headers: Sequence[tuple[str, str]] = ()


@attrs.frozen
class NextPosition:
    """The start of a mock's next page: after `start` rows, the last with ID `last_id`."""

    start: int
    size: int
    last_id: Any


@attrs.frozen(kw_only=True)
class PageStyle:
    """How the next page is requested. `more` points to the flag that announces it.

    `parameter` is a parameter in the query or a header, or a field of the JSON request body if it
    begins with "/".
    `first` is the number of the first page, for styles and responses that count pages.
    """

    name: ClassVar[str]
    is_single: ClassVar[bool] = False
    """Whether the document has no way to the next page."""
    is_counted: ClassVar[bool] = False
    """Whether clients count pages or rows themselves."""
    is_announced: ClassVar[bool] = False
    """Whether a response announces the next page."""
    is_followed: ClassVar[bool] = False
    """Whether it announces the page by a URL."""

    parameter: str | None = None
    first: int = 1
    next: str | None = None
    more: str | None = None

    @property
    def words(self) -> dict[str, Any]:
        """The keys of `page` in `x-listing` for this style."""
        return {"style": self.name, **attrs.asdict(self, filter=_is_chosen)}

    @property
    def is_keyed(self) -> bool:
        """Whether pages begin after a row, so that new rows do not shift later pages."""
        return False

    @property
    def first_value(self) -> int | None:
        """The value of the parameter for the first page, if there is one."""
        return None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that request a page, or fields of the JSON body (they begin with "/")."""
        return (self.parameter,) if self.parameter else ()

    def read(self, arguments: Mapping[str, Any]) -> Any:
        """Return the value by which `arguments` request a page; None without one."""
        return arguments.get(self.parameter or "")

    def write(self, arguments: Mapping[str, Any], value: Any) -> dict[str, Any]:
        """Return the arguments that request the page of a value; without one, the first page."""
        if value is not None and self.parameter:
            return {**arguments, self.parameter: value}
        return {
            name: argument for name, argument in arguments.items() if name not in self.parameters
        }

    @property
    def _is_in_body(self) -> bool:
        return self.parameter is not None and self.parameter.startswith("/")

    @property
    def opaque_parameter(self) -> str | None:
        """The query parameter whose values only come from responses; others may be rejected."""
        return None

    @property
    def word(self) -> str:
        """The key of `x-listing` that leads to the next page."""
        return "parameter" if self.next is None else "next"

    def is_first(self, arguments: Mapping[str, Any]) -> bool:
        """Return whether `arguments` request the first page."""
        return self.read(arguments) in (None, "")

    def find_page_number(self, arguments: Mapping[str, Any]) -> Any:
        """Return the number of the requested page, or its offset; None if it is unknown."""
        return None

    def count_pages(self, start: int, size: int) -> int:
        """Return the number of the page that begins after `start` rows, or its offset."""
        return self.first + start // size

    def find_next(self, page: PageEvidence) -> Any:
        """Return the arguments of the next page; None after the last."""
        return None

    def read_value(self, next_value: Any) -> Any:
        """Return the value, as `read` gives it, in the result of `find_next`."""
        return next_value

    def lacks_next(self, body: Any) -> bool:
        """Return whether the response should lead to a next page, but does not."""
        return False

    def count_rows_before(self, value: Any, size: int) -> int:
        """Return the number of rows before the page that `value` requests."""
        return 0

    def make_value(self, position: NextPosition) -> Any:
        """Return the value that requests the page at a position of a mock."""
        return None

    def announce(self, value: Any, url_of: UrlOf) -> Any:
        """Return the value at `next` of a mock's response if `value` requests the next page."""
        return value

    def announce_headers(self, value: Any, url_of: UrlOf) -> Sequence[tuple[str, str]]:
        """Return the headers of a mock's response that lead to the next page."""
        return ()


@attrs.frozen(kw_only=True)
class SingleStyle(PageStyle):
    """A listing without a documented second page."""

    name = "single"
    is_single = True

    def find_page_number(self, arguments: Mapping[str, Any]) -> Any:
        return self.first


class _KeyedStyle(PageStyle):
    """`parameter` takes a value that stands for the last row of the previous page."""

    @property
    def is_keyed(self) -> bool:
        return True

    @property
    def opaque_parameter(self) -> str | None:
        return None if self._is_in_body else self.parameter

    def make_value(self, position: NextPosition) -> Any:
        return position.last_id


@attrs.frozen(kw_only=True)
class CursorStyle(_KeyedStyle):
    """`parameter` takes the value at `next` of the previous response."""

    name = "cursor"
    is_announced = True

    def find_next(self, page: PageEvidence) -> Any:
        return _find_value(page.body, self.next)

    def lacks_next(self, body: Any) -> bool:
        return _find_value(body, self.next) is None


class _CountedStyle(PageStyle):
    """`parameter` takes a number that clients count."""

    is_counted = True

    def is_first(self, arguments: Mapping[str, Any]) -> bool:
        number = _parse_number(self.read(arguments))
        return number is None or self.first_value is None or number <= self.first_value

    def find_next(self, page: PageEvidence) -> Any:
        promised = follow(page.body, self.more) is True if self.more else False
        if page.page_rows:
            promised |= page.is_full or (isinstance(page.total, int) and page.rows < page.total)
        return self._count_next(page) if promised else None

    def _count_next(self, page: PageEvidence) -> int | None:
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

    def _count_next(self, page: PageEvidence) -> int | None:
        return self.first + page.pages


@attrs.frozen(kw_only=True)
class OffsetStyle(_CountedStyle):
    """`parameter` counts rows."""

    name = "offset"

    @property
    def first_value(self) -> int | None:
        return 0

    def find_page_number(self, arguments: Mapping[str, Any]) -> Any:
        return arguments.get(str(self.parameter), 0)

    def count_pages(self, start: int, size: int) -> int:
        return start

    def count_rows_before(self, value: Any, size: int) -> int:
        return 0 if value is None else max(0, int(value))

    def make_value(self, position: NextPosition) -> Any:
        return position.start

    def _count_next(self, page: PageEvidence) -> int | None:
        return page.rows if page.page_rows else None


@attrs.frozen(kw_only=True)
class LastRowStyle(_KeyedStyle):
    """`parameter` takes the ID of the last row of the previous page."""

    name = "last-row"

    def find_next(self, page: PageEvidence) -> Any:
        # After a full page, `more` is to be judged, so its value does not decide.
        promised = follow(page.body, self.more) is True if self.more else False
        return page.last_id if page.page_rows and (page.is_full or promised) else None


def _build_inner(style: Any) -> PageStyle:
    kinds: dict[str | None, type[PageStyle]] = {"pages": NumberStyle, "rows": OffsetStyle}
    return kinds.get(style.counts, CursorStyle)(parameter=style.parameter, first=style.first)


@attrs.frozen(kw_only=True)
class _UrlStyle(PageStyle):
    """The response has the URL of the next page.

    In that URL, `parameter` counts pages or rows, as `counts` says; otherwise it names a row.
    """

    is_announced = True
    is_followed = True

    counts: Literal["pages", "rows"] | None = None
    _inner: PageStyle = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(_build_inner, takes_self=True)
    )

    @property
    def is_keyed(self) -> bool:
        return self._inner.is_keyed

    @property
    def first_value(self) -> int | None:
        return self._inner.first_value

    @property
    def opaque_parameter(self) -> str | None:
        return self._inner.opaque_parameter

    def is_first(self, arguments: Mapping[str, Any]) -> bool:
        return self._inner.is_first(arguments)

    def find_page_number(self, arguments: Mapping[str, Any]) -> Any:
        return self._inner.find_page_number(arguments)

    def count_pages(self, start: int, size: int) -> int:
        return self._inner.count_pages(start, size)

    def count_rows_before(self, value: Any, size: int) -> int:
        return self._inner.count_rows_before(value, size)

    def make_value(self, position: NextPosition) -> Any:
        return self._inner.make_value(position)

    def read_value(self, next_value: Any) -> Any:
        try:
            values = parse_qs(urlsplit(str(next_value)).query).get(str(self.parameter), [])
        except ValueError:
            return None
        value = values[-1] if values else None
        return int(value) if value and self.counts and value.isdecimal() else value


@attrs.frozen(kw_only=True)
class NextUrlStyle(_UrlStyle):
    """`next` points to the URL of the next page in the response."""

    name = "next-url"

    def find_next(self, page: PageEvidence) -> Any:
        url = _find_value(page.body, self.next)
        return url if isinstance(url, str) else None

    def lacks_next(self, body: Any) -> bool:
        return not isinstance(_find_value(body, self.next), str)

    def announce(self, value: Any, url_of: UrlOf) -> Any:
        return None if value is None else url_of(value)


@attrs.frozen(kw_only=True)
class LinkHeaderStyle(_UrlStyle):
    """The Link header has the URL of the next page, as `rel="next"`."""

    name = "link-header"

    def find_next(self, page: PageEvidence) -> Any:
        return find_link(page.headers, "next") or None

    def announce(self, value: Any, url_of: UrlOf) -> Any:
        return None

    def announce_headers(self, value: Any, url_of: UrlOf) -> Sequence[tuple[str, str]]:
        links = [write_link(url_of(self.first_value), "first")]
        if value is not None:
            links.append(write_link(url_of(value), "next"))
        return (("Link", ", ".join(links)),)


_STYLES: Mapping[str, type[PageStyle]] = {
    style.name: style
    for style in (
        *(CursorStyle, NumberStyle, OffsetStyle, LastRowStyle),
        *(NextUrlStyle, LinkHeaderStyle, SingleStyle),
    )
}


def parse_page_style(data: Mapping[str, Any]) -> PageStyle:
    """Return the style of `page` in an `x-listing`, which is already validated."""
    options = dict(data)
    return _STYLES[options.pop("style")](**options)


def _is_chosen(field: attrs.Attribute[Any], value: Any) -> bool:
    return field.init and bool(value != field.default)


def _find_value(body: Any, pointer: str | None) -> Any:
    value = follow(body, pointer) if pointer is not None else None
    return None if value in (MISSING, None, "") else value


def _parse_number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
