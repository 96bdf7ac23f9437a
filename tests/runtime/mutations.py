"""Valid pages and their mutations, as bytes and as JSON values."""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from driftline.mock import HttpRequest, Mock
from driftline.openapi import load

__all__ = ["change_bytes", "change_pages", "draw_odd_pages", "pack_pages"]

ValuePath = tuple[str | int, ...]
SPECS = Path(__file__).parents[2] / "specs"
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"]


@cache
def page_bytes() -> bytes:
    """Return the body of a page of three calls from the mock."""
    mock = Mock(load(SPECS / "roark.yaml"))
    headers = (("Authorization", f"Bearer {mock.credentials['bearerToken']}"),)
    return mock.handle(HttpRequest("GET", "/v1/call", "limit=3", headers)).body


def walk_paths(value: Any, path: ValuePath = ()) -> Iterator[ValuePath]:
    """Yield the path of every value within a JSON value."""
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk_paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk_paths(item, (*path, index))


def get_value(value: Any, path: ValuePath) -> Any:
    for key in path:
        value = value[key]
    return value


def nest(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


PAGE = json.loads(page_bytes())
PAGE_PATHS = list(walk_paths(PAGE))
UUID = "550e8400-e29b-41d4-a716-446655440000"
STRINGS = ["", "PARKED", "INBOUND", "\ud800", "é\u0000", UUID, UUID.upper(), UUID.replace("-", "")]
STRINGS += [f"{{{UUID}}}", UUID[:-1], "2024-01-15T10:00:00Z", "2024-01-15t10:00:00+23:59"]
STRINGS += ["2024-01-15", "2024-13-01T00:00:00Z", "2024-01-15T10:00:00", "0000-01-01T00:00:00Z"]
STRINGS += ["9999-12-31T23:59:60Z", "2024-01-15T10:00:00.1234567891Z", "9999-12-31T23:59:59-23:59"]
NUMBERS = [0, -1, 1.0, -0.0, 1.5, 2**63, 2**64, -(2**70), 10**400, 1e308, float("inf")]
OTHER_VALUES = [
    None,
    True,
    False,
    [],
    {},
    [None],
    [{}],
    {"id": None},
    {"a": [1]},
    nest(30),
    nest(600),
]
# What `json.dumps` cannot write.
MARKS = {
    "@deep@": "[" * 20_000 + "]" * 20_000,
    "@long@": "9" * 5000,
    "@nan@": "-NaN",
    "@e@": "1e999",
}
VALUES = st.sampled_from([*STRINGS, *NUMBERS, *OTHER_VALUES, *MARKS])


def edit_at(path: ValuePath, edit: Callable[[Any, Any], None]) -> Callable[[Any], None]:
    """Return a function that edits the value at a
    path, if earlier edits have not removed the path.
    """

    def change(page: Any) -> None:
        try:
            edit(get_value(page, path[:-1]), path[-1])
        except (KeyError, IndexError, TypeError, AttributeError):
            return

    return change


def put(value: Any) -> Callable[[Any, Any], None]:
    return lambda holder, key: holder.__setitem__(key, copy.copy(value))


def remove(holder: Any, key: Any) -> None:
    del holder[key]


def add(name: str, value: Any) -> Callable[[Any, Any], None]:
    return lambda holder, key: holder[key].__setitem__(name, value)


INNER_PATHS = st.sampled_from([path for path in PAGE_PATHS if path])
EDITS = st.one_of(
    st.just(remove),
    VALUES.map(put),
    st.builds(add, st.sampled_from(["zz", "", "id", "data", "toString"]), VALUES),
)


def dump_page(page: Any, ascii_only: bool) -> bytes:
    serialized = json.dumps(page, ensure_ascii=ascii_only)
    for mark, replacement in MARKS.items():
        serialized = serialized.replace(json.dumps(mark), replacement)
    return serialized.encode("utf-8", "surrogatepass")


def page_with(changes: list[Callable[[Any], None]]) -> Any:
    page = json.loads(page_bytes())
    for change in changes:
        change(page)
    return page


def change_pages() -> st.SearchStrategy[bytes]:
    """Draw pages in which up to five values are removed, added or replaced."""
    changes = st.lists(st.builds(edit_at, INNER_PATHS, EDITS), min_size=1, max_size=5)
    return st.builds(dump_page, changes.map(page_with), st.booleans())


FORMATTED_STRING = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}|[0-9-]{10}T.*")
ENUMS = {"callDirection", "status", "endedStatus"}
NUMBER_FIELDS = {"durationMs"}
REQUIRED_FIELDS = {"data", "pagination", "total", "hasMore", "id", "projectId", "startedAt"}
WRONG_VALUES: dict[type, list[Any]] = {
    str: [None, 0, 1.5, True, [], {}],
    bool: [None, 0, "true", [], {}],
    int: [None, 1.5, "1", True, [], {}],
    float: [None, "1", False, [], {}],
    list: [None, 0, "x", {}, True, [0], ["x"], [[]], [None]],
    dict: [None, 0, "x", [], False],
}


