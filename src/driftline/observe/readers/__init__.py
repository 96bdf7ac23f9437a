"""Reads recorded traffic as a stream of entries, in a format recognized by content."""

from driftline.observe.readers.entry import (
    Entry as Entry,
    Event as Event,
    RecordedEntry as RecordedEntry,
    UnreadEntry as UnreadEntry,
)
from driftline.observe.readers.files import STDIN as STDIN, open_recording as open_recording
from driftline.observe.readers.opening import Recording as Recording, read as read
from driftline.observe.readers.source import RecordingSource as RecordingSource
