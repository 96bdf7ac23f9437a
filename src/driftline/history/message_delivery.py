"""Records the delivery of a notification, so that a failed one is repeated with the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import attrs

from driftline.markup import make_printable
from driftline.openapi import is_object

VERSION: Final = 1


@attrs.frozen(kw_only=True)
class MessageDelivery:
    """A message to one channel about the run of a time.

    `is_sent` is false after a failure: the channel has received the changes up to the run `known`,
    if any, and not `published`.
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
                time=datetime.fromisoformat(data["time"]),
                is_sent=bool(data["sent"]),
                known=datetime.fromisoformat(data["known"]) if data["known"] else None,
                published=tuple(make_printable(str(each)) for each in data["published"]),
            )
        except KeyError as error:
            raise ValueError(str(error)) from None
