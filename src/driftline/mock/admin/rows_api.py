"""The control API of stored data: snapshots, the rows of a listing, and the clock."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from driftline.errors import UsageError
from driftline.mock.admin.control import ControlApi, parse_whole_number
from driftline.mock.core import Mock
from driftline.mock.http.messages import MAX_BODY, HttpRequest, Rejection
from driftline.openapi import is_object

FASTEST = 10_000
"""The speed that `--speed` may have at most."""
FARTHEST = 366 * 24 * 3600
"""The longest step, in seconds."""
_LAST = datetime.datetime(3000, 1, 1, tzinfo=datetime.UTC).timestamp()
_PAGE = 20
_SNAPSHOT = 'Send a response of GET /_driftline/snapshot: {"API": {"version": 1, …}}.'


def add_row_routes(control: ControlApi) -> None:
    """Add the routes about rows and time to the control API."""
    rows = _Rows(control)
    control.add_route("GET", "/snapshot", rows.snapshot)
    control.add_route("PUT", "/snapshot", rows.load)
    control.add_route("GET", "/rows", rows.list)
    control.add_route("GET", "/clock", rows.report_clock)
    control.add_route("PUT", "/clock", rows.run)
    control.add_route("POST", "/clock", rows.advance_clock)


class _Rows:
    def __init__(self, control: ControlApi) -> None:
        self._control = control

    def snapshot(self, request: HttpRequest) -> Any:
        """Return the snapshot of each API that is a mock, in the format of `--snapshot`."""
        return {name: mock.snapshot() for name, mock in self._select_mocks(request).items()}

    def load(self, request: HttpRequest) -> None:
        """Load all snapshots of the body, or none."""
        if request.length > MAX_BODY:
            raise Rejection(413, f"the body exceeds {MAX_BODY} bytes; use --load FILE")
        snapshots, mocks = _parse_object(request, _SNAPSHOT), self._select_mocks(request)
        for name in snapshots:
            if name not in mocks:
                message = f"cannot load the snapshot: unknown API {name!r}"
                raise UsageError(message, f"Use one of: {', '.join(mocks)}.")
        if not snapshots:
            raise UsageError("the body contains no snapshot", _SNAPSHOT)
        loads = [mocks[name].prepare_load(data) for name, data in snapshots.items()]
        for load in loads:
            load()

    def list(self, request: HttpRequest) -> Any:
        """Return how many rows each listing has; with `listing`, a page of it, the latest first."""
        parameters, mocks = dict(parse_qsl(request.query)), self._select_mocks(request)
        if "listing" not in parameters:
            return {"listings": {name: dict(mock.count_rows()) for name, mock in mocks.items()}}
        if "api" not in parameters:
            raise UsageError("listing= requires api=", "Add api=NAME.")
        mock, listing = mocks[parameters["api"]], parameters["listing"]
        counts = mock.count_rows()
        if listing not in counts:
            message = f"unknown listing {listing!r} of {parameters['api']}"
            raise UsageError(message, f"Use one of: {', '.join(counts)}.")
        limit = parse_whole_number(parameters, "limit", _PAGE, f"Omit it for {_PAGE}.")
        offset = parse_whole_number(parameters, "offset", 0, "Omit it for 0.")
        rows = mock.list_latest_rows(listing, min(limit, 1000), offset)
        return {"total": counts[listing], "offset": offset, "rows": rows}

    def report_clock(self, request: HttpRequest) -> Any:
        """Return time and speed of each API's clock."""
        return {
            "clock": {
                name: {"now": _format_timestamp(mock.clock.read_now()), "speed": mock.clock.speed}
                for name, mock in self._select_mocks(request).items()
            }
        }

    def run(self, request: HttpRequest) -> Any:
        """Set the speed of the clock; 0 stops it."""
        hint = f'Send {{"speed": 10}}: a number from 0 (stopped) to {FASTEST}.'
        speed = _parse_amount(request, "speed", FASTEST, hint)
        for mock in self._select_mocks(request).values():
            mock.clock.run(speed)
        return self.report_clock(request)

    def advance_clock(self, request: HttpRequest) -> Any:
        """Advance the clock."""
        hint = f'Send {{"step": 60}}: seconds, from 0 to {FARTHEST}.'
        seconds = _parse_amount(request, "step", FARTHEST, hint)
        mocks = self._select_mocks(request).values()
        if any(mock.clock.read_now() + seconds > _LAST for mock in mocks):
            raise UsageError("the clock cannot pass the year 3000", "Reset the rows.")
        for mock in mocks:
            mock.advance_clock(seconds)
        return self.report_clock(request)

    def _select_mocks(self, request: HttpRequest) -> Mapping[str, Mock]:
        """Return the mocks that `?api=` names, or all."""
        apis = {name: self._control.mocks[name] for name in self._control.select_apis(request)}
        mocks = {name: mock for name, mock in apis.items() if mock is not None}
        if not mocks:
            raise UsageError("no rows: this API is not served by a mock", "Choose another API.")
        return mocks


def _parse_object(request: HttpRequest, hint: str) -> Mapping[str, Any]:
    try:
        data: Any = json.loads(request.body, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the body is not JSON: {error}", hint) from None
    if not is_object(data):
        raise UsageError("invalid body: expected an object", hint)
    return data


def _reject_constant(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON number")


def _parse_amount(request: HttpRequest, name: str, maximum: float, hint: str) -> float:
    """Return the number at a key of the body."""
    value = _parse_object(request, hint).get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= maximum:
        raise UsageError(f"invalid {name}: expected a number from 0 to {maximum:g}", hint)
    return float(value)


def _format_timestamp(timestamp: float) -> str:
    utc_time = datetime.datetime.fromtimestamp(min(timestamp, _LAST), datetime.UTC)
    return utc_time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
