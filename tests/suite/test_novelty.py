"""Generated requests are sent if they exercise a clause or kind of string not exercised before."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, strategies as st

from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.openapi import Operation, Spec
from driftline.suite.fuzzing.novelty import Novelty

VALID_BODY: dict[str, Any] = {
    "recordingUrl": "https://example.com/a.wav",
    "startedAt": "2024-01-15T10:00:00Z",
    "interfaceType": "PHONE",
    "callDirection": "INBOUND",
}


def _get_operation(spec: Spec, name: str) -> Operation:
    operation = spec.find_operation(name)
    assert operation is not None
    return operation


def _build_list_request(**arguments: str) -> Outgoing:
    return Outgoing("GET", "/v1/call", urlencode(arguments), ())


def _build_create_request(body: Any) -> Outgoing:
    headers = (("Content-Type", "application/json"),)
    return Outgoing("POST", "/v1/call", "", headers, json.dumps(body).encode())


def _is_sent(novelty: Novelty, request: Outgoing, status: int | None = None) -> bool:
    """Return whether the request is new, and if so note its response with `status`, or else 200."""
    if not novelty.is_new(request):
        return False
    operation = "call.create" if request.method == "POST" else "call.list"
    novelty.note(Exchange(operation, request, "", status or 200, (), b"", 0.0))
    return True


@pytest.fixture
def for_list(roark: Spec) -> Novelty:
    return Novelty(roark, _get_operation(roark, "call.list"))


@pytest.fixture
def for_create(roark: Spec) -> Novelty:
    return Novelty(roark, _get_operation(roark, "call.create"))


def test_no_request_is_sent_twice(for_list, for_create):
    """The same request is not sent twice, whether it is valid, invalid or unreadable."""
    unreadable = Outgoing("GET", "/v1/call", "searchText=%ff", ())
    for request in (
        _build_list_request(status="ENDED"),
        _build_list_request(limit="many"),
        unreadable,
    ):
        assert [_is_sent(for_list, request), _is_sent(for_list, request)] == [True, False]
    assert [
        _is_sent(for_create, _build_create_request(VALID_BODY)),
        _is_sent(for_create, _build_create_request(VALID_BODY)),
    ] == [
        True,
        False,
    ]


def test_each_documented_value_and_bound_is_new(for_list, roark):
    """Every enum value and both bounds of a range are sent, even after other valid values."""
    parameter = _get_operation(roark, "call.list").find_parameter("status")
    assert parameter is not None
    for value in parameter.schema["enum"]:
        assert _is_sent(for_list, _build_list_request(status=value))
    assert _is_sent(for_list, _build_list_request(limit="20"))
    assert not _is_sent(for_list, _build_list_request(limit="19"))
    assert _is_sent(for_list, _build_list_request(limit="100"))
    assert _is_sent(for_list, _build_list_request(limit="1"))


def test_each_kind_of_violation_is_new_once_per_location(for_list, for_create):
    """A wrong type, an exceeded bound, a missing field and a null are sent once per location."""
    assert _is_sent(for_list, _build_list_request(limit="0"))
    assert not _is_sent(for_list, _build_list_request(limit="-3"))
    assert _is_sent(for_list, _build_list_request(limit="101"))
    assert _is_sent(for_list, _build_list_request(limit="many"))
    assert _is_sent(for_list, _build_list_request(limit="0.5"))
    assert not _is_sent(for_list, _build_list_request(limit="few"))
    for name in VALID_BODY:
        assert _is_sent(
            for_create, _build_create_request({k: v for k, v in VALID_BODY.items() if k != name})
        )
        assert _is_sent(for_create, _build_create_request({**VALID_BODY, name: 7}))
        assert not _is_sent(for_create, _build_create_request({**VALID_BODY, name: []}))
        assert _is_sent(for_create, _build_create_request({**VALID_BODY, name: None}))


def test_each_of_two_combined_violations_is_still_sent_alone(for_create):
    """After a request with two faults, each fault is still sent alone."""
    body_with_two_faults = {**VALID_BODY, "recordingUrl": 7, "startedAt": 7}
    assert _is_sent(for_create, _build_create_request(body_with_two_faults))
    assert _is_sent(for_create, _build_create_request({**VALID_BODY, "recordingUrl": 7}))
    assert _is_sent(for_create, _build_create_request({**VALID_BODY, "startedAt": 7}))


def test_each_kind_of_string_is_new(for_list):
    """Strings with plain words, quotes, emoji, control characters and great length are each new."""
    for search_string in ("plain words", "quo'te s", "emoji ☎️ here", "tab\tand more", "long " * 50):
        assert _is_sent(for_list, _build_list_request(searchText=search_string))
    assert not _is_sent(for_list, _build_list_request(searchText="other words"))


@given(st.lists(st.text(), max_size=4), st.binary(max_size=30), st.text())
def test_any_query_and_body_can_be_checked_for_novelty(roark, search_strings, body, kind):
    """Any query and body can be checked for novelty, and is not new the second time."""
    headers = (("Content-Type", kind),)
    query = urlencode(
        [
            ("searchText", search_string.encode("utf-8", "surrogatepass"))
            for search_string in search_strings
        ]
    )
    for name, request in (
        ("call.list", Outgoing("GET", "/v1/call", query, ())),
        ("call.create", Outgoing("POST", "/v1/call", query, headers, body)),
    ):
        novelty = Novelty(roark, _get_operation(roark, name))
        assert _is_sent(novelty, request)
        assert not _is_sent(novelty, request)


def test_clauses_of_a_rejected_valid_request_stay_new(for_list):
    """The clauses of a valid request that was rejected stay new until the server accepts them."""
    request = _build_list_request(status="ENDED", searchText="words")
    assert _is_sent(for_list, request, 400)
    assert _is_sent(for_list, _build_list_request(status="ENDED"))
    assert not _is_sent(for_list, _build_list_request(status="ENDED"))
    assert _is_sent(for_list, _build_list_request(limit="many"), 400)
    assert not _is_sent(for_list, _build_list_request(limit="many"))
