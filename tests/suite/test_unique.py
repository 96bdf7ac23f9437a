"""A unique value that the server accepted is not sent again, as that would be rejected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from driftline import openapi
from driftline.checks.exchange import Exchange
from driftline.checks.outgoing import Outgoing
from driftline.suite.fuzzing.unique import AcceptedValues

PETS = openapi.load(Path(__file__).parents[1] / "acceptance" / "specs" / "pet-store.yaml")


def _build_accepted_values(run: str = "") -> AcceptedValues:
    operation = PETS.find_operation("pets.create")
    assert operation is not None
    return AcceptedValues(PETS, operation, run)


@pytest.fixture
def unique() -> AcceptedValues:
    return _build_accepted_values("7-")


def _build_request(body: Any) -> Outgoing:
    return Outgoing("POST", "/pets", "", (), json.dumps(body).encode())


def _exchange(request: Outgoing, status: int) -> Exchange:
    return Exchange("pets.create", request, "", status, (), b"", 0.0)


def test_an_accepted_unique_value_is_replaced(unique):
    """An accepted unique value is replaced in later requests, each time by another value."""
    request = _build_request({"name": "Rex", "kind": "dog", "chip": "a"})
    assert unique.renew(request) == request
    unique.note(_exchange(request, 201))
    renewed_bodies = [json.loads(unique.renew(request).body) for _ in range(3)]
    assert [renewed_body.pop("chip") for renewed_body in renewed_bodies] == [
        f"driftline-7-{n}" for n in (1, 2, 3)
    ]
    assert renewed_bodies == [{"name": "Rex", "kind": "dog"}] * 3


def test_a_rejected_unique_value_is_sent_again(unique):
    """A unique value in a rejected request is not replaced."""
    request = _build_request({"name": "", "kind": "dog", "chip": "a"})
    unique.note(_exchange(request, 400))
    assert unique.renew(request) == request


@given(st.binary(max_size=40), st.integers(200, 599))
def test_bodies_without_the_unique_value_are_unchanged(body, status):
    """A body without the unique value is unchanged, whatever its bytes are."""
    unique, request = _build_accepted_values(), Outgoing("POST", "/pets", "", (), body)
    unique.note(_exchange(request, status))
    assert unique.renew(request) == request
