"""Pages from the database, compared with filtering and sorting a list in Python."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from examples import count_examples
from hypothesis import given, settings, strategies as st

from driftline.mock.http.messages import HttpRequest
from driftline.mock.rows.database import Database
from driftline.mock.rows.keys import encode_equality, order_key
from driftline.mock.rows.paging import find_page
from driftline.mock.rows.store import IndexedRow, Store
from driftline.openapi import Operation, Spec
from driftline.openapi.extensions.page_styles import (
    CursorStyle,
    NumberStyle,
    OffsetStyle,
    SingleStyle,
)
from driftline.openapi.extensions.rules import (
    Filter,
    Listing,
    Order,
    Range,
    Search,
    Size,
    make_comparable,
    parse_timestamp,
)
from driftline.openapi.pointer import MISSING, follow
from mocks.conftest import SPECS

TIMES = ("2026-01-01T10:00:00Z", "2026-01-01T12:00:00+02:00", "2026-01-01T09:59:59-01:00")
STRINGS = ("", "a", "A", "ab", "Straße", "STRASSE", "a\0", "\ud800", "é", "İ", *TIMES)
NUMBERS = st.sampled_from([0, -0.0, 1, 1.0, -1, 2**53, 2**53 + 1, 2.0**53, 10**400, -(10**400)])
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(STRINGS),
    NUMBERS,
    st.floats(allow_nan=False),
    st.integers(),
    st.text(),
    st.lists(st.sampled_from([1, 1.0, True, "a"]), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.sampled_from([1, True, None]), max_size=2),
)
FIELDS = ("kind", "state", "when", "size")


def draw_row_data(values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw rows with some of the fields and few distinct values, so that values repeat."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, values))


def index_rows(data: Sequence[dict[str, Any]]) -> list[IndexedRow]:
    """Return rows whose IDs are not in row order, with hidden text."""
    ids = [f"{index * 7 % 10}-{index}" for index in range(len(data))]
    return [
        IndexedRow(
            row_id, {"id": row_id, **fields}, {"said": f"{fields.get('kind')} Straße {row_id}"}
        )
        for row_id, fields in zip(ids, data, strict=True)
    ]


RANGES = (
    Range("from", "/when", "lower"),
    Range("above", "/size", "lower", inclusive=False),
    Range("to", "/when", "upper", inclusive=True),
    Range("below", "/size", "upper", inclusive=False),
)


@st.composite
def draw_listings(draw: st.DrawFn) -> Listing:
    """Draw listings with any order, filters, searches and pagination."""
    style = draw(st.sampled_from([CursorStyle, NumberStyle, OffsetStyle, SingleStyle]))
    order_rules = st.builds(
        Order,
        fields=st.sampled_from([{"when": "/when"}, {"size": "/size", "kind": "/kind"}]),
        by=st.sampled_from([None, "by"]),
        direction=st.sampled_from([None, "direction"]),
        descending=st.booleans(),
    )
    values = {"open": ("a", 1, None), "closed": (), "other": ("ab",)}
    names = draw(st.sets(st.integers(0, 8), max_size=draw(st.sampled_from([0, 2, 9]))))
    filters = tuple(
        Filter(f"f{n}", "/" + FIELDS[n % 4], values if n % 3 == 0 else None) for n in sorted(names)
    )
    searches = (Search("q", ("/kind", "/state"), ("said",)), Search("p", ("/state",)))
    return Listing(
        items="",
        id="/id",
        page=style(
            parameter=None if style is SingleStyle else "page", first=draw(st.sampled_from([0, 1]))
        ),
        size=draw(st.sampled_from([Size("limit"), Size(fixed=3)])),
        order=draw(st.none() | order_rules),
        filters=filters,
        ranges=draw(st.sampled_from([(), RANGES])),
        searches=draw(st.sampled_from([(), searches])),
        echo={"page": "/p", "previous": "/b"},
    )


def draw_arguments(
    draw: st.DrawFn, listing: Listing, values: st.SearchStrategy[Any]
) -> dict[str, Any]:
    """Draw arguments for some of the listing's parameters."""
    bounds = st.none() | values | st.sampled_from([*TIMES, 1])
    arguments: dict[str, Any] = {rule.parameter: draw(bounds) for rule in listing.ranges}
    for rule in listing.filters:
        if draw(st.booleans()):
            filter_values = st.sampled_from(["open", "closed", "other"]) if rule.values else values
            arguments[rule.parameter] = draw(
                st.one_of(filter_values, st.lists(filter_values, max_size=4))
            )
    for search in listing.searches:
        if draw(st.booleans()):
            arguments[search.parameter] = draw(
                st.sampled_from(["", "A", "strasse", "none A", "x\ud800"])
            )
    if listing.order and draw(st.booleans()):
        arguments |= {"by": draw(st.sampled_from(["size", "kind", "other"]))}
        arguments |= {"direction": draw(st.sampled_from(["asc", "desc", "DESCENDING"]))}
    if draw(st.booleans()):
        arguments["limit"] = draw(st.sampled_from([1, 2, 2.5, 10, 10**30]))
    if isinstance(listing.page, CursorStyle) and draw(st.booleans()):
        arguments["page"] = draw(st.sampled_from(["0-0", "7-1", "4-2", "gone"]))
    elif isinstance(listing.page, NumberStyle | OffsetStyle) and draw(st.booleans()):
        arguments["page"] = draw(st.sampled_from([0, 1, 2, 3, 1.5, 10**30]))
    return arguments


