"""Models: strict types, lenient decoding, and a lossless round trip."""

from __future__ import annotations

import datetime
import json
import pickle
import sys
from types import ModuleType
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given, strategies as st
from roark_client import models

from driftline.runtime import ABSENT, Model, optional, read_json
from driftline.runtime.decode import fast_decoder
from driftline.runtime.encode.values import encode
from driftline.runtime.errors import ArgumentError
from driftline.runtime.telemetry.drift import DriftEvent

ID = "550e8400-e29b-41d4-a716-446655440000"
CALL: dict[str, Any] = {
    "id": ID,
    "projectId": "660e8400-e29b-41d4-a716-446655440001",
    "callDirection": "INBOUND",
    "startedAt": "2024-01-15T10:00:00Z",
    "title": "Hello",
    "agents": [{"id": "550e8400-e29b-41d4-a716-446655440000"}],
    "properties": {"a": {"b": [1, None]}},
}


def read_call(data: dict[str, Any]) -> tuple[models.Call, list[DriftEvent]]:
    events: list[DriftEvent] = []
    return models.Call.from_dict(data, on_drift=events.append), events


def test_a_documented_response_is_typed_without_drift() -> None:
    """IDs become UUIDs, times become aware datetimes, and no drift is reported."""
    call, events = read_call(CALL)
    assert events == []
    assert call.id == UUID(CALL["id"])
    assert call.started_at == datetime.datetime(2024, 1, 15, 10, tzinfo=datetime.UTC)
    assert call.agents is not None
    assert isinstance(call.agents[0], models.CallAgent)
    assert call.to_dict() == CALL
    assert json.loads(call.to_json()) == CALL


def test_absent_and_null_are_none_and_distinguished_by_is_set() -> None:
    """Both read as `None`; `is_set`, equality and `to_dict` distinguish them."""
    absent = models.CallListPagination(total=1, has_more=False)
    null = models.CallListPagination(total=1, has_more=False, next_cursor=None)
    assert absent.next_cursor is None
    assert null.next_cursor is None
    assert (absent.is_set("next_cursor"), null.is_set("next_cursor")) == (False, True)
    assert absent.to_dict() == {"total": 1, "hasMore": False}
    assert null.to_dict() == {"total": 1, "hasMore": False, "nextCursor": None}
    assert absent != null


DRIFT: list[tuple[dict[str, Any], str, str, str]] = [
    ({"status": "PARKED"}, "enum.undocumented", "/status", "'PARKED'"),
    ({"title": None}, "field.null", "/title", "null"),
    ({"id": "not a uuid"}, "format.mismatch", "/id", "string"),
    ({"startedAt": "2024-01-15"}, "format.mismatch", "/startedAt", "string"),
    ({"endedAt": 1700000000}, "type.mismatch", "/endedAt", "integer"),
    ({"durationMs": True}, "type.mismatch", "/durationMs", "boolean"),
    ({"agents": {}}, "type.mismatch", "/agents", "object"),
    (
        {"agents": [{"id": CALL["id"], "endpoint": []}]},
        "type.mismatch",
        "/agents/0/endpoint",
        "array",
    ),
    ({"sentiment/~": "glad"}, "field.undocumented", "/sentiment~1~0", "string"),
]


@pytest.mark.parametrize(
    ("change", "kind", "pointer", "got"), DRIFT, ids=[d[1] + d[2] for d in DRIFT]
)
def test_drift_is_reported_and_the_value_kept(
    change: dict[str, Any], kind: str, pointer: str, got: str
) -> None:
    """Each difference is one event with its location;
    the value is kept and written back unchanged.
    """
    data = CALL | change
    call, events = read_call(data)
    assert [(e.kind, e.pointer, e.got) for e in events] == [(kind, pointer, got)]
    assert call.to_dict() == data
    assert call.call_direction == "INBOUND"


def test_a_missing_required_field_reads_as_none_and_stays_missing() -> None:
    """A missing required field does not fail the page and is not added when writing."""
    data = {key: value for key, value in CALL.items() if key != "projectId"}
    call, events = read_call(data)
    assert [(e.kind, e.pointer) for e in events] == [("field.missing", "/projectId")]
    assert call.project_id is None
    assert not call.is_set("project_id")
    assert call.to_dict() == data


