"""Clients follow the next page on the same server only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, strategies as st
from runtime.apis import BASE, build_api, build_client

from driftline.link_header import find_link, write_link
from driftline.runtime import (
    CursorPaging,
    Endpoint,
    LastRowPaging,
    LinkHeaderPaging,
    ListingModel,
    NextUrlPaging,
    NumberPaging,
    OffsetPaging,
    WireParameter,
    required,
)
from driftline.runtime.endpoint import Credential
from driftline.runtime.errors import PagingError
from driftline.runtime.paging.styles import Paging

SECRET = "key-of-a-person"
URLS = NextUrlPaging("/rows", "/id", parameter="page", next="/next")


@attrs.frozen(kw_only=True, repr=False)
class Rows(ListingModel[Any]):
    """A page with its rows in an object, like a generated model."""

    rows: list[Any] = attrs.field(metadata=required("rows"))


def build_endpoint(listing: Paging, **options: Any) -> Endpoint:
    responses: Any = {"200": (lambda: Rows) if listing.items else None}
    names = [name for name in (listing.parameter, listing.size) if name]
    return Endpoint(
        *("row.list", "GET", "/rows"),
        parameters=tuple(WireParameter(name, "query") for name in names),
        listing=listing,
        responses=responses,
        **options,
    )


def walk(
    listing: Paging, respond: Callable[[httpx.Request], httpx.Response], **options: Any
) -> tuple[list[Any], list[httpx.Request]]:
    """Return all rows and the requests sent for them."""
    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return respond(request)

    operation = build_endpoint(listing, **options.pop("operation", {}))
    client = build_client(
        build_api(operation, **options), httpx.MockTransport(handle), {"key": SECRET}
    )
    arguments = {listing.size: 2} if listing.size else {}
    return list(client.request(operation, arguments=arguments)), requests


def serve_links(*urls: str) -> Callable[[httpx.Request], httpx.Response]:
    """Return a handler whose pages have these links, one after the other."""
    links = iter(urls)

    def respond(_: httpx.Request) -> httpx.Response:
        url = next(links, None)
        headers = {} if url is None else {"Link": f'<{url}>; rel="prev next"'}
        return httpx.Response(200, json=[{"id": str(url)}], headers=headers)

    return respond


LINKS = LinkHeaderPaging("", "/id", parameter="page")


def test_a_relative_url_is_followed() -> None:
    """A relative URL is resolved against the request's URL, and its query is sent unchanged."""
    rows, requests = walk(
        LINKS, serve_links("?page=2&mark=%2B", f"{BASE}/rows?page=3", "/v1/rows?page=4")
    )
    assert len(rows) == 4
    assert [str(request.url) for request in requests[1:]] == [
        f"{BASE}/rows?page=2&mark=%2B",
        f"{BASE}/rows?page=3",
        "https://api.example.com/v1/rows?page=4",
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.com/v1/rows?page=2",
        "http://api.example.com/v1/rows?page=2",
        "https://api.example.com:8443/v1/rows?page=2",
        "//elsewhere.example.com/rows",
        "https://api.example.com@elsewhere.example.com/rows",
        "https://user:word@api.example.com/v1/rows?page=2",
        "https://api.example.com.:443/v1/rows",
    ],
)
def test_another_server_gets_nothing(url: str) -> None:
    """A next URL with another host, scheme, port or user is a PagingError."""
    with pytest.raises(PagingError, match="is on another server"):
        walk(LINKS, serve_links(url))


def test_a_repeated_next_url_is_an_error() -> None:
    """A next URL that is returned again is a PagingError."""
    with pytest.raises(PagingError, match="was returned before"):
        walk(LINKS, serve_links(*[f"{BASE}/rows?page=2"] * 5))


def test_a_key_in_the_query_is_sent_once_and_never_shown() -> None:
    """A key in a next URL is not sent twice, and an error does not contain it."""
    key = Credential("key", "key", "query", "api_key")
    options = {"credentials": (key,), "operation": {"security": (("key",),)}}
    urls = [f"{BASE}/rows?api_key={SECRET}&page=2", f"{BASE}/rows?page=3"]
    _, requests = walk(LINKS, serve_links(*urls), **options)
    assert [request.url.params.get_list("api_key") for request in requests] == [[SECRET]] * 3
    with pytest.raises(PagingError) as caught:
        walk(LINKS, serve_links(f"https://elsewhere.example.com/?api_key={SECRET}"), **options)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("wrong_url", [7, True, {"href": "x"}, ["x"], "https://[", "\x00"])
def test_an_invalid_next_url_is_reported(wrong_url: Any) -> None:
    """A next URL that is not a valid URL string is a PagingError."""
    with pytest.raises(PagingError):
        walk(URLS, lambda _: httpx.Response(200, json={"rows": [{"id": 1}], "next": wrong_url}))


