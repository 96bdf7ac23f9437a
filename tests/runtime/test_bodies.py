"""Request bodies: passed as a model or field by field, and validated before they are sent."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import httpx
import pytest
from roark_client import errors, models

from driftline.runtime import ABSENT
from runtime.transports import Recorder, async_roark, build_roark

FIELDS: dict[str, Any] = {
    "recording_url": "https://example.com/ü.wav",
    "started_at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    "interface_type": "PHONE",
    "call_direction": "INBOUND",
    "participants": [models.ParticipantRequest(role="AGENT"), models.ParticipantRequest()],
}
REQUIRED_FIELDS = {
    "recording_url": "recordingUrl",
    "started_at": "startedAt",
    "interface_type": "interfaceType",
    "call_direction": "callDirection",
    "participants": "participants",
}
UNAUTHORIZED = httpx.Response(401, json={"message": "no"})


def test_a_model_is_sent_like_its_fields() -> None:
    """A body passed as a model sends the same bytes,
    headers and URL as one passed field by field.
    """
    for optional_fields in ({}, {"ended_reason": "DONE", "is_test": True}):
        recorder = Recorder(UNAUTHORIZED)
        client = build_roark(recorder)
        with pytest.raises(errors.Unauthorized):
            client.call_analysis.create(**FIELDS, **optional_fields)
        body = models.CallAnalysisCreateRequest(**FIELDS, **optional_fields)
        with pytest.raises(errors.Unauthorized):
            client.request("callAnalysis.create", body=body)
        first, second = recorder.requests
        assert first.content == second.content
        assert first.headers == second.headers
        assert first.url == second.url


def test_the_async_client_accepts_models_and_fields() -> None:
    """The async client sends the same bytes for a model and for fields."""
    recorder = Recorder(UNAUTHORIZED)

    async def run() -> None:
        async with async_roark(recorder) as client:
            with pytest.raises(errors.Unauthorized):
                await client.call_analysis.create(**FIELDS)
            body = models.CallAnalysisCreateRequest(**FIELDS)
            with pytest.raises(errors.Unauthorized):
                await client.request("callAnalysis.create", body=body)

    asyncio.run(run())
    assert recorder.requests[0].content == recorder.requests[1].content


@pytest.mark.parametrize("name", REQUIRED_FIELDS)
def test_a_missing_required_field_is_rejected_by_its_name(name: str) -> None:
    """The client names the missing required field, and only that one, and sends nothing."""
    recorder = Recorder(UNAUTHORIZED)
    create: Any = build_roark(recorder).call_analysis.create
    with pytest.raises(TypeError, match=f"argument: '{name}'$"):
        create(**{key: value for key, value in FIELDS.items() if key != name})
    with pytest.raises(errors.ArgumentError) as caught:
        create(**{**FIELDS, name: ABSENT})
    assert str(caught.value) == f"callAnalysis.create: the body needs {REQUIRED_FIELDS[name]}"
    assert recorder.requests == []


@pytest.mark.parametrize("value", [float("nan"), object(), {"a": object()}])
def test_a_body_that_is_not_json_is_rejected(value: Any) -> None:
    """A body that is not valid JSON raises `ArgumentError` before anything is sent."""
    recorder = Recorder(UNAUTHORIZED)
    with pytest.raises(errors.ArgumentError):
        build_roark(recorder).request("call.create", body={"recordingUrl": value})
    assert recorder.requests == []
