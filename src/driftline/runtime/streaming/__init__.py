"""Bodies that are read while they come: typed streams, and bytes that can be saved."""

from driftline.runtime.streaming.binary import AsyncBinaryResponse, BinaryResponse
from driftline.runtime.streaming.reader import StreamEvent, StreamReader
from driftline.runtime.streaming.records import (
    ParsedEvent,
    choose_parser,
    find_item_ends,
)
from driftline.runtime.streaming.streams import AsyncStream, Stream

__all__ = [
    "AsyncBinaryResponse",
    "AsyncStream",
    "BinaryResponse",
    "ParsedEvent",
    "Stream",
    "StreamEvent",
    "StreamReader",
    "choose_parser",
    "find_item_ends",
]
