"""Several APIs on one port, each under its name, and the control API under `/_driftline`."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import attrs

from driftline.errors import UsageError
from driftline.mock.admin.console import Events, Pages, accepts_html, describe_apis
from driftline.mock.admin.control import PREFIX, ControlApi
from driftline.mock.admin.request_log import LoggedRequest, RequestLog, truncate_message
from driftline.mock.admin.rows_api import add_row_routes
from driftline.mock.core import Mock
from driftline.mock.faults import DriftSource, Faults
from driftline.mock.http.http_semantics import add_sandbox, finish_response
from driftline.mock.http.messages import (
    AsyncSleep,
    Handle,
    HttpRequest,
    HttpResponse,
    build_json_response,
)


def _read_now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


class Site(Mapping[str, Handle]):
    """What a port serves: a handler for each API, as `site["shop"]`, and `handle` for all.

    An API is a mock, or any function from requests to responses; faults by operation need a mock.
    `log` is called with each request, `sleep` with the delay of a response in seconds.

    Raises:
        UsageError: an API has the reserved name.
    """

    def __init__(
        self,
        apis: Mapping[str, Mock | Handle],
        *,
        seed: int = 0,
        drifts: DriftSource | None = None,
        log: Callable[[LoggedRequest], None] | None = None,
        sleep: AsyncSleep = asyncio.sleep,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime.datetime] = _read_now,
    ) -> None:
        if PREFIX.strip("/") in apis:
            message = f"invalid API name {PREFIX.strip('/')}: reserved for the control API"
            raise UsageError(message, "Rename the file of its spec.")
        self._mocks = {name: api if isinstance(api, Mock) else None for name, api in apis.items()}
        self._api_handles = {name: _handle(api) for name, api in apis.items()}
        self._handles: dict[str, Handle] = {name: partial(self._respond, name) for name in apis}
        self.secrets = {name: _collect_secrets(mock) for name, mock in self._mocks.items()}
        self._log, self._clock, self._now = log, clock, now
        self.sleep = sleep
        self.faults = Faults(self._mocks, seed=seed, drifts=drifts)
        self.recent = RequestLog()
        self.control = ControlApi(self._mocks, self.faults, self.recent)
        add_row_routes(self.control)
        self.events = Events(self.recent)
        self.events.watch("faults", self.faults.to_dict)
        self.control.add_route("GET", "/events", self.events.respond)
        describe_apis(self.control)
        self._pages = Pages()

    def __getitem__(self, name: str) -> Handle:
        return self._handles[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request whose path begins with an API or the reserved name."""
        api, slash, path = request.path.lstrip("/").partition("/")
        if f"/{api}" == PREFIX and path.startswith("console/"):
            return self.control.run_action(self._pages.handle, _strip_prefix(request, path[7:]))
        if f"/{api}" == PREFIX:
            return self.control.handle(_strip_prefix(request, slash + path))
        if api in self._handles:
            return self._handles[api](_strip_prefix(request, slash + path, f"/{api}"))
        if not api and not path and accepts_html(request):
            return self.control.run_action(self._pages.index, request)
        if request.method == "OPTIONS" and request.path == "*":
            return HttpResponse(204, (("Allow", "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"),))
        detail = f"unknown API; available: {', '.join('/' + name for name in self)}"
        problem = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail}
        answer = build_json_response(404, problem, media_type="application/problem+json")
        return attrs.evolve(answer, reason=detail)

    def _respond(self, api: str, request: HttpRequest) -> HttpResponse:
        """Return the response of one API with the active faults."""
        at, start = self._now(), self._clock()
        mock = self._mocks[api]
        # HEAD is handled as GET, and the body is removed at the end.
        full_request = attrs.evolve(request, method="GET") if request.method == "HEAD" else request
        if mock is None or (
            full_request is not request and mock.find_operation(full_request) is None
        ):
            full_request = request
        response = self.faults.respond(api, full_request, self._api_handles[api])
        plain = response.body
        if mock is not None and not response.delivery.is_silent:
            response = finish_response(request, response)
        response = add_sandbox(response)
        seconds = self._clock() - start
        operation = mock.find_operation(request) if mock else None
        entry = LoggedRequest(
            number=self.recent.take_number(),
            time=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            api=api,
            operation=operation.id if operation else "",
            request=truncate_message(request),
            response=truncate_message(_decompress(response, plain)),
            size=len(response.body),
            seconds=seconds,
            secrets=self.secrets[api],
        )
        self.recent.keep(entry)
        if self._log is not None:
            self._log(entry)
        return response


def _handle(api: Mock | Handle) -> Handle:
    return api.handle if isinstance(api, Mock) else api


def _collect_secrets(mock: Mock | None) -> frozenset[str]:
    schemes = mock.spec.security_schemes.values() if mock else ()
    return frozenset(scheme.wire_name.lower() for scheme in schemes)


def _decompress(response: HttpResponse, plain: bytes) -> HttpResponse:
    """Return the response without compression."""
    if response.body is plain or not response.body:
        return response
    return attrs.evolve(response, body=plain)


def _strip_prefix(request: HttpRequest, path: str, root: str = "") -> HttpRequest:
    """Return the request with the rest of its path."""
    method, query, headers = request.method, request.query, request.headers
    return HttpRequest(method, path or "/", query, headers, request.body, root, request.scheme)