def test_a_drift_event_contains_no_string_of_the_response() -> None:
    """An event contains no string of the response, even where an enum was expected."""
    _, events = read_call(CALL | {"status": "call me at +1 555 0100", "id": "jane@example.com"})
    printed_events = " ".join(map(str, events))
    assert "555" not in printed_events
    assert "jane" not in printed_events


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CALL, "status", "endedAt", "zz"]), JSON))
def test_any_object_is_read_and_written_back(data: dict[str, Any]) -> None:
    """Decoding any values does not raise and loses nothing."""
    call, _ = read_call(data)
    assert call.to_dict() == data
    assert repr(call)


@given(st.datetimes(timezones=st.timezones()))
def test_an_aware_datetime_survives_a_round_trip(timestamp: datetime.datetime) -> None:
    """An aware datetime survives a round trip."""
    encoded_time = encode(timestamp)
    try:
        call, events = read_call(CALL | {"startedAt": encoded_time})
    except OverflowError:
        pytest.fail("reading raised")
    if not events:
        assert call.started_at == datetime.datetime.fromisoformat(encoded_time)
    assert call.to_dict()["startedAt"] == encoded_time


def test_a_naive_datetime_is_rejected() -> None:
    """A datetime without a timezone is ambiguous, and the error mentions the timezone."""
    with pytest.raises(ArgumentError, match="timezone"):
        encode(datetime.datetime(2024, 1, 1))


def test_models_are_frozen_comparable_and_picklable() -> None:
    """Models are frozen, equal by content, and picklable with their unknown values."""
    data = CALL | {"zz": 1, "id": "odd"}
    call, _ = read_call(data)
    same_call, _ = read_call(data)
    assert call == same_call
    copied_call = pickle.loads(pickle.dumps(call))  # noqa: S301 (our own bytes)
    assert copied_call == call
    assert copied_call.to_dict() == data
    with pytest.raises(AttributeError):
        call.title = "changed"  # type: ignore[misc]


def test_repr_omits_absent_fields() -> None:
    """`repr` omits absent fields."""
    assert repr(models.CallListPagination(total=1, has_more=False)) == (
        "CallListPagination(total=1, has_more=False)"
    )


def test_attrs_functions_use_the_documented_fields_only() -> None:
    """`attrs.fields`, `asdict` and `evolve` work on the documented fields of a decoded model."""
    valid_body, odd_body = (
        b'{"id": "00000000-0000-0000-0000-000000000002"}',
        b'{"id": "x", "more": 1}',
    )
    assert attrs.asdict(read_json(models.CallAgent, valid_body)) == {
        "id": UUID(int=2),
        "endpoint": None,
    }
    assert attrs.asdict(read_json(models.CallAgent, odd_body)) == {"id": "x", "endpoint": None}
    for body in (valid_body, odd_body):
        changed_agent = attrs.evolve(read_json(models.CallAgent, body), id=UUID(int=1))
        assert changed_agent == models.CallAgent(id=UUID(int=1))
    assert [field.name for field in attrs.fields(models.CallAgent)] == ["id", "endpoint"]


def test_a_long_chain_of_models_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a chain of 300 models, both decoders read a
    value to any depth that the JSON parser allows.
    """
    chain: Any = ModuleType("chain")
    monkeypatch.setitem(sys.modules, "chain", chain)
    for n in range(300):
        field = attrs.field(default=ABSENT, metadata=optional("next"))
        hints = {"next_": f"M{n + 1} | None" if n < 299 else "int | None"}
        body = {"next_": field, "__annotations__": hints, "__module__": "chain"}
        model = attrs.frozen(kw_only=True, repr=False, eq=False)(type(f"M{n}", (Model,), body))
        setattr(chain, model.__name__, model)
    for depth in (1, 30, 70):
        value: Any = {}
        for _ in range(depth):
            value = {"next": value}
        fast = fast_decoder.decode(chain.M0, json.dumps(value).encode())
        events: list[DriftEvent] = []
        slow = chain.M0.from_dict(value, on_drift=events.append)
        assert events == []
        assert slow.to_dict() == value
        assert fast is None or fast.to_dict() == value
        assert depth > 50 or fast is not None
