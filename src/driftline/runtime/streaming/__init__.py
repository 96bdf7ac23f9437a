"""Bodies that are read as they arrive: typed streams, and bytes that can be saved."""

from driftline.runtime.streaming.binary import (
    AsyncBinaryResponse as AsyncBinaryResponse,
    BinaryResponse as BinaryResponse,
)
from driftline.runtime.streaming.reader import (
    StreamEvent as StreamEvent,
    StreamReader as StreamReader,
)
from driftline.runtime.streaming.streams import AsyncStream as AsyncStream, Stream as Stream
