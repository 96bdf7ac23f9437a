"""Times in texts, as moments that can be compared: `10:00Z` and `12:00+02:00` are the same one."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_timestamp(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, in UTC where it names no zone; None for another."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
