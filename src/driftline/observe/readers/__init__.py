"""Reads recorded traffic as a stream of entries, in a format recognized by content."""

from driftline.observe.readers.entry import Entry, Event, Recorded, Unread
from driftline.observe.readers.opening import Recording, read
from driftline.observe.readers.source import RecordingSource
