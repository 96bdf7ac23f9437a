"""Which made requests are worth sending: those that meet a clause, or have a text, not met yet."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftline.contract.novelty import Novelty
from driftline.contract.wire import Outgoing
from driftline.spec import Operation, Spec

RIGHT: dict[str, Any] = {
    "recordingUrl": "https://example.com/a.wav",
    "startedAt": "2024-01-15T10:00:00Z",
    "interfaceType": "PHONE",
    "callDirection": "INBOUND",
}


def _operation(spec: Spec, name: str) -> Operation:
    found = spec.operation(name)
    assert found is not None
    return found


def _listing(**arguments: str) -> Outgoing:
    return Outgoing("GET", "/v1/call", urlencode(arguments), ())


def _creation(body: Any) -> Outgoing:
    headers = (("Content-Type", "application/json"),)
    return Outgoing("POST", "/v1/call", "", headers, json.dumps(body).encode())


@pytest.fixture
def listing(roark: Spec) -> Novelty:
    return Novelty(roark, _operation(roark, "call.list"))


@pytest.fixture
def creating(roark: Spec) -> Novelty:
    return Novelty(roark, _operation(roark, "call.create"))


def test_a_request_is_new_once(listing, creating):
    """The same request is not sent twice, be it right, wrong, or nothing that can be read."""
    unreadable = Outgoing("GET", "/v1/call", "searchText=%ff", ())
    for request in (_listing(status="ENDED"), _listing(limit="many"), unreadable):
        assert [listing.is_new(request), listing.is_new(request)] == [True, False]
    assert [creating.is_new(_creation(RIGHT)), creating.is_new(_creation(RIGHT))] == [True, False]


def test_each_documented_value_and_bound_is_new(listing, roark):
    """Every enum value, and either end of a range, is sent although others were."""
    parameter = _operation(roark, "call.list").parameter("status")
    assert parameter is not None
    for value in parameter.schema["enum"]:
        assert listing.is_new(_listing(status=value))
    assert listing.is_new(_listing(limit="20"))
    assert not listing.is_new(_listing(limit="19"))
    assert listing.is_new(_listing(limit="100"))
    assert listing.is_new(_listing(limit="1"))


def test_each_way_to_be_wrong_is_new(listing, creating):
    """A wrong type, a bound passed, a field missing or null: each once for each place."""
    assert listing.is_new(_listing(limit="0"))
    assert not listing.is_new(_listing(limit="-3"))
    assert listing.is_new(_listing(limit="101"))
    assert listing.is_new(_listing(limit="many"))
    assert listing.is_new(_listing(limit="0.5"))
    assert not listing.is_new(_listing(limit="few"))
    for name in RIGHT:
        assert creating.is_new(_creation({k: v for k, v in RIGHT.items() if k != name}))
        assert creating.is_new(_creation({**RIGHT, name: 7}))
        assert not creating.is_new(_creation({**RIGHT, name: []}))
        assert creating.is_new(_creation({**RIGHT, name: None}))


def test_faults_together_do_not_stand_for_one_alone(creating):
    """What was refused for two reasons says nothing about either: each is still sent alone."""
    both = {**RIGHT, "recordingUrl": 7, "startedAt": 7}
    assert creating.is_new(_creation(both))
    assert creating.is_new(_creation({**RIGHT, "recordingUrl": 7}))
    assert creating.is_new(_creation({**RIGHT, "startedAt": 7}))


def test_texts_of_another_kind_are_new(listing):
    """Letters, an emoji, a quote, a long text: each may break what the others do not."""
    for text in ("plain words", "quo'te s", "emoji ☎️ here", "tab\tand more", "long " * 50):
        assert listing.is_new(_listing(searchText=text))
    assert not listing.is_new(_listing(searchText="other words"))


@given(st.lists(st.text(), max_size=4), st.binary(max_size=30), st.text())
def test_whatever_is_made_can_be_asked_about(roark, texts, body, kind):
    """No query and no body, however odd, is an error; and asked again it is new no more."""
    headers = (("Content-Type", kind),)
    query = urlencode([("searchText", text.encode("utf-8", "surrogatepass")) for text in texts])
    for name, request in (
        ("call.list", Outgoing("GET", "/v1/call", query, ())),
        ("call.create", Outgoing("POST", "/v1/call", query, headers, body)),
    ):
        novelty = Novelty(roark, _operation(roark, name))
        assert novelty.is_new(request)
        assert not novelty.is_new(request)
