"""Strict clients, which raise on drift, and errors typed by the document."""

from __future__ import annotations

import asyncio
import datetime
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from roark_client import errors, models

from driftline.runtime import errors as base, read_json
from driftline.runtime.telemetry.drift import DecodingContext, DriftEvent
from runtime.transports import PAGE, Recorder, async_roark, build_roark

ID = "550e8400-e29b-41d4-a716-446655440000"
CALL: dict[str, Any] = {
    "id": ID,
    "projectId": ID,
    "callDirection": "INBOUND",
    "startedAt": "2024-01-15T10:00:00Z",
}
ODD_PAGE = {**PAGE, "data": [{**CALL, "status": "PARKED", "title": None}, {**CALL, "zz": 1}]}
KINDS = [
    ("/data/0/status", "enum.undocumented"),
    ("/data/0/title", "field.null"),
    ("/data/1/zz", "field.undocumented"),
]


def record_odd_page() -> Recorder:
    return Recorder(httpx.Response(200, json=ODD_PAGE, headers={"X-Request-ID": "req_9"}))


def test_a_strict_client_raises_every_event_in_one_error() -> None:
    """`DriftError` has every event in order, the status
    and the request ID, and is a `DecodingError`.
    """
    with pytest.raises(errors.DriftError) as caught:
        build_roark(record_odd_page(), strict=True).call.list()
    assert [(event.pointer, event.kind) for event in caught.value.events] == KINDS
    assert (caught.value.status, caught.value.request_id) == (200, "req_9")
    assert isinstance(caught.value, base.DecodingError)
    assert "enum.undocumented at call.list /data/0/status" in str(caught.value)
    assert "and 2 more" in str(caught.value)


def test_drift_error_shows_no_value_of_the_response() -> None:
    """The error has the location and kind of the drift, but no value of the response."""
    secret_value = "my number is 555-0100"
    reply = httpx.Response(200, json={**PAGE, "data": [{**CALL, "startedAt": secret_value}]})
    with pytest.raises(errors.DriftError) as caught:
        build_roark(Recorder(reply), strict=True).call.list()
    assert secret_value not in str(caught.value) + repr(caught.value)


def test_a_strict_client_does_not_call_on_drift() -> None:
    """A strict client raises the drift and does not call `on_drift`."""
    events: list[DriftEvent] = []
    client = build_roark(record_odd_page(), strict=True, on_drift=events.append)
    with pytest.raises(errors.DriftError):
        client.call.list()
    assert events == []
    client.with_options(strict=False).call.list()
    assert [(event.pointer, event.kind) for event in events] == KINDS


def test_a_strict_client_accepts_a_documented_response() -> None:
    """A strict client accepts a documented response, and a lenient one accepts any."""
    fine = Recorder(httpx.Response(200, json={**PAGE, "data": [CALL]}))
    assert build_roark(fine, strict=True).call.list().data[0].id == UUID(ID)
    assert len(build_roark(record_odd_page()).call.list().data) == 2


def test_a_strict_async_client_raises_the_same_events() -> None:
    """A strict async client raises the same events."""

    async def run() -> None:
        async with async_roark(record_odd_page(), strict=True) as client:
            with pytest.raises(errors.DriftError) as caught:
                await client.call.list()
            assert [(event.pointer, event.kind) for event in caught.value.events] == KINDS

    asyncio.run(run())


def test_drift_of_a_page_is_raised_when_it_is_reached() -> None:
    """A strict client iterates until it reaches the page with drift."""
    pagination = {"total": 3, "hasMore": True, "nextCursor": ID}
    first = httpx.Response(200, json={"data": [CALL], "pagination": pagination})
    client = build_roark(Recorder(first, httpx.Response(200, json=ODD_PAGE)), strict=True)
    rows = iter(client.call.list())
    assert next(rows).id == UUID(ID)
    with pytest.raises(errors.DriftError):
        next(rows)


