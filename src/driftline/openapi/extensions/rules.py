"""The rules of driftline's extensions as frozen values: `x-listing`, `x-effect`, `x-lifecycle`.

specs/README.md describes each key; specs are validated against vocabulary.schema.json. The parsers
here expect valid input.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from math import isfinite
from typing import Any, Literal

import attrs

from driftline.openapi.extensions.page_styles import PageStyle, parse_page_style
from driftline.openapi.pointer import MISSING, follow, is_object, split

_DESCENDING = re.compile(r"-.+|.+[_:.,| -]desc(ending)?", re.IGNORECASE | re.DOTALL)


@attrs.frozen
class Size:
    """The number of rows on a page: a query parameter, or `fixed` if none is documented."""

    parameter: str | None = None
    fixed: int | None = None


@attrs.frozen
class Order:
    """The sort order of rows; `fields` maps each value of `by` to a pointer in a row.

    Without `by`, clients cannot choose: `fields` has the one field. Without `direction`, a value of
    `by` may include it: `-created`, `created_desc`.
    """

    fields: Mapping[str, str]
    by: str | None = None
    direction: str | None = None
    descending: bool = False

    def is_descending(self, name: str) -> bool:
        """Return whether a value of `by` alone sorts in descending order."""
        is_signed = self.direction is None and _DESCENDING.fullmatch(name) is not None
        return self.descending or is_signed

    def read_direction(self, value: Any) -> bool | None:
        """Return whether a value of `direction` means descending; None if that is unknown.

        A flag is true for what its name says: `descending`, `sort_asc`.
        """
        string = str(value).lower()
        if string in {"true", "false"}:
            return (string == "true") != ("asc" in str(self.direction).lower())
        is_known = string.startswith(("asc", "desc", "1", "-1"))
        return string.startswith(("desc", "-1")) if is_known else None


@attrs.frozen
class Filter:
    """A query parameter that keeps rows whose `field`, or an item of it, equals one of its values.

    `values` maps a value of the parameter to values of the row, if they differ. If it is not
    `exact`, it may also keep rows with a similar string: that is not documented.
    """

    parameter: str
    field: str
    values: Mapping[str, tuple[Any, ...]] | None = None
    exact: bool = True


@attrs.frozen
class Range:
    """A query parameter that keeps rows whose `field` is not below it (lower), or not above it.

    `inclusive` says whether a row at the bound itself is kept; None: it is not documented.
    """

    parameter: str
    field: str
    bound: Literal["lower", "upper"]
    inclusive: bool | None = None

    def admits(self, value: Any, argument: Any) -> bool | None:
        """Return whether a row with this value is kept; None where that is not documented.

        A day as the bound of times leaves open which of that day's rows are kept.
        """
        have, bound = make_comparable(value), make_comparable(argument)
        if have is None or bound is None or have[0] != bound[0]:
            return None
        is_day = have[0] == "time" and len(str(argument)) == len("2024-01-15") < len(str(value))
        if is_day and abs(have[1] - bound[1]) <= _DAY:
            return None
        if have == bound:
            return self.inclusive
        return (have > bound) == (self.bound == "lower")


_DAY = 86_400


def make_comparable(value: Any) -> tuple[Literal["number", "time"], float] | None:
    """Return a number, or a time in seconds, that compares as the value does; None for others."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        moment = parse_timestamp(str(value))
        return None if moment is None else ("time", moment)
    return ("number", number) if isfinite(number) else None


@attrs.frozen
class Search:
    """A query parameter that keeps rows in which one of `fields` contains its text.

    `hidden` names what is searched although rows do not contain it: such a match is not visible.
    If it is not `exact`, which fields are searched and how is not documented.
    """

    parameter: str
    fields: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    exact: bool = True

    @property
    def is_visible(self) -> bool:
        """Whether each row shows why it matches."""
        return self.exact and not self.hidden


