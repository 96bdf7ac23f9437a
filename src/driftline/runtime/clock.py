"""Time, so that tests need not wait for it."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds: `now` only ever grows, `date` is since 1970."""

    def now(self) -> float: ...

    def date(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    async def async_sleep(self, seconds: float) -> None: ...


class _System:
    def now(self) -> float:
        return time.monotonic()

    def date(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        import anyio  # noqa: PLC0415 - loads an event loop: only who has one needs it

        await anyio.sleep(seconds)

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM: Clock = _System()
