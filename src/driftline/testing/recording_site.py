"""A site that records its requests, and one port for the sites of all tests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager

import anyio
import attrs

from driftline.mock import PREFIX, HttpRequest, HttpResponse, LoggedRequest, Mock, Site, run_server
from driftline.mutation import MutantDrifts
from driftline.testing.received import Received


async def skip_wait(_: float) -> None:
    """Return at once, but let other tasks run."""
    await anyio.sleep(0)


class RecordingSite(Site):
    """A site that records complete requests, except those of the control API."""

    def __init__(self, mocks: Mapping[str, Mock], *, seed: int, waits: bool) -> None:
        sleep = asyncio.sleep if waits else skip_wait
        super().__init__(mocks, seed=seed, drifts=MutantDrifts(seed), sleep=sleep)
        self.mocks = mocks
        self.received: list[Received] = []
        self._lock = threading.Lock()

    def handle(self, request: HttpRequest) -> HttpResponse:
        response = super().handle(request)
        if not request.path.startswith(PREFIX):
            self._record(request, response)
        return response

    def _record(self, request: HttpRequest, response: HttpResponse) -> None:
        name, slash, path = request.path.lstrip("/").partition("/")
        mock = self.mocks.get(name)
        if mock is not None:
            request = attrs.evolve(request, path=(slash + path) or "/")
        operation = mock.find_operation(request) if mock else None
        id_ = operation.id if operation else ""
        with self._lock:
            logged_request = LoggedRequest(
                number=len(self.received) + 1,
                time="",
                api=name if mock else "",
                operation=id_,
                request=request,
                response=response,
                size=len(response.body),
                seconds=0.0,
                secrets=self.secrets.get(name, frozenset()),
            )
            self.received.append(
                Received(logged_request.api, id_, request, response, logged_request)
            )


class SharedPort:
    """One port for all tests of a process, opened on first use."""

    def __init__(self) -> None:
        self._exit_stack = ExitStack()
        self._url: str | None = None
        self._switch = _Switch()

    def get_url(self) -> str:
        """Return its URL, without a trailing slash.

        Raises:
            TargetError: no port can be opened.
        """
        if self._url is None:
            self._url = self._exit_stack.enter_context(run_server(self._switch))
        return self._url

    @contextmanager
    def serve_site(self, site: Site) -> Generator[None]:
        """Serve this site, for one test."""
        self._switch.current_site = site
        try:
            yield
        finally:
            self._switch.current_site = None

    def close(self) -> None:
        self._exit_stack.close()
        self._url = None


class _Switch(Site):
    """Forwards requests to the site of the running test."""

    def __init__(self) -> None:
        super().__init__({}, sleep=self._wait)
        self.current_site: Site | None = None

    def handle(self, request: HttpRequest) -> HttpResponse:
        if self.current_site is not None:
            return self.current_site.handle(request)
        body = b"no test with a mock is running"
        headers = (("Content-Type", "text/plain"), ("Content-Length", str(len(body))))
        return HttpResponse(503, headers, body)

    async def _wait(self, seconds: float) -> None:
        await (self.current_site.sleep if self.current_site else asyncio.sleep)(seconds)
