"""What the mocks remember, over HTTP: snapshots, the rows of a listing, and the clock."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from driftline.errors import UsageError
from driftline.mock.admin.control import Control, whole_number
from driftline.mock.core import Mock
from driftline.mock.http.messages import MAX_BODY, Request
from driftline.mock.http.rejection import Refusal
from driftline.openapi.pointer import is_object

__all__ = ["control_rows"]

FASTEST = 10_000
"""The speed that `--speed` may have at most."""
FARTHEST = 366 * 24 * 3600
"""The longest step, in seconds."""
_LAST = datetime.datetime(3000, 1, 1, tzinfo=datetime.UTC).timestamp()
_PAGE = 20
_SNAPSHOT = 'Send what GET /_driftline/snapshot gave: {"API": {"version": 1, …}}.'


def control_rows(control: Control) -> None:
    """Adds the paths about rows and time to a control."""
    rows = _Rows(control)
    control.on("GET", "/snapshot", rows.snapshot)
    control.on("PUT", "/snapshot", rows.load)
    control.on("GET", "/rows", rows.list)
    control.on("GET", "/clock", rows.clock)
    control.on("PUT", "/clock", rows.run)
    control.on("POST", "/clock", rows.step)


class _Rows:
    def __init__(self, control: Control) -> None:
        self._control = control

    def snapshot(self, request: Request) -> Any:
        """Of each API that is a mock: the form of `--snapshot`."""
        return {name: mock.snapshot() for name, mock in self._mocks(request).items()}

    def load(self, request: Request) -> None:
        """All that is sent, or nothing."""
        if request.length > MAX_BODY:
            raise Refusal(413, f"the body is more than {MAX_BODY} bytes; use --load FILE")
        sent, mocks = _object(request, _SNAPSHOT), self._mocks(request)
        for name in sent:
            if name not in mocks:
                what = f"there is no mock named {name!r} to load a snapshot into"
                raise UsageError(what, f"There is: {', '.join(mocks)}.")
        if not sent:
            raise UsageError("there is no snapshot in the body", _SNAPSHOT)
        loads = [mocks[name].loading(data) for name, data in sent.items()]
        for load in loads:
            load()

    def list(self, request: Request) -> Any:
        """How many rows each listing has; with `listing`, a page of it, the latest first."""
        asked, mocks = dict(parse_qsl(request.query)), self._mocks(request)
        if "listing" not in asked:
            return {"listings": {name: dict(mock.counts()) for name, mock in mocks.items()}}
        if "api" not in asked:
            raise UsageError("listing= needs api=", "Say of which API it is.")
        mock, listing = mocks[asked["api"]], asked["listing"]
        counts = mock.counts()
        if listing not in counts:
            what = f"{asked['api']} has no listing {listing!r}"
            raise UsageError(what, f"There is: {', '.join(counts)}.")
        limit = whole_number(asked, "limit", _PAGE, f"Leave it out for {_PAGE}.")
        offset = whole_number(asked, "offset", 0, "Leave it out for 0.")
        rows = mock.rows_of(listing, min(limit, 1000), offset)
        return {"total": counts[listing], "offset": offset, "rows": rows}

    def clock(self, request: Request) -> Any:
        """What time it is for each API, and how fast it goes."""
        return {
            "clock": {
                name: {"now": _shown(mock.clock.now()), "speed": mock.clock.speed}
                for name, mock in self._mocks(request).items()
            }
        }

    def run(self, request: Request) -> Any:
        """Lets time go at this speed; 0 stops it."""
        remedy = f'Send {{"speed": 10}}: 0, which stops it, to {FASTEST}.'
        speed = _amount(request, "speed", FASTEST, remedy)
        for mock in self._mocks(request).values():
            mock.clock.run(speed)
        return self.clock(request)

    def step(self, request: Request) -> Any:
        """Lets so much time pass at once."""
        remedy = f'Send {{"step": 60}}: seconds, 0 to {FARTHEST}.'
        seconds = _amount(request, "step", FARTHEST, remedy)
        mocks = self._mocks(request).values()
        if any(mock.clock.now() + seconds > _LAST for mock in mocks):
            raise UsageError("the clock goes to the year 3000 at most", "Reset the rows.")
        for mock in mocks:
            mock.step(seconds)
        return self.clock(request)

    def _mocks(self, request: Request) -> Mapping[str, Mock]:
        """The mocks that `?api=` names, or all."""
        named = {name: self._control.mocks[name] for name in self._control.named(request)}
        found = {name: mock for name, mock in named.items() if mock is not None}
        if not found:
            raise UsageError("there are no rows: this is served by something else", "Name a mock.")
        return found


def _object(request: Request, remedy: str) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the body is no JSON ({error})", remedy) from None
    if not is_object(found):
        raise UsageError("the body is no object", remedy)
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _amount(request: Request, name: str, most: float, remedy: str) -> float:
    """The number that the body has under this name."""
    value = _object(request, remedy).get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most:
        raise UsageError(f"{name} is no number in its bounds", remedy)
    return float(value)


def _shown(moment: float) -> str:
    made = datetime.datetime.fromtimestamp(min(moment, _LAST), datetime.UTC)
    return made.isoformat(timespec="milliseconds").replace("+00:00", "Z")
