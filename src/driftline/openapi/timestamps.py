"""Parses times into comparable timestamps: `10:00Z` and `12:00+02:00` are equal."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_timestamp(text: str) -> float | None:
    """Return the seconds since 1970 of an ISO 8601 time, UTC by default; None if invalid."""
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
