"""Recognizes the format of a recording by its first bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import attrs

from driftline.errors import RecordingError
from driftline.observe.readers.cassette import read_interaction
from driftline.observe.readers.drift_log import is_log, read_events
from driftline.observe.readers.entry import Entry, RecordedEntry, UnreadEntry
from driftline.observe.readers.har import read_har_entry
from driftline.observe.readers.items import iterate_json_items, iterate_yaml_items
from driftline.observe.readers.source import RecordingSource

REMEDY: Final = "Pass a HAR file, a VCR cassette (YAML or JSON), or a client's drift log."
_PACKED: Final = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
_JSON_LIST: Final = re.compile(rb'"(log|interactions|http_interactions)"\s*:')
_YAML_LIST: Final = re.compile(rb"^[\"']?((?:http_)?interactions)[\"']?\s*:", re.MULTILINE)

Made = Callable[[int, Any], RecordedEntry | UnreadEntry]


@attrs.frozen
class Recording:
    """The format of a file, and its entries; iterating them may raise RecordingError."""

    kind: str
    entries: Iterator[Entry]


def read(source: RecordingSource) -> Recording:
    """Open the recording in `source`.

    Raises:
        RecordingError: the file is not a recording.
    """
    head = source.read_head()
    _check(source, head)
    if head.lstrip()[:1] == b"{":
        return _open_json(source, head)
    match = _YAML_LIST.search(head)
    if match is not None:
        path = (match[1].decode(),)
        return Recording(
            "cassette", _number_entries(iterate_yaml_items(source, path), read_interaction)
        )
    raise RecordingError(source.name, "not recorded traffic", REMEDY)


def _check(source: RecordingSource, head: bytes) -> None:
    if not head.strip():
        raise RecordingError(source.name, "empty file", REMEDY)
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            message, hint = f"compressed with {name}", "Decompress it first, or pipe it in as `-`."
            raise RecordingError(source.name, message, hint)
    if b"\x00" in head:
        raise RecordingError(source.name, "binary, or not UTF-8", REMEDY)


def _open_json(source: RecordingSource, head: bytes) -> Recording:
    if is_log(head.lstrip().partition(b"\n")[0]):
        return Recording("drift log", read_events(source))
    match = _JSON_LIST.search(head)
    if match is None:
        message = "JSON, but not a HAR file, a cassette or a drift log"
        raise RecordingError(source.name, message, REMEDY)
    name = match[1].decode()
    if name == "log":
        items = iterate_json_items(source, ("log", "entries"))
        read_entry = partial(read_har_entry, read_attachment=source.read_attachment)
        return Recording("HAR", _number_entries(items, read_entry))
    return Recording(
        "cassette", _number_entries(iterate_json_items(source, (name,)), read_interaction)
    )


def _number_entries(items: Iterator[Any], reader: Made) -> Iterator[Entry]:
    for number, item in enumerate(items, 1):
        yield reader(number, item)
