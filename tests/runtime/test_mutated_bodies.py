"""Thousands of damaged pages: each is decoded or
raises an `ApiError`, and each oddity is reported.
"""

from __future__ import annotations

import json
import logging
import sys
import zlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from examples import count_examples
from hypothesis import HealthCheck, given, settings
from roark_client import errors, models

from driftline.runtime import Model
from driftline.runtime.decode import fast_decoder
from driftline.runtime.decode.fields import get_plan
from driftline.runtime.telemetry.drift import DecodingContext, DriftEvent
from runtime.faults import KINDS, Kind, Reply, Server, list_calls
from runtime.mutations import change_bytes, change_pages, draw_odd_pages, pack_pages

for_both_kinds = pytest.mark.parametrize("kind", KINDS, ids=["sync", "async"])


def build_settings(examples: int) -> settings:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=count_examples(examples),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=checks,
    )


@pytest.fixture(autouse=True, scope="module")
def _quiet() -> Iterator[None]:
    """Disable logging, as pytest would keep tens of thousands of drift records."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def serialize(value: Any) -> str:
    """Return JSON that is equal only for values of equal types."""
    return json.dumps(value, sort_keys=True)


def show_model(value: Any) -> Any:
    """Return the type, fields, extra values and `is_set` flags of a model, recursively."""
    if isinstance(value, Model):
        names = [field.name for field in get_plan(type(value)).fields]
        fields = {name: (value.is_set(name), show_model(getattr(value, name))) for name in names}
        return type(value).__name__, fields, serialize(dict(value.extra))
    if isinstance(value, list):
        return [show_model(item) for item in value]
    return repr(value)


def check_readers(value: dict[str, Any], body: bytes) -> int:
    """Check that the fast and the thorough decoder agree, and return the number of drift events."""
    events: list[DriftEvent] = []
    hint = models.CallListResponse
    fast, mixed_model = fast_decoder.decode(hint, body), hint.from_dict(value)
    with mock.patch.object(fast_decoder, "convert", return_value=None):
        thorough = hint.read_from(value, DecodingContext("", events.append))
    wire, shown_model = serialize(value), show_model(thorough)
    for model in filter(None, [fast, mixed_model]):
        assert serialize(model.to_dict()) == wire
        assert show_model(model) == shown_model
    assert serialize(thorough.to_dict()) == wire
    assert fast is None or not events
    return len(events)


def check(body: bytes, encoding: str = "identity") -> int:
    """Check one body with both clients, lenient and
    strict, and both decoders; return its drift count.
    """
    try:
        content = unpack(body) if encoding == "gzip" else body
        value = json.loads(content)
    except (ValueError, RecursionError, zlib.error):
        for kind in KINDS:
            outcome, strict, _ = get_outcomes(kind, body, encoding)
            assert type(outcome) is type(strict) is errors.DecodingError
        return 0
    is_page = isinstance(value, dict)
    oddities = check_readers(value, content) if is_page else 1
    for kind in KINDS:
        outcome, strict, events = get_outcomes(kind, body, encoding)
        assert (type(strict) is errors.DriftError) == bool(events)
        assert len(events) == oddities
        if is_page:
            assert type(outcome) is models.CallListResponse
            assert serialize(outcome.to_dict()) == serialize(value)
            assert isinstance(strict, Exception) or show_model(strict) == show_model(outcome)
        else:
            assert serialize(outcome) == serialize(value)
    return oddities


def get_outcomes(kind: Kind, body: bytes, encoding: str) -> tuple[Any, Any, list[DriftEvent]]:
    """Return the results of a lenient and a strict client, and the events of the lenient one."""
    server = Server(lambda _: Reply(chunks=[body], headers=[("Content-Encoding", encoding)]))
    events: list[DriftEvent] = []
    outcome = kind.outcome(server, list_calls, on_drift=events.append)
    return outcome, kind.outcome(server, list_calls, strict=True), events


def unpack(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    content = unpacking.decompress(body) + unpacking.flush()
    if not unpacking.eof:
        raise zlib.error("only the checksum is missing")
    return content


@build_settings(300)
@given(body=change_bytes())
def test_damaged_bodies_are_decoded_or_raise_decoding_error(body: bytes) -> None:
    """Truncated, flipped, spliced and re-encoded
    bodies are decoded if they are JSON, or else raise.
    """
    check(body)


@build_settings(200)
@given(body=change_pages())
def test_damaged_values_are_decoded_without_loss(body: bytes) -> None:
    """Pages with wrong types, odd strings, huge
    numbers and deep nesting are decoded without loss.
    """
    check(body)


@build_settings(300)
@given(body=draw_odd_pages())
def test_each_deviation_is_reported(body: bytes) -> None:
    """Every page with one deviation from the spec gives an event, and an error in strict mode."""
    assert check(body)


@build_settings(150)
@given(body=pack_pages())
def test_damaged_gzip_is_decoded_or_raises_decoding_error(body: bytes) -> None:
    """Damaged gzip bodies are decoded or raise `DecodingError`."""
    check(body, "gzip")


@for_both_kinds
def test_deep_values_are_written_back(kind: Kind) -> None:
    """Values as deep as the JSON parser allows are
    written back, in documented and unknown fields.
    """
    half = sys.getrecursionlimit() * 3 // 10
    deep = json.loads('{"a":[' * half + "]}" * half)
    page = {"data": [{"properties": deep, "title": deep}], "zz": deep}
    server = Server(lambda _: Reply(chunks=[json.dumps(page).encode()]))
    assert serialize(kind.run(server, list_calls).to_dict()) == serialize(page)
