"""Reads recorded traffic as a stream of entries; which kind it is, the content says."""

from driftline.observe.readers.entry import Entry, Event, Recorded, Unread
from driftline.observe.readers.opening import Recording, read
from driftline.observe.readers.source import RecordingSource

__all__ = ["Entry", "Event", "Recorded", "Recording", "RecordingSource", "Unread", "read"]
