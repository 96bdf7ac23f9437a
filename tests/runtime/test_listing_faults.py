"""Listings with failing pages: every row once and in order, or an error after some of them."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import attrs
import httpx
import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings, strategies as st
from roark_client import errors

from driftline.runtime import (
    Endpoint,
    ListingModel,
    NumberPaging,
    OffsetPaging,
    Retries,
    WireParameter,
    required,
)
from runtime.faults import (
    KINDS,
    Answering,
    Kind,
    Reply,
    Server,
    build_json_reply,
    draw_failures,
    list_calls,
)

for_both_kinds = pytest.mark.parametrize("kind", KINDS, ids=["sync", "async"])
seldom = settings(
    max_examples=count_examples(120),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def build_row(number: int) -> dict[str, Any]:
    return {
        "id": f"550e8400-e29b-41d4-a716-{number:012}",
        "projectId": "550e8400-e29b-41d4-a716-446655440000",
        "callDirection": "INBOUND",
        "startedAt": "2024-01-15T10:00:00Z",
    }


def build_page(rows: list[dict[str, Any]], cursor: Any, has_more: bool = True) -> Any:
    return {"data": rows, "pagination": {"total": 9, "hasMore": has_more, "nextCursor": cursor}}


def serve_pages(total: int, size: int = 2) -> Answering:
    """Serve a listing with `total` rows; the cursor is the number of the last row served."""

    def respond(request: httpx.Request) -> Reply:
        start = int(request.url.params.get("after", "-1")) + 1
        end = min(start + size, total)
        rows = [build_row(number) for number in range(start, end)]
        return build_json_reply(build_page(rows, str(end - 1), has_more=end < total))

    return respond


def interleave_faults(pages: Answering, replies: list[Reply | None]) -> Answering:
    """Return a server that sends the next of these replies, or a page if the reply is `None`."""
    waiting = iter(replies)

    def respond(request: httpx.Request) -> Reply:
        return next(waiting, None) or pages(request)

    return respond


def measure_longest_run(replies: list[Reply | None]) -> int:
    longest = current = 0
    for reply in replies:
        current = current + 1 if reply else 0
        longest = max(longest, current)
    return longest


LOSSES = draw_failures().filter(lambda reply: reply.status != 401 and reply.takes < 60)
FAULTY_REPLIES = st.lists(
    LOSSES.filter(lambda r: r.error or r.status != 200) | st.none(), max_size=12
)


@for_both_kinds
@seldom
@given(total=st.integers(0, 11), replies=FAULTY_REPLIES, attempts=st.integers(1, 4))
def test_failed_pages_skip_and_repeat_no_row(
    kind: Kind, total: int, replies: list[Reply | None], attempts: int
) -> None:
    """A page that fails is requested again; no row is skipped or repeated."""
    server = Server(interleave_faults(serve_pages(total), replies))
    all_rows = [build_row(number) for number in range(total)]
    received_rows: list[Any] = []
    try:
        kind.rows(
            server,
            received_rows,
            list_calls,
            retries=Retries(attempts=attempts, clock=server.clock),
        )
    except (errors.TransportError, errors.StatusError):
        assert measure_longest_run(replies) >= attempts
        assert [call.to_dict() for call in received_rows] == all_rows[: len(received_rows)]
        assert len(received_rows) % 2 == 0
    else:
        assert [call.to_dict() for call in received_rows] == all_rows
    after = [int(request.url.params.get("after", "-1")) for request in server.requests]
    assert all(later - earlier in {0, 2} for earlier, later in pairwise(after))


@for_both_kinds
@seldom
@given(cursors=st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), replies=FAULTY_REPLIES)
def test_a_cursor_cycle_raises_paging_error(
    kind: Kind, cursors: list[str], replies: list[Reply | None]
) -> None:
    """A cursor cycle raises `PagingError` after every
    page was read once, despite failed requests.
    """
    served_rows: list[Any] = []

    def respond_in_circle(request: httpx.Request) -> Reply:
        cursor = cursors[len(served_rows) % len(cursors)]
        served_rows.append(build_row(len(served_rows)))
        return build_json_reply(build_page(served_rows[-1:], cursor))

    server = Server(interleave_faults(respond_in_circle, replies))
    received_rows: list[Any] = []
    with pytest.raises(errors.ApiError) as caught:
        kind.rows(server, received_rows, list_calls)
    assert [call.to_dict() for call in received_rows] == served_rows
    if measure_longest_run(replies) < 3:
        assert isinstance(caught.value, errors.PagingError)
        assert len(served_rows) == next(
            n for n in range(2, 9) if cursors[(n - 1) % len(cursors)] in (cursors * 9)[: n - 1]
        )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@for_both_kinds
@seldom
@given(cursors=st.lists(JSON, min_size=1, max_size=3))
def test_a_cursor_may_be_anything(kind: Kind, cursors: list[Any]) -> None:
    """A cursor of any JSON type ends the iteration normally or with an `ApiError`."""
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> Reply:
        requests.append(request)
        return build_json_reply(
            build_page([build_row(0)], cursors[(len(requests) - 1) % len(cursors)])
        )

    received_rows: list[Any] = []
    with suppress(errors.PagingError, errors.ArgumentError):
        kind.rows(Server(respond), received_rows, list_calls)
    assert len(received_rows) == len(requests) <= len(cursors) + 1


@attrs.frozen(kw_only=True, repr=False)
class NumberedListing(ListingModel[Any]):
    """A page of a listing by page number or offset, as in generated code."""

    rows: list[Any] = attrs.field(metadata=required("rows"))


def build_endpoint(style: type[NumberPaging | OffsetPaging]) -> Endpoint:
    listing = style("/rows", "/id", parameter="page", size="size", total="/total")
    return Endpoint(
        "n.list",
        "GET",
        "/n",
        parameters=(WireParameter("page", "query"), WireParameter("size", "query")),
        listing=attrs.evolve(listing, more="/more"),
        responses={"200": lambda: NumberedListing},
    )


@for_both_kinds
@seldom
@given(
    operation=st.sampled_from([build_endpoint(NumberPaging), build_endpoint(OffsetPaging)]),
    page=st.fixed_dictionaries({"rows": st.lists(JSON, min_size=1, max_size=3) | JSON}).flatmap(
        lambda page: st.fixed_dictionaries({}, optional={"total": JSON, "more": JSON}).map(
            lambda fields: page | fields
        )
    ),
    size=st.sampled_from([None, 1, 2]),
)
def test_invalid_page_counts_end_the_iteration(
    kind: Kind, operation: Endpoint, page: Any, size: int | None
) -> None:
    """With totals, rows and `more` of any type, the
    iteration never exceeds the pages of the server.
    """
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> Reply:
        requests.append(request)
        return build_json_reply(page if len(requests) < 10 else {**page, "rows": [], "more": False})

    received_rows: list[Any] = []
    arguments = {"page": 1, "size": size}
    with suppress(errors.PagingError):
        kind.rows(
            Server(respond), received_rows, lambda c: c.request(operation, arguments=arguments)
        )
    rows = page["rows"] if isinstance(page["rows"], list) else []
    assert len(requests) <= 10
    assert len(received_rows) <= 9 * len(rows)
