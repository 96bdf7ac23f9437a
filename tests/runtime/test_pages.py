"""Pagination: pages are requested lazily, once each, and not past the end."""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, strategies as st
from revox_client import Revox
from roark_client import AsyncRoark, Roark, errors, models
from zudu_client import Zudu

from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport
from driftline.openapi import load
from driftline.runtime import Endpoint, ListingModel, OffsetPaging, required
from driftline.runtime.paging.pages import FollowingPage, Origin, remember

SPECS = Path(__file__).parents[2] / "specs"


@pytest.fixture
def mock() -> Mock:
    return Mock(load(SPECS / "roark.yaml"))


def open_client(mock: Mock, requests: list[HttpRequest]) -> Roark:
    def handle(request: HttpRequest) -> HttpResponse:
        requests.append(request)
        return mock.handle(request)

    token = mock.credentials["bearerToken"]
    return Roark(bearer_token=token, transport=MockTransport(handle))


def test_iterating_a_listing_walks_all_pages_lazily(mock: Mock) -> None:
    """Iteration yields each row once and in order,
    requests each page on demand, and keeps the filter.
    """
    requests: list[HttpRequest] = []
    with open_client(mock, requests) as roark:
        calls = roark.call.list(limit=30, status="ENDED")
        assert len(requests) == 1
        rows = iter(calls)
        first = [next(rows) for _ in range(30)]
        assert (first, len(requests)) == (list(calls.data), 1)
        ids = [call.id for call in (*first, *rows)]
    assert len(ids) == len(set(ids)) == calls.pagination.total
    assert len(requests) == -(-calls.pagination.total // 30)
    assert all("status=ENDED" in request.query for request in requests)


def test_pages_are_typed_and_start_at_any_cursor(mock: Mock) -> None:
    """`pages()` yields typed pages, and iteration can start at a cursor."""
    with open_client(mock, []) as roark:
        pages = list(roark.call.list(limit=100).pages())
        assert [len(page.data) for page in pages] == [100, 100, 50]
        cursor = pages[0].data[-1].id
        remaining_ids = [call.id for call in roark.call.list(limit=100, after=cursor)]
    assert remaining_ids == [call.id for page in pages[1:] for call in page.data]


def test_async_for_yields_the_same_rows(mock: Mock) -> None:
    """`async for` yields the same rows; a plain `for` raises an error that suggests `async for`."""

    async def run() -> tuple[list[Any], list[int]]:
        token = mock.credentials["bearerToken"]
        async with AsyncRoark(bearer_token=token, transport=MockTransport(mock.handle)) as roark:
            calls = await roark.call.list(limit=100)
            with pytest.raises(TypeError, match="async for"):
                list(calls)
            sizes = [len(page.data) async for page in calls.async_pages()]
            return [call.id async for call in calls], sizes

    ids, sizes = asyncio.run(run())
    with open_client(mock, []) as roark:
        assert ids == [call.id for call in roark.call.list(limit=100)]
    assert sizes == [100, 100, 50]


def test_page_numbers_and_single_pages_end() -> None:
    """Numbered pages end at an empty or the last
    page; a listing without pagination has one page.
    """
    revox, zudu = (Mock(load(SPECS / f"{name}.yaml")) for name in ("revox", "zudu"))
    key = revox.credentials["apiKey"]
    with Revox(api_key=key, transport=MockTransport(revox.handle)) as revox_client:
        for size in (50, 60, 300):
            assert len({call.id for call in revox_client.call.list(page=1, page_size=size)}) == 250
        assert len(list(revox_client.call.list(page=5, page_size=60))) == 10
    transport = MockTransport(zudu.handle)
    secrets = {"api_key": zudu.credentials["apiKey"], "api_secret": zudu.credentials["apiSecret"]}
    with Zudu(transport=transport, **secrets) as zudu_client:
        assert len(list(zudu_client.call.list())) == 20


def build_page(cursor: str | None, has_more: bool = True) -> dict[str, Any]:
    row = {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "projectId": "550e8400-e29b-41d4-a716-446655440000",
        "callDirection": "INBOUND",
        "startedAt": "2024-01-15T10:00:00Z",
    }
    return {"data": [row], "pagination": {"total": 9, "hasMore": has_more, "nextCursor": cursor}}


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=6))
def test_repeated_cursors_are_an_error(cursors: list[str | None]) -> None:
    """A server that repeats cursors ends the iteration,
    at a missing cursor or with `PagingError`.
    """
    cursors_asked: list[str | None] = []

    def respond(request: httpx.Request) -> httpx.Response:
        cursors_asked.append(request.url.params.get("after"))
        return httpx.Response(
            200, json=build_page(cursors[(len(cursors_asked) - 1) % len(cursors)])
        )

    with Roark(bearer_token="t", transport=httpx.MockTransport(respond)) as roark:
        calls = roark.call.list()
        if None in cursors and len(set(cursors[: cursors.index(None)])) == cursors.index(None):
            assert len(list(calls)) == cursors.index(None) + 1
        else:
            with pytest.raises(errors.PagingError, match=r"call\.list"):
                list(calls)
    assert len(cursors_asked) <= len(set(cursors)) + 1


def test_a_page_without_has_more_is_the_last() -> None:
    """The page is the last if `hasMore` is false, whatever the cursor."""
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, json=build_page("a", has_more=False))
    )
    with Roark(bearer_token="t", transport=transport) as roark:
        assert len(list(roark.call.list())) == 1


def test_a_page_is_comparable_and_picklable(mock: Mock) -> None:
    """A page is equal by content and picklable;
    without a client, iterating it raises `TypeError`.
    """
    with open_client(mock, []) as roark:
        calls = roark.call.list(limit=2)
    copied_page = pickle.loads(pickle.dumps(calls))  # noqa: S301 (our own bytes)
    assert copied_page == calls == models.CallListResponse.from_dict(calls.to_dict())
    with pytest.raises(TypeError, match="was not returned by a client"):
        list(copied_page)


@attrs.frozen(kw_only=True, repr=False)
class Numbers(ListingModel[int]):
    """A page of an offset listing, as in generated code."""

    rows: list[int] = attrs.field(metadata=required("rows"))


@given(total=st.integers(0, 40), size=st.integers(1, 9), start=st.integers(0, 45))
def test_offsets_reach_every_row_once(total: int, size: int, start: int) -> None:
    """Offsets reach every row once, from any start and with any page size."""
    listing = OffsetPaging("/rows", "", parameter="offset", size="limit")
    operation = Endpoint("n.list", "GET", "/n", listing=listing)

    def fetch(following_page: FollowingPage) -> Numbers:
        arguments = following_page.arguments
        offset = arguments.get("offset", 0)
        result = Numbers(rows=list(range(total))[offset : offset + size])
        remember(result, Origin(fetch, operation, arguments, asynchronous=False))
        return result

    assert list(fetch(FollowingPage({"offset": start, "limit": size}))) == list(range(start, total))
