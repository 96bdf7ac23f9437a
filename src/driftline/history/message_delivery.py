"""What became of the message about a run: kept, so that one that failed is sent with the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs

from driftline.history.run_entry import read_time
from driftline.markup import make_printable
from driftline.openapi import is_object

VERSION: Final = 1


@attrs.frozen(kw_only=True)
class MessageDelivery:
    """A message to one channel about the run of a time.

    `is_sent` is false for one that failed: then the channel knows what the runs up to `known`
    found, or nothing, and nothing of `published`.
    """

    channel: str
    time: datetime
    is_sent: bool
    known: datetime | None = None
    published: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `from_dict` is the inverse."""
        return {
            "delivery": VERSION,
            "channel": self.channel,
            "time": self.time.isoformat(timespec="microseconds"),
            "sent": self.is_sent,
            "known": self.known and self.known.isoformat(timespec="microseconds"),
            "published": list(self.published),
        }

    @classmethod
    def from_dict(cls, data: Any) -> MessageDelivery:
        """Read a line; the file may come from anywhere, so every string is made printable.

        Raises:
            ValueError: it is not a line about a message.
        """
        if not is_object(data) or data.get("delivery") != VERSION:
            raise ValueError("no delivery")
        try:
            return cls(
                channel=str(data["channel"]),
                time=read_time(data["time"]),
                is_sent=bool(data["sent"]),
                known=read_time(data["known"]) if data["known"] else None,
                published=tuple(make_printable(str(each)) for each in data["published"]),
            )
        except KeyError as error:
            raise ValueError(str(error)) from None
