"""Bodies that are read as they arrive: typed streams, and bytes that can be saved."""

from driftline.runtime.streaming.binary import AsyncBinaryResponse, BinaryResponse
from driftline.runtime.streaming.reader import StreamEvent, StreamReader
from driftline.runtime.streaming.streams import AsyncStream, Stream
