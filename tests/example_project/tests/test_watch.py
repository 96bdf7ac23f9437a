"""Example tests of an application that uses the mock."""

from __future__ import annotations

import datetime
import os

import httpx
import pytest
from callwatch import import_recording, report, report_later
from roark_client import Roark, errors
from zudu_client import Zudu

from driftline.testing import DriftlineMock

NOON = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)


def test_all_pages_are_read(driftline_mock: DriftlineMock) -> None:
    """The program creates its own client, which the environment points to the mock."""
    ended_rows = [row for row in driftline_mock.rows("call.list") if row.get("status") == "ENDED"]
    assert len(ended_rows) > 1
    assert report().calls == len(ended_rows)
    pages = driftline_mock.received_times(-(-len(ended_rows) // 5), "call.list")
    assert pages[0].query == {"limit": "5", "status": "ENDED"}


@pytest.mark.driftline(rows=0)
def test_long_calls_are_named(driftline_mock: DriftlineMock) -> None:
    """The report names long calls, from rows that the test creates."""
    driftline_mock.put("call.list", title="Short", status="ENDED", durationMs=1_000)
    driftline_mock.put("call.list", title="Long", status="ENDED", durationMs=90_000)
    assert report() == (2, ["Long"])


@pytest.mark.anyio
@pytest.mark.driftline(rows=0)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it_works_in_an_event_loop(driftline_mock: DriftlineMock) -> None:
    """The report works with the async client."""
    driftline_mock.put("call.list", title="Long", status="ENDED", durationMs=90_000)
    assert await report_later() == (1, ["Long"])


def test_the_import_sends_the_expected_request(driftline_mock: DriftlineMock) -> None:
    """The import sends the expected request, and the mock rejects a second one."""
    roark = driftline_mock.client(Roark)
    assert import_recording(roark, "https://example.com/a.wav", NOON)
    request = driftline_mock.received_once("call.create")
    assert request.json["externalId"] == "a.wav"
    assert request.headers["Authorization"] == f"Bearer {driftline_mock.credentials['bearerToken']}"
    assert import_recording(roark, "https://example.com/a.wav", NOON) is None


def test_a_busy_server_is_retried_after_its_wait(driftline_mock: DriftlineMock) -> None:
    """The client waits as long as `Retry-After` says and retries."""
    driftline_mock.fault("roark/call.list: 429 retry-after=0 next=1")
    assert report().calls > 0
    first, second = driftline_mock.received[:2]
    assert (first.status, second.status) == (429, 200)


@pytest.mark.driftline(faults="roark/call.list: reset=body")
def test_a_broken_connection_is_reported(driftline_client: Roark) -> None:
    """A fault set by the marker applies to the whole test."""
    with pytest.raises(errors.IncompleteResponse):
        driftline_client.call.list(retries=0)


@pytest.mark.driftline(faults="latency=600s", waits=False)
def test_a_latency_beyond_the_timeout_times_out(driftline_client: Roark) -> None:
    """With `waits=False` a latency of ten minutes passes immediately and the client times out."""
    with pytest.raises(errors.TransportTimeout):
        driftline_client.call.list(retries=0)


def test_a_ringing_call_ends_within_an_hour(driftline_mock: DriftlineMock) -> None:
    """A ringing call has ended an hour later."""
    call = driftline_mock.put("call.list", status="RINGING")
    driftline_mock.step(3600)
    (later,) = (row for row in driftline_mock.rows("call.list") if row["id"] == call["id"])
    assert later["status"] == "ENDED"


@pytest.mark.driftline("roark", "zudu")
def test_several_apis_are_served_on_one_port(driftline_mock: DriftlineMock) -> None:
    """Several APIs are served on one port, each with its client."""
    with Zudu() as zudu:
        assert zudu.call.list()
    driftline_mock.received_once("zudu/call.list")
    assert driftline_mock["roark"].url == os.environ["ROARK_BASE_URL"]


@pytest.mark.driftline(on_unmatched="allow")
def test_an_unmatched_request_is_allowed_by_the_marker() -> None:
    """An unmatched request fails a test unless the marker allows it."""
    assert httpx.get(f"{os.environ['ROARK_BASE_URL']}/v1/nothing").status_code == 404