@attrs.frozen
class Listing:
    """An operation that returns a list of rows. `items` is a pointer in the body, `id` in a row.

    `total` (a pointer) or `total_header` is the location of the total number of rows. `echo` maps a
    page metadata key (see specs/README.md) to its location in the response.
    """

    items: str
    id: str
    page: PageStyle
    size: Size
    total: str | None = None
    total_header: str | None = None
    order: Order | None = None
    filters: tuple[Filter, ...] = ()
    ranges: tuple[Range, ...] = ()
    searches: tuple[Search, ...] = ()
    echo: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @property
    def conditions(self) -> tuple[Filter | Range | Search, ...]:
        """Everything by which a request selects rows."""
        return (*self.filters, *self.ranges, *self.searches)

    @property
    def parameters(self) -> frozenset[str]:
        """The names of all parameters that the listing gives a meaning."""
        order = (self.order.by, self.order.direction) if self.order else ()
        names = (*self.page.parameters, self.size.parameter, *order)
        return frozenset(
            filter(None, (*names, *(condition.parameter for condition in self.conditions)))
        )

    @cached_property
    def body_parameters(self) -> tuple[str, ...]:
        """The parameters that are fields of the request body, as pointers into it."""
        names = (*self.page.parameters, self.size.parameter)
        return tuple(name for name in names if name and name.startswith("/"))

    def read_body(self, body: Any) -> dict[str, Any]:
        """Return the values of these parameters in a request body."""
        values = {name: follow(body, name) for name in self.body_parameters}
        return {name: value for name, value in values.items() if value is not MISSING}

    def write_body(self, body: Any, arguments: Mapping[str, Any]) -> Any:
        """Return a request body with these parameters set from `arguments`."""
        fields = {
            split(name)[0]: arguments[name] for name in self.body_parameters if name in arguments
        }
        return {**(body if is_object(body) else {}), **fields} if fields else body

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Listing:
        """Read `x-listing`, already validated."""
        order = data.get("order")
        return cls(
            items=data["items"],
            id=data["id"],
            total=data.get("total"),
            total_header=data.get("totalHeader"),
            page=parse_page_style(data["page"]),
            size=Size(**data.get("size", {})),
            order=Order(**order) if order else None,
            filters=tuple(_filter(name, f) for name, f in data.get("filter", {}).items()),
            ranges=tuple(Range(name, **rule) for name, rule in data.get("range", {}).items()),
            searches=tuple(
                Search(name, tuple(s["fields"]), tuple(s.get("hidden", ())), s.get("exact", True))
                for name, s in data.get("search", {}).items()
            ),
            echo=dict(data.get("echo", {})),
        )


def _filter(name: str, data: Mapping[str, Any]) -> Filter:
    values = data.get("values")
    mapping = {key: tuple(value) for key, value in values.items()} if values else None
    return Filter(name, data["field"], mapping, data.get("exact", True))


@attrs.frozen
class Effect:
    """The effect of an operation on the rows of the listing `of`.

    `item` points to the row in the response ("" is the whole body, None: no row), `id` is the path
    parameter that identifies it, `unique` has the request fields that must differ between rows, and
    `tag` is a string field of the request that can mark where a row came from.
    """

    kind: Literal["create", "read", "update", "delete"]
    of: str | None = None
    item: str | None = None
    id: str | None = None
    unique: tuple[str, ...] = ()
    tag: str | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Effect:
        """Read `x-effect`, already validated."""
        attributes: dict[str, Any] = {k: v for k, v in data.items() if not k.startswith("x-")}
        attributes["unique"] = tuple(data.get("unique", ()))
        return cls(**attributes)


_UNITS = {"s": 1, "ms": 1000}


@attrs.frozen
class Lifecycle:
    """The states that a row passes through in order, according to its `field`.

    `adds` has the fields that a row gains in each state. `begins` and `ends` point to the
    timestamps of its begin and end, `duration` to the time between them, in `unit` parts of a
    second. `lasts` has the minimum and maximum seconds in a state, and `files` the media type
    behind a field with a URL.
    """

    field: str
    states: tuple[Any, ...]
    adds: Mapping[Any, tuple[str, ...]] = attrs.field(factory=dict[Any, tuple[str, ...]])
    begins: str | None = None
    ends: str | None = None
    duration: str | None = None
    unit: int = 1000
    created: str | None = None
    lasts: Mapping[Any, tuple[float, float]] = attrs.field(factory=dict[Any, tuple[float, float]])
    files: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Lifecycle:
        """Read `x-lifecycle`, already validated."""
        attributes = {
            key: data[key] for key in ("begins", "ends", "duration", "created") if key in data
        }
        return cls(
            field=data["field"],
            states=tuple(data["states"]),
            adds={state: tuple(fields) for state, fields in data.get("adds", {}).items()},
            unit=_UNITS[data.get("unit", "ms")],
            lasts={
                state: (minimum, maximum)
                for state, (minimum, maximum) in data.get("lasts", {}).items()
            },
            files=data.get("files", {}),
            **attributes,
        )


def parse_timestamp(string: str) -> float | None:
    """Return the seconds since 1970 of an ISO 8601 time, UTC by default; None if invalid."""
    try:
        time = datetime.fromisoformat(string.upper())
    except ValueError:
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
