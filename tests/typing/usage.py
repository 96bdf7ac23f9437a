"""Type-checked examples of all five operations, sync and async; never run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal, assert_type
from uuid import UUID

from revox_client import AsyncRevox, Revox, models as revox_models
from roark_client import AsyncRoark, Roark, errors, models as roark_models
from zudu_client import AsyncZudu, Zudu, models as zudu_models

STARTED_AT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def check_roark() -> None:
    with Roark(bearer_token="token", timeout=10.0) as client:
        calls = client.call.list(limit=10, status="ENDED", sort_by="duration", sort_direction="asc")
        assert_type(calls, roark_models.CallListResponse)
        assert_type(calls.data, Sequence[roark_models.Call])
        assert_type(calls.pagination.total, int)
        for listed_call in calls:
            assert_type(listed_call, roark_models.Call)
        for page in calls.pages():
            assert_type(page, roark_models.CallListResponse)
        for call in calls.data:
            assert_type(call.id, UUID)
            assert_type(call.started_at, datetime.datetime)
            assert_type(call.ended_at, datetime.datetime | None)
            assert_type(call.status, Literal["RINGING", "IN_PROGRESS", "ENDED"] | None)
            assert_type(call.properties, Mapping[str, Any] | None)
            for agent in call.agents or ():
                if agent.endpoint is not None:
                    assert_type(agent.endpoint.phone_number_e164, str | None)
        response = client.call.create(
            recording_url="https://example.com/a.wav",
            started_at=STARTED_AT,
            interface_type="PHONE",
            call_direction="INBOUND",
            agent={"name": "Ada", "prompt": {"resolvedPrompt": "Be kind."}},
            transcript=[{"role": "AGENT", "text": "Hello"}],
        )
        assert_type(response.data.id, UUID)
        job = client.call_analysis.create(
            recording_url="https://example.com/a.wav",
            started_at=STARTED_AT,
            interface_type="WEB",
            call_direction="OUTBOUND",
            participants=[{"role": "AGENT"}, roark_models.ParticipantRequest(role="AGENT")],
        )
        assert_type(job.data.call.participants, Sequence[roark_models.Participant])
    try:
        Roark().call.list(after=calls.data[-1].id)
    except errors.TooManyRequests as error:
        assert_type(error.status, int)


def check_revox() -> None:
    client = Revox(api_key="key", base_url="http://127.0.0.1:8080/revox")
    calls = client.call.list(page=1, page_size=1, statuses=["completed", "errored"])
    assert_type(calls.calls, Sequence[revox_models.Call])
    for call in calls.calls:
        assert_type(call.phone_number, str)
        for turn in call.transcript or ():
            assert_type(turn.content, str)
    client.close()


def check_zudu() -> None:
    with Zudu(api_key="sk_…", api_secret="s3cr3t_…") as client:
        calls = client.call.list()
        assert_type(calls, zudu_models.CallListResponse)
        for listed_call in calls:
            assert_type(listed_call, zudu_models.Call)
        for call in calls.data.calls or ():
            assert_type(call.start_timestamp, int | None)


async def check_async_client() -> None:
    async with AsyncRoark() as roark_client, AsyncRevox() as revox_client, AsyncZudu() as zudu_:
        assert_type(await roark_client.call.list(), roark_models.CallListResponse)
        async for call in await roark_client.call.list(limit=100):
            assert_type(call.started_at, datetime.datetime)
        response = await roark_client.call.create(
            recording_url="https://example.com/a.wav",
            started_at=STARTED_AT,
            interface_type="PHONE",
            call_direction="INBOUND",
        )
        assert_type(response, roark_models.CallCreateResponse)
        job = await roark_client.call_analysis.create(
            recording_url="https://example.com/a.wav",
            started_at=STARTED_AT,
            interface_type="PHONE",
            call_direction="INBOUND",
            participants=[roark_models.ParticipantRequest(role="AGENT")] * 2,
        )
        assert_type(job, roark_models.CallAnalysisCreateResponse)
        assert_type(
            await revox_client.call.list(page=1, page_size=20), revox_models.CallListResponse
        )
        assert_type(await zudu_.call.list(), zudu_models.CallListResponse)
