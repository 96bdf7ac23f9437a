"""The application, which creates its own client from the environment."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from roark_client import AsyncRoark, Roark, errors, models

LONG = 60_000


class Report(NamedTuple):
    """The number of calls and the titles of the long ones."""

    calls: int
    long: list[str]


def report() -> Report:
    """Report on all calls that have ended."""
    with Roark() as roark:
        return _build_report(list(roark.call.list(status="ENDED", limit=5)))


async def report_later() -> Report:
    """Report on all calls that have ended, in an event loop."""
    async with AsyncRoark() as roark:
        return _build_report(
            [call async for call in await roark.call.list(status="ENDED", limit=5)]
        )


def _build_report(calls: Iterable[models.Call]) -> Report:
    call_list = list(calls)
    long = [call.title or "untitled" for call in call_list if (call.duration_ms or 0) > LONG]
    return Report(len(call_list), long)


def import_recording(roark: Roark, url: str, started_at: datetime.datetime) -> str | None:
    """Import a recording and return its ID, or None if it already exists."""
    try:
        response = roark.call.create(
            recording_url=url,
            started_at=started_at,
            interface_type="PHONE",
            call_direction="INBOUND",
            external_id=url.rpartition("/")[2],
            agent={"name": "Ada"},
            transcript=[{"role": "AGENT", "text": "Hello."}],
        )
    except errors.Conflict:
        return None
    return str(response.data.id)