def list_oddities(path: ValuePath) -> list[Callable[[Any], None]]:
    """Return the edits at a path of a page that certainly violate the spec."""
    value, key = get_value(PAGE, path), path[-1] if path else None
    if "properties" in path[:-1]:
        return []
    kind = float if key in NUMBER_FIELDS else type(value)  # a whole number is one of any kind
    edits = [
        put(wrong_value)
        for wrong_value in WRONG_VALUES[kind]
        if key != "nextCursor" or wrong_value is not None
    ]
    if isinstance(value, str) and FORMATTED_STRING.fullmatch(value) and key != "nextCursor":
        edits += [put(string) for string in ("", "PARKED", "2024-01-15", value[:-1], value + "0")]
    if key in ENUMS:
        edits.append(put("PARKED"))
    if key in REQUIRED_FIELDS and "agents" not in path and "customers" not in path:
        edits.append(remove)
    if isinstance(value, dict) and key != "properties":
        edits += [add("zz", None), add("", 1)]
    return [edit_at(path, edit) for edit in edits]


ODDITIES = [change for path in PAGE_PATHS if path for change in list_oddities(path)]


def draw_odd_pages() -> st.SearchStrategy[bytes]:
    """Draw pages in which exactly one value certainly violates the spec."""
    return st.sampled_from(ODDITIES).map(lambda change: dump_page(page_with([change]), True))


BytesEdit = Callable[[bytes], bytes]
OFFSETS = st.integers(0, 10_000)
PIECES = st.binary(max_size=4) | st.sampled_from(
    [b'"', b"\\", b"{", b"}", b"]", b",", b"\\u", b"\0"]
)
CUTS: st.SearchStrategy[BytesEdit] = st.one_of(
    st.builds(lambda n: lambda b: b[: n % (len(b) + 1)], OFFSETS),
    st.builds(lambda n: lambda b: b[n % (len(b) + 1) :], OFFSETS),
    st.builds(lambda n, bit: lambda b: flip_bit(b, n, bit), OFFSETS, st.integers(0, 7)),
    st.builds(lambda n, piece: lambda b: splice(b, n, n, piece), OFFSETS, PIECES),
    st.builds(lambda n, m: lambda b: splice(b, n, m, b""), OFFSETS, OFFSETS),
    st.builds(lambda n, m: lambda b: splice(b, n, n, b[n % 900 : m % 900]), OFFSETS, OFFSETS),
)


def flip_bit(body: bytes, offset: int, bit: int) -> bytes:
    if not body:
        return body
    offset %= len(body)
    return body[:offset] + bytes([body[offset] ^ (1 << bit)]) + body[offset + 1 :]


def splice(body: bytes, start: int, end: int, piece: bytes) -> bytes:
    """Return the body with a slice of fewer than twenty bytes replaced by `piece`."""
    start %= len(body) + 1
    return body[:start] + piece + body[start + (end - start) % 20 :]


def apply_edits(body: bytes, cuts: list[BytesEdit]) -> bytes:
    for edit in cuts:
        body = edit(body)
    return body


def change_bytes() -> st.SearchStrategy[bytes]:
    """Draw pages that are re-encoded, truncated, bit-flipped, spliced, or several of these."""
    encoded_pages = st.sampled_from(ENCODINGS).map(lambda name: page_bytes().decode().encode(name))
    other_values = st.sampled_from([b"[]", b"null", b"5", b'"x"', b"[" + page_bytes() + b"]"])
    bodies = st.just(page_bytes()) | encoded_pages | other_values
    return st.builds(apply_edits, bodies, st.lists(CUTS, max_size=3))


def pack_pages() -> st.SearchStrategy[bytes]:
    """Draw pages that are compressed with gzip and possibly damaged afterwards."""
    return st.builds(
        apply_edits, st.just(gzip.compress(page_bytes(), mtime=0)), st.lists(CUTS, max_size=2)
    )