def respond_with_pages(*pages: Any) -> Callable[[httpx.Request], httpx.Response]:
    remaining_pages = iter(pages)
    return lambda _: httpx.Response(200, json=next(remaining_pages))


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (CursorPaging("/rows", "", parameter="c", next="/next", more="/more"), ["", "a", "b"]),
        (NumberPaging("/rows", "", parameter="c", more="/more"), ["", "2", "3"]),
        (NextUrlPaging("/rows", "", parameter="c", next="/url"), ["", "a", "b"]),
        (
            OffsetPaging("/rows", "", parameter="c", more="/more", size="size"),
            ["", "1", "3"],
        ),
    ],
)
def test_an_empty_page_that_announces_more_is_followed(
    listing: Paging, expected: list[str]
) -> None:
    """An empty page that announces more is followed by the next one."""
    rows, requests = walk(
        listing,
        respond_with_pages(
            {"rows": [1], "next": "a", "url": "?c=a", "more": True},
            {"rows": [], "next": "b", "url": "?c=b", "more": True},
            {"rows": [2], "next": "", "url": None, "more": False},
        ),
    )
    assert rows == [1, 2]
    assert [request.url.params.get("c", "") for request in requests] == expected


def test_many_pages_without_rows_are_an_error() -> None:
    """A server that returns many pages without rows is a PagingError."""
    listing = CursorPaging("/rows", "", parameter="c", next="/next", more="/more")
    numbers = iter(range(1000))
    with pytest.raises(PagingError, match="pages without a row"):
        walk(
            listing,
            lambda _: httpx.Response(
                200, json={"rows": [], "next": str(next(numbers)), "more": True}
            ),
        )


def test_the_next_page_is_requested_by_the_last_row() -> None:
    """The next page is requested by the id of the last row, unless the page is the last one."""
    listing = LastRowPaging("/rows", "/id", parameter="after", more="/more")
    rows, requests = walk(
        listing,
        respond_with_pages(
            {"rows": [{"id": 3}, {"id": "x"}], "more": True}, {"rows": [{"id": 9}], "more": False}
        ),
    )
    assert [row["id"] for row in rows] == [3, "x", 9]
    assert [request.url.params.get("after") for request in requests] == [None, "x"]


def test_an_empty_page_without_a_row_to_continue_is_an_error() -> None:
    """An empty page that announces more rows without a row to continue from is a PagingError."""
    listing = LastRowPaging("/rows", "/id", parameter="after", more="/more")
    pages = respond_with_pages({"rows": [{"id": 3}], "more": True}, {"rows": [], "more": True})
    with pytest.raises(PagingError, match="was returned before"):
        walk(listing, pages)


def test_a_total_in_a_header_ends_the_iteration() -> None:
    """A total in a header ends the iteration without another request."""
    listing = NumberPaging(
        "/rows", "/id", parameter="page", size="size", total_header="X-Total-Count"
    )

    def respond(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params.get("page", "1"))
        rows = [{"id": 2 * number}, {"id": 2 * number + 1}]
        return httpx.Response(200, json={"rows": rows}, headers={"x-total-count": "4"})

    requests: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return respond(request)

    operation = build_endpoint(listing)
    client = build_client(build_api(operation), httpx.MockTransport(handle))
    assert len(list(client.request(operation, arguments={"size": 2}))) == 4
    assert len(requests) == 2


@given(
    target=st.text(st.characters(codec="ascii", exclude_characters="<>"), max_size=40),
    before=st.lists(
        st.sampled_from(
            [
                *("<a>; rel=prev", '<b,c>; rel="first last"; title="x, <y>; rel=next"', "junk"),
                *('<d>; title="x; rel=next"', "<e>; rel=prev; rel=next", '<f>; REL = "Prev LAST"'),
            ]
        )
    ),
)
def test_the_next_link_is_found_among_others(target: str, before: list[str]) -> None:
    """The link to the next page is found among other links, commas and brackets in quotes."""
    value = ", ".join([*before, write_link(target, "next"), "<z>; rel=next"])
    assert find_link([("X", "y"), ("LINK", value)], "next") == target.strip()


@given(st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_link_header_is_parsed(value: str) -> None:
    """Any value of the Link header is read quickly and without an exception."""
    assert find_link([("Link", value + "<" * 200)], "next") is None or "next" in value.lower()


@pytest.mark.parametrize("piece", ["<", "<a", '<>"', '<>;"\\', "<a>; ", ";rel=", "< >;x "])
def test_incomplete_links_are_parsed_in_linear_time(piece: str) -> None:
    """A header of 60 kB with many incomplete links is read in linear time."""
    assert find_link([("Link", piece * (60_000 // len(piece)))], "next") is None
    assert find_link([("Link", '<a<b>; rel="next"')], "next") == "b"