def has_one_of(row: IndexedRow, rule: Filter, filter_values: list[Any]) -> bool:
    value = follow(row.data, rule.field)
    return any(item in filter_values for item in (value if isinstance(value, list) else [value]))


def select_page_naively(
    listing: Listing, rows: Sequence[IndexedRow], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the page that a direct implementation of `x-listing` selects."""
    sorted_rows = sort_naively(listing, rows, arguments)
    matching_rows = [row for row in sorted_rows if matches_arguments(listing, row, arguments)]
    size = int(listing.size.fixed or arguments.get("limit", 100))
    page_argument, is_offset = arguments.get("page"), isinstance(listing.page, OffsetStyle)
    start = 0
    if page_argument is not None and isinstance(listing.page, CursorStyle):
        ids = [row.id for row in sorted_rows]
        before = ids[: ids.index(page_argument) + 1] if page_argument in ids else ids
        start = sum(row.id in before for row in matching_rows)
    elif page_argument is not None:
        start = int(page_argument)
        if isinstance(listing.page, NumberStyle):
            start = max(0, start - listing.page.first) * size
    page_rows, has_more = matching_rows[start : start + size], start + size < len(matching_rows)
    return {
        "rows": [row.data for row in page_rows],
        "total": len(matching_rows),
        "more": has_more,
        "page": start if is_offset else start // size + listing.page.first,
        "previous": start > 0,
    }


def sort_naively(
    listing: Listing, rows: Sequence[IndexedRow], arguments: Mapping[str, Any]
) -> list[IndexedRow]:
    order = listing.order
    if order is None:
        return list(rows)
    sort_name = arguments.get(order.by) if order.by else None
    field = order.fields.get(str(sort_name), next(iter(order.fields.values())))
    is_descending = order.descending
    if order.direction:
        is_descending = str(arguments.get(order.direction, "asc")).lower().startswith("d")
    lacking = [row for row in rows if follow(row.data, field) in (None, MISSING)]
    rows_with_value = [row for row in rows if row not in lacking]
    rows_with_value.sort(key=lambda row: row.id)
    rank = rank_values([follow(row.data, field) for row in rows_with_value])
    rows_with_value.sort(key=lambda row: rank(follow(row.data, field)), reverse=is_descending)
    return [*rows_with_value, *sorted(lacking, key=lambda row: row.id)]


def rank_values(values: Sequence[Any]) -> Callable[[Any], Any]:
    if all(isinstance(value, str) and parse_timestamp(value) is not None for value in values):
        return parse_timestamp
    return lambda value: (0, value, "") if isinstance(value, (int, float)) else (1, 0, str(value))


def is_within(rule: Range, row: IndexedRow, argument: Any) -> bool:
    comparable, bound = (
        make_comparable(value) for value in (follow(row.data, rule.field), argument)
    )
    if argument is None or comparable is None or bound is None or comparable[0] != bound[0]:
        return argument is None
    is_inside = comparable > bound if rule.bound == "lower" else comparable < bound
    return is_inside or (comparable == bound and rule.inclusive is not False)


def matches_arguments(listing: Listing, row: IndexedRow, arguments: Mapping[str, Any]) -> bool:
    if not all(is_within(rule, row, arguments.get(rule.parameter)) for rule in listing.ranges):
        return False
    for rule in listing.filters:
        filter_values = arguments.get(rule.parameter, [])
        filter_values = filter_values if isinstance(filter_values, list) else [filter_values]
        if filter_values and rule.values is not None:
            names, filter_values = filter_values, []
            for name in names:
                filter_values += rule.values.get(str(name), ())
            if not has_one_of(row, rule, filter_values):
                return False
        elif filter_values and not has_one_of(row, rule, filter_values):
            return False
    for search in listing.searches:
        if search.parameter in arguments:
            searched_values = [follow(row.data, field) for field in search.fields]
            searched_values += [row.hidden_strings[name] for name in search.hidden]
            search_string = arguments[search.parameter].casefold()
            if not any(
                isinstance(searched_value, str) and search_string in searched_value.casefold()
                for searched_value in searched_values
            ):
                return False
    return True


def compare_pages(
    listing: Listing, store: Store, rows: Sequence[IndexedRow], arguments: dict[str, Any]
) -> None:
    """Check that the store returns the same page as the direct implementation."""
    operation = attrs.evolve(OPERATION, listing=listing)
    page = find_page(operation, store, arguments, HttpRequest("GET", "/rows"))
    selected_page = {"rows": [json.loads(row) for row in page.rows], "total": page.total}
    metadata = page.build_metadata()
    selected_page |= {name: metadata[name] for name in ("more", "page", "previous")}
    assert selected_page == select_page_naively(listing, rows, arguments)


def get_operation(spec: Spec) -> Operation:
    operation = spec.operations[0]
    return attrs.evolve(operation, parameters=())


OPERATION = get_operation(SPECS["bookshop"])


@given(st.data())
@settings(max_examples=count_examples(400), deadline=None)
def test_the_store_returns_the_page_of_a_sorted_list(data: st.DataObject) -> None:
    """For any listing, rows and arguments, the store
    returns the expected rows, order and metadata.
    """
    listing = data.draw(draw_listings())
    values = st.sampled_from(data.draw(st.lists(VALUES, min_size=1, max_size=4)))
    if data.draw(st.booleans()):
        values = st.sampled_from([*TIMES, None])
    rows = index_rows(data.draw(st.lists(draw_row_data(values), max_size=12)))
    store = Store(Database(), "shop", {OPERATION.id: listing})
    store.fill("", {OPERATION.id: rows})
    for _ in range(3):
        arguments = data.draw(st.composite(lambda draw: draw_arguments(draw, listing, values))())
        compare_pages(listing, store, rows, arguments)


@given(st.data())
@settings(max_examples=count_examples(150), deadline=None)
def test_pages_are_correct_after_each_insert_update_and_delete(data: st.DataObject) -> None:
    """After each insert, update and delete the store
    returns the expected page, and ends up empty.
    """
    listing = data.draw(draw_listings())
    values = st.sampled_from([*TIMES, None, *data.draw(st.lists(VALUES, max_size=3))])
    store = Store(Database(), "shop", {OPERATION.id: listing})
    store.fill("", {})
    rows: dict[str, IndexedRow] = {}
    for _ in range(data.draw(st.integers(1, 8))):
        (row,) = index_rows([data.draw(draw_row_data(values))])
        row_id = str(data.draw(st.integers(0, 3)))
        row = IndexedRow(row_id, {**row.data, "id": row_id}, row.hidden_strings)
        if data.draw(st.booleans()):
            store.put(OPERATION.id, row)
            rows[row_id] = row
        else:
            assert store.remove(OPERATION.id, row_id) is (rows.pop(row_id, None) is not None)
        arguments = data.draw(st.composite(lambda draw: draw_arguments(draw, listing, values))())
        compare_pages(listing, store, list(rows.values()), arguments)
    assert {row.id: row.data for row in store.list_rows(OPERATION.id)} == {
        row.id: row.data for row in rows.values()
    }
    for row in rows.values():
        store.remove(OPERATION.id, row.id)
    with store.database.open_read() as connection:
        for table in ("place", "tally", "fact", "entry"):
            query = f"SELECT count(*) FROM {table}"  # noqa: S608
            row_count = connection.execute(query).fetchone()[0]
            assert row_count == 0, table


@given(st.data())
@settings(max_examples=count_examples(80), deadline=None)
def test_cached_counts_stay_correct_after_writes(data: st.DataObject) -> None:
    """Cached counts stay right after writes, rollbacks, and writes of another connection."""
    listing = data.draw(draw_listings())
    values = st.sampled_from(["a", "A", "Straße", 1, None])
    questions = [
        data.draw(st.composite(lambda draw: draw_arguments(draw, listing, values))())
        for _ in range(3)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.db" if data.draw(st.booleans()) else None
        bases = [Database(path) for _ in range(2 if path else 1)]
        stores = [Store(base, "shop", {OPERATION.id: listing}) for base in bases]
        stores[0].fill("", {})
        rows: dict[str, IndexedRow] = {}
        for _ in range(data.draw(st.integers(1, 6))):
            change(data, data.draw(st.sampled_from(stores)), rows, values, questions)
            for store in stores:
                for question in questions:
                    compare_pages(listing, store, list(rows.values()), question)
                    compare_pages(listing, store, list(rows.values()), question)
        for base in bases:
            base.close()


def change(
    data: st.DataObject,
    store: Store,
    rows: dict[str, IndexedRow],
    values: st.SearchStrategy[Any],
    questions: Sequence[dict[str, Any]],
) -> None:
    """Apply a random write to the store and to the expected rows."""
    kind = data.draw(st.sampled_from(["put", "remove", "fill", "undone", "no row"]))
    row_id = data.draw(st.sampled_from(["0-0", "7-1", "4-2"]))
    (row,) = index_rows([data.draw(draw_row_data(values))])
    row = IndexedRow(row_id, {**row.data, "id": row_id}, row.hidden_strings)
    if kind == "put":
        store.put(OPERATION.id, row)
        rows[row_id] = row
    elif kind == "remove":
        store.remove(OPERATION.id, row_id)
        rows.pop(row_id, None)
    elif kind == "fill":
        store.fill("", {OPERATION.id: [row]})
        rows.clear()
        rows[row_id] = row
    elif kind == "undone":
        with pytest.raises(ZeroDivisionError):
            undo_change(store, row, rows, questions)
    else:
        store.restore(1, [])


def undo_change(
    store: Store,
    row: IndexedRow,
    rows: Mapping[str, IndexedRow],
    questions: Sequence[dict[str, Any]],
) -> None:
    """Query the store within a transaction that is rolled back."""
    listing = store.indexes[OPERATION.id].listing
    with store.open_write():
        store.put(OPERATION.id, row)
        for question in questions:
            compare_pages(listing, store, list({**rows, row.id: row}.values()), question)
        raise ZeroDivisionError


@given(VALUES, VALUES)
@settings(max_examples=count_examples(1000))
def test_only_equal_values_have_the_same_key(first: Any, second: Any) -> None:
    """Equality keys follow Python: 1, 1.0 and true are equal, "1" is not."""
    assert (encode_equality(first) == encode_equality(second)) is (first == second)


@given(NUMBERS | st.floats(allow_nan=False) | st.integers(), NUMBERS | st.floats(allow_nan=False))
@settings(max_examples=count_examples(1000))
def test_numbers_of_any_size_are_in_order(first: float, second: float) -> None:
    """Numbers of any size are ordered exactly, in both directions, with ties broken by ID."""
    for is_descending in (False, True):
        keys = [
            order_key(v, i, times=False, descending=is_descending)
            for v, i in ((first, 1), (second, 2))
        ]
        assert (keys[0] < keys[1]) is (first == second or (first > second) is is_descending)


def test_a_nested_list_as_sort_falls_back_to_the_default_order() -> None:
    """A nested list as sort argument falls back to the default order."""
    listing = Listing(
        items="",
        id="/id",
        page=OffsetStyle(parameter="page", first=0),
        size=Size(fixed=3),
        order=Order(fields={"size": "/size"}, by="by"),
    )
    operation = attrs.evolve(OPERATION, listing=listing)
    store = Store(Database(), "shop", {OPERATION.id: listing})
    store.fill("", {OPERATION.id: index_rows([{"size": 2}, {"size": 1}])})
    page = find_page(operation, store, {"by": [["size"]]}, HttpRequest("GET", "/rows"))
    assert [json.loads(row)["size"] for row in page.rows] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ({"tag": "a"}, ["0", "1"]),
        ({"tag": ["a", "b"]}, ["0", "1", "2"]),
        ({"tag": "a", "with": "b"}, ["1"]),
        ({"tag": "b", "kind": "x"}, ["1"]),
        ({"tag": "b", "q": "Two"}, ["2"]),
        ({"tag": "c"}, []),
    ],
    ids=["one", "either", "both", "two fields", "search", "none"],
)
def test_a_filter_by_a_list_returns_the_rows_whose_list_has_the_value(
    arguments: dict[str, Any], ids: list[str]
) -> None:
    """A row whose field is a list matches if one of its items does, once, also in the total."""
    listing = Listing(
        items="",
        id="/id",
        page=OffsetStyle(parameter="page", first=0),
        size=Size("limit"),
        filters=(Filter("tag", "/tags"), Filter("with", "/tags"), Filter("kind", "/kind")),
        searches=(Search("q", ("/title",)),),
    )
    rows = [
        {"id": "0", "tags": ["a", "a"], "kind": "x", "title": "one"},
        {"id": "1", "tags": ["a", "b"], "kind": "x", "title": "one"},
        {"id": "2", "tags": ["b"], "kind": "y", "title": "two"},
        {"id": "3", "tags": [], "kind": "x", "title": "two"},
    ]
    store = Store(Database(), "shop", {OPERATION.id: listing})
    store.fill("", {OPERATION.id: [IndexedRow(row["id"], row) for row in rows]})
    operation = attrs.evolve(OPERATION, listing=listing)
    page = find_page(operation, store, arguments, HttpRequest("GET", "/rows"))
    assert ([json.loads(row)["id"] for row in page.rows], page.total) == (ids, len(ids))
