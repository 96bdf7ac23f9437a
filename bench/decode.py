"""From the bytes of one page of calls to typed models: no network, no client round it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import msgspec
from roark_client import models

from bench import vendor
from bench.figures import Comparison, Target, compare
from bench.pages import PAGE, page
from bench.reading import read_all
from bench.rounds import Case, interleave, measure_cpu
from driftline.runtime import read_json

TIMES = 30
VENDOR_TIMES = 8
OURS, READ = "typed models", "typed models, all read"
JSON, JSON_READ, MSGSPEC, ORJSON = "json.loads", "json.loads, all read", "msgspec", "orjson"
VENDOR, VENDOR_READ = "vendor's SDK", "vendor's SDK, all read"


def decode(body: bytes) -> models.CallListResponse:
    """What our client makes of the bytes of a response."""
    answer: models.CallListResponse = read_json(models.CallListResponse, body)
    return answer


def build_cases() -> dict[str, Case]:
    """Everything that takes part, each as CPU seconds a page."""
    body = page()
    client = vendor.build_answered_client([body])
    plain: dict[str, Callable[[], object]] = {
        OURS: lambda: decode(body),
        JSON: lambda: json.loads(body),
        READ: lambda: read_all(decode(body).data),
        JSON_READ: lambda: read_all(json.loads(body)["data"]),
        MSGSPEC: lambda: msgspec.json.decode(body),
    }
    if find_spec("orjson"):
        plain[ORJSON] = partial(import_module("orjson").loads, body)
    measured: dict[str, Case] = {
        name: partial(measure_cpu, action, TIMES) for name, action in plain.items()
    }
    theirs = partial(vendor.decode_seconds, client, VENDOR_TIMES)
    return {**measured, VENDOR: theirs, VENDOR_READ: partial(theirs, read=True)}


def measure(rounds: int) -> list[Comparison]:
    """Compare ours with `json.loads` and the vendor's SDK; for the record, with other decoders."""
    rounds_by_name = interleave(build_cases(), rounds)
    pairs: list[tuple[str, str, Target | None]] = [
        (OURS, JSON, Target("at most", 1.6)),
        (OURS, VENDOR, Target("at least", 10)),
        (READ, JSON_READ, None),
        (READ, VENDOR_READ, None),
        (OURS, MSGSPEC, None),
        *([(OURS, ORJSON, None)] if ORJSON in rounds_by_name else []),
    ]
    return [
        compare(
            rounds_by_name,
            *pair,
            measurement="decode",
            subject=f"a page of {PAGE} calls",
            unit="CPU s",
        )
        for pair in pairs
    ]
