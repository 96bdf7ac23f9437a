"""A type-checked example of the mock in a test; never run."""

from __future__ import annotations

from typing import Any, assert_type

import httpx
from roark_client import AsyncRoark, Roark

from driftline.testing import DriftlineMock, Received


async def use_mock_in_test(driftline_mock: DriftlineMock) -> None:
    assert_type(driftline_mock.client(Roark), Roark)
    assert_type(driftline_mock["roark"].client(AsyncRoark, retries=0), AsyncRoark)
    assert_type(driftline_mock.received_once("call.create"), Received)
    assert_type(driftline_mock.received[0].query, dict[str, str | list[str]])
    assert_type(driftline_mock.put("call.list", title="Hello"), dict[str, Any])
    with driftline_mock.fault("roark/call.list: 429 next=1"):
        httpx.Client(transport=driftline_mock.transport)
    httpx.AsyncClient(transport=driftline_mock.transport, base_url=driftline_mock.url)
