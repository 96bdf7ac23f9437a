"""From the bytes of one page of calls to typed models: no network, no client round it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter
from typing import Any

import msgspec
from roark_client import models

from bench import vendor
from bench.figures import Comparison, Target, compare
from bench.pages import PAGE, page
from bench.rounds import Case, cpu, interleaved
from driftline.runtime import Model

__all__ = ["decoded", "measure", "read_all"]

TIMES = 30
VENDOR_TIMES = 8
OURS, READ = "typed models", "typed models, every field read"
JSON, JSON_READ, MSGSPEC, ORJSON = "json.loads", "json.loads, all read", "msgspec", "orjson"
VENDOR = "vendor's SDK"


def decoded(body: bytes) -> models.CallListResponse:
    """What our client makes of the bytes of an answer."""
    return models.CallListResponse.from_dict(json.loads(body))


@cache
def _fields(kind: type[Any]) -> Callable[[Any], tuple[Any, ...]]:
    names = [name for name in inspect.get_annotations(kind) if not name.startswith("_")]
    return attrgetter(*names, names[0])


def read_all(value: object) -> int:
    """Reads every field of a model, or value of a JSON object, and of all in it; counts them."""
    if isinstance(value, Model):
        fields = _fields(type(value))(value)[:-1]
    elif isinstance(value, Mapping):
        fields = tuple(value.values())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        return sum(map(read_all, value))
    else:
        return 1
    return sum(map(read_all, fields))


def cases() -> dict[str, Case]:
    """Everything that takes part, each as CPU seconds a page."""
    body = page()
    client = vendor.client_answered_with([body])
    plain: dict[str, Callable[[], object]] = {
        OURS: lambda: decoded(body),
        JSON: lambda: json.loads(body),
        READ: lambda: read_all(decoded(body).data),
        JSON_READ: lambda: read_all(json.loads(body)["data"]),
        MSGSPEC: lambda: msgspec.json.decode(body),
    }
    if find_spec("orjson"):
        plain[ORJSON] = partial(import_module("orjson").loads, body)
    measured: dict[str, Case] = {
        name: partial(cpu, action, TIMES) for name, action in plain.items()
    }
    return {**measured, VENDOR: partial(vendor.decode_seconds, client, VENDOR_TIMES)}


def measure(rounds: int) -> list[Comparison]:
    """Ours against `json.loads` and the vendor's SDK; for the record, against other decoders."""
    found = interleaved(cases(), rounds)
    pairs: list[tuple[str, str, Target | None]] = [
        (OURS, JSON, Target("at most", 1.6)),
        (OURS, VENDOR, Target("at least", 10)),
        (READ, JSON_READ, None),
        (OURS, MSGSPEC, None),
        *([(OURS, ORJSON, None)] if ORJSON in found else []),
    ]
    return [
        compare(found, *pair, measurement="decode", what=f"a page of {PAGE} calls", unit="CPU s")
        for pair in pairs
    ]