def test_read_json_decodes_any_type_hint() -> None:
    """`read_json` decodes models, sequences and plain
    types, and reports drift to the given listener.
    """
    page = read_json(models.CallListResponse, json.dumps(PAGE).encode())
    assert page == models.CallListResponse.from_dict(PAGE)
    calls = read_json(Sequence[models.Call], json.dumps([CALL]).encode())
    assert calls[0].id == UUID(ID)
    assert read_json(datetime.datetime, b'"2024-01-15T10:00:00Z"').tzinfo == datetime.UTC
    assert read_json(int, b"5") == 5
    events: list[DriftEvent] = []
    read_json(models.Error, b'{"zz": 1}', DecodingContext("mine", events.append))
    drifts = {(event.operation, event.pointer, event.kind) for event in events}
    assert drifts == {
        ("mine", "/zz", "field.undocumented"),
        ("mine", "/message", "field.missing"),
    }
    with pytest.raises(ValueError, match=r"."):
        read_json(models.Error, b"<html>")


def catch_error(status: int, **content: Any) -> errors.StatusError:
    """Return the error that a client raises for a response."""
    with pytest.raises(errors.StatusError) as caught:
        build_roark(Recorder(httpx.Response(status, **content)), retries=0).call.list()
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "parent"),
    [
        (400, errors.BadRequest, base.BadRequest),
        (401, errors.Unauthorized, base.Unauthorized),
        (409, errors.Conflict, base.Conflict),
        (415, errors.UnsupportedMediaType, base.ClientError),
        (429, errors.TooManyRequests, base.TooManyRequests),
    ],
)
def test_a_documented_error_has_a_class_of_the_package(
    status: int, kind: Any, parent: type[base.StatusError]
) -> None:
    """A documented error has a class of the package that derives from the runtime's class."""
    error = catch_error(status, json={"message": "wrong"})
    assert type(error) is kind
    assert isinstance(error, parent)
    assert issubclass(kind, base.StatusError)


def test_a_documented_error_is_typed() -> None:
    """`.error` is the model, and `.message` the message field that the document names."""
    error = catch_error(401, json={"message": "no such token"})
    assert isinstance(error, errors.Unauthorized)
    assert error.error == models.Error(message="no such token")
    assert error.body == error.error
    assert error.message == "no such token"
    assert str(error) == "call.list: response status 401 Unauthorized: no such token"


@pytest.mark.parametrize(
    "content",
    [{"html": "<h1>Down</h1>"}, {"content": b""}, {"json": ["x"]}, {"content": b"\xff"}],
)
def test_an_undocumented_error_body_raises_the_status_class(
    content: dict[str, Any],
) -> None:
    """An undocumented error body raises the class of the status, without a model or message."""
    error = catch_error(401, **content)
    assert isinstance(error, errors.Unauthorized)
    assert error.error is None
    assert error.message is None
    assert "401" in str(error)


@pytest.mark.parametrize("body", [{}, {"message": 5}, {"message": None}])
def test_an_error_without_its_message_keeps_its_model(body: dict[str, Any]) -> None:
    """The model keeps the fields that exist; a message that is not a string is `None`."""
    error = catch_error(401, json=body)
    assert isinstance(error, errors.Unauthorized)
    assert error.error is not None
    assert error.error.to_dict() == body
    assert error.message is None


def test_an_undocumented_status_has_the_class_of_the_runtime() -> None:
    """An undocumented status raises the runtime's class with the JSON body and no message."""
    error = catch_error(404, json={"message": "gone"})
    assert type(error) is base.NotFound
    assert (error.body, error.message) == ({"message": "gone"}, None)
    assert "gone" in str(error)


def test_drift_in_an_error_does_not_replace_the_status_error() -> None:
    """Drift in the body of an error does not replace the status error."""
    client = build_roark(Recorder(httpx.Response(401, json={"zz": 1})), strict=True)
    with pytest.raises(errors.Unauthorized):
        client.call.list()
