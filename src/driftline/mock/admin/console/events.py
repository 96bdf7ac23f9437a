"""Server-sent events of the console: new requests and other changes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from driftline.mock.admin.request_log import RequestLog
from driftline.mock.http.messages import HttpRequest, HttpResponse

MOST = 50
"""At most this many requests are sent one by one; of more, only their number is sent."""


@attrs.define
class _KnownState:
    """The state that a listener already has."""

    last_mark: int = -1
    clear_count: int = 0
    sent_data: dict[str, str] = attrs.Factory(dict[str, str])


class Events:
    """Sends each listener the changes since its last event. `watch` adds a source."""

    def __init__(self, recent: RequestLog) -> None:
        self._request_log = recent
        self._boot = uuid.uuid4().hex
        self._sources: dict[str, Callable[[], Any]] = {}

    def watch(self, name: str, source: Callable[[], Any]) -> None:
        """Send the JSON data of `source` whenever it changes."""
        self._sources[name] = source

    def respond(self, request: HttpRequest) -> HttpResponse:
        """Return a response that continues until the listener leaves."""
        headers = (("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no"))
        return HttpResponse(200, headers, live=None if request.method == "HEAD" else self.stream())

    def stream(self) -> Callable[[], bytes]:
        """Return a function that returns the events since its last call.

        The first call returns the complete state.
        """
        state = _KnownState()
        return lambda: "".join(self._stream_events(state)).encode()

    def _stream_events(self, state: _KnownState) -> Iterator[str]:
        is_first = state.last_mark < 0
        if is_first:
            yield "retry: 1000\n" + _format_event("hello", _format_json({"boot": self._boot}))
        for name, source in self._sources.items():
            data = _format_json(source())
            if state.sent_data.get(name) != data:
                state.sent_data[name] = data
                yield _format_event(name, data)
        if state.clear_count != self._request_log.clear_count:
            state.clear_count = self._request_log.clear_count
            yield "" if is_first else _format_event("cleared", "{}")
        new, state.last_mark = self._request_log.list_since(state.last_mark)
        latest = new if is_first else new[:MOST]
        if new:
            payload = {"requests": [entry.build_summary() for entry in latest]}
            yield _format_event(
                "requests", _format_json({**payload, "skipped": len(new) - len(latest)})
            )


def _format_event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"


def _format_json(data: Any) -> str:
    """Return JSON on one line."""
    return json.dumps(data)
