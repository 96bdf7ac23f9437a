"""The mock of a test: its APIs, and the requests they received."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from difflib import get_close_matches
from importlib import import_module
from sys import modules
from typing import Any, TypeVar, overload

import attrs

from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport
from driftline.openapi import Operation
from driftline.runtime import AsyncClient, Client
from driftline.testing.received import Received
from driftline.testing.recording_site import RecordingSite, skip_wait
from driftline.testing.settings import MockSettings

AnyClient = TypeVar("AnyClient", bound=Client | AsyncClient)


class MockedApi:
    """The mock of one API: its rows, and clients for it."""

    def __init__(
        self, mock: Mock, site: RecordingSite, port: Callable[[], str], settings: MockSettings
    ) -> None:
        self.mock = mock
        self.name = mock.spec.name
        self._site, self._port = site, port
        self._waits, self._has_port = settings.waits, settings.env
        self._clients: list[Client] = []

    @property
    def credentials(self) -> Mapping[str, str]:
        """The accepted value of each security scheme."""
        return self.mock.credentials

    @property
    def url(self) -> str:
        """The base URL on a local port."""
        return f"{self._port()}/{self.name}"

    @property
    def transport(self) -> MockTransport:
        """A transport for your own httpx client, sync or async; no port, any host."""

        def handle(request: HttpRequest) -> HttpResponse:
            return self._site.handle(attrs.evolve(request, path=f"/{self.name}{request.path}"))

        prefix = f"/{self.name}"
        if self._waits:
            return MockTransport(handle, prefix)
        return MockTransport(handle, prefix, sleep=lambda _: time.sleep(0), async_sleep=skip_wait)

    @overload
    def client(self, kind: type[AnyClient], **options: Any) -> AnyClient: ...
    @overload
    def client(self, kind: None = None, **options: Any) -> Any: ...
    def client(self, kind: type[Any] | None = None, **options: Any) -> Any:
        """Return the typed client with valid credentials, connected without a port.

        `kind` is its class, sync or async; `options` are those of the class.
        """
        spec = self.mock.spec
        credentials = {
            spec.security_schemes[name].argument: value for name, value in self.credentials.items()
        }
        # If a port is open anyway, URLs in responses lead there, for any program.
        base_url = self.url if self._has_port else f"http://{self.name}.mock"
        wired = {"base_url": base_url, "transport": self.transport}
        typed_client = (kind or self._find_class(spec.client_class))(
            **{**credentials, **wired, **options}
        )
        if isinstance(typed_client, Client):
            self._clients.append(typed_client)
        return typed_client

    def async_client(self, **options: Any) -> Any:
        """Return the async client, for asyncio and trio."""
        return self.client(self._find_class(f"Async{self.mock.spec.client_class}"), **options)

    def _find_class(self, name: str) -> type[Any]:
        package = self.mock.spec.client_package
        try:
            client_class: type[Any] = getattr(import_module(package), name)
        except (ImportError, AttributeError) as error:
            hint = f"Run driftline generate {self.name}, or use .transport or .url."
            raise UsageError(
                f"could not import the typed client {package}.{name}: {error}", hint
            ) from None
        return client_class

    def rows(self, listing: str) -> list[dict[str, Any]]:
        """Return the current rows of a listing."""
        return self.mock.list_rows(listing)

    def put(self, listing: str, **fields: Any) -> dict[str, Any]:
        """Add a row with these fields and generated others, or change the row of their ID."""
        return self.mock.put(listing, fields)

    def close(self) -> None:
        for client in self._clients:
            client.close()


class DriftlineMock(Mapping[str, MockedApi]):
    """The APIs of one test, as `mock["shop"]`; a single API is reachable directly."""

    def __init__(
        self, mocks: Mapping[str, Mock], settings: MockSettings, port: Callable[[], str]
    ) -> None:
        self.settings = settings
        self.site = RecordingSite(mocks, seed=settings.seed, waits=settings.waits)
        self._apis = {
            name: MockedApi(mock, self.site, port, settings) for name, mock in mocks.items()
        }
        self._reported_count = 0
        # A context that nothing holds would end at once.
        self._blocks: list[ExitStack] = []
        self.site.faults.set(*settings.faults)

    def __getitem__(self, name: str) -> MockedApi:
        if name not in self._apis:
            raise UsageError(f"API {name!r} is not part of this test", self._suggest_fix(name))
        return self._apis[name]

    def _suggest_fix(self, name: str) -> str:
        names = ", ".join(f'"{api_name}"' for api_name in (*self._apis, name))
        return f"Write @pytest.mark.driftline({names})."

    def __iter__(self) -> Iterator[str]:
        return iter(self._apis)

    def __len__(self) -> int:
        return len(self._apis)

    def __repr__(self) -> str:
        return f"<mock of {', '.join(self)}; {len(self.received)} received>"

    @property
    def only(self) -> MockedApi:
        """The API, if there is just one.

        Raises:
            UsageError: there are several.
        """
        if len(self._apis) > 1:
            first = next(iter(self))
            message = f"ambiguous: this test has several APIs: {', '.join(self)}"
            raise UsageError(message, f'Choose one: driftline_mock["{first}"].')
        return next(iter(self._apis.values()))

    # Of the only API.

    @property
    def credentials(self) -> Mapping[str, str]:
        """The accepted value of each security scheme."""
        return self.only.credentials

    @property
    def url(self) -> str:
        """The base URL on a local port."""
        return self.only.url

    @property
    def transport(self) -> MockTransport:
        """A transport for your own httpx client, sync or async; no port, any host."""
        return self.only.transport

    @overload
    def client(self, kind: type[AnyClient], **options: Any) -> AnyClient: ...
    @overload
    def client(self, kind: None = None, **options: Any) -> Any: ...
    def client(self, kind: type[Any] | None = None, **options: Any) -> Any:
        """Return the typed client, connected to the mock; `kind` is its class."""
        if kind is None:
            return self.only.client(**options)
        api = getattr(modules[kind.__module__], "API", None)
        return self[getattr(api, "name", kind.__name__)].client(kind, **options)

    def async_client(self, **options: Any) -> Any:
        """Return the async client, for asyncio and trio."""
        return self.only.async_client(**options)

    def rows(self, listing: str) -> list[dict[str, Any]]:
        """Return the current rows of a listing."""
        return self.only.rows(listing)

    def put(self, listing: str, **fields: Any) -> dict[str, Any]:
        """Add a row with these fields and generated others, or change the row of their ID."""
        return self.only.put(listing, **fields)

    def snapshot(self) -> dict[str, Any]:
        """Return all rows as JSON data for `load`."""
        return self.only.mock.snapshot()

    def load(self, data: Any) -> None:
        """Replace all rows with a snapshot."""
        self.only.mock.load(data)

    # Of all APIs.

    def reset(self) -> None:
        """Restore the initial rows."""
        for api in self.values():
            api.mock.reset()

    def step(self, seconds: float) -> None:
        """Advance the clock; rows move to the states they have by then."""
        for api in self.values():
            api.mock.advance_clock(seconds)

    def fault(self, *rules: str) -> AbstractContextManager[Any]:
        """Inject faults until the test ends, or until the `with` block ends."""
        block = ExitStack()
        block.enter_context(self.site.faults.apply_during(*rules))
        self._blocks.append(block)
        return block

    # Received requests.

    @property
    def received(self) -> list[Received]:
        """All requests, earliest first."""
        return list(self.site.received)

    def received_times(self, times: int, operation: str) -> list[Received]:
        """Return the requests for an operation such as `shop/call.list`; assert how many.

        Raises:
            AssertionError: there are more or fewer; the message lists all requests.
            UsageError: the operation is unknown.
        """
        __tracebackhide__ = True
        operation_keys, all_requests = self._find_operations(operation), self.received
        requests = [
            request
            for request in all_requests
            if (request.api, request.operation) in operation_keys
        ]
        if len(requests) != times:
            received = f"received {_format_times(len(requests))}" if requests else "never received"
            message = f"expected {operation} {_format_times(times)}, but it was {received}"
            raise AssertionError(f"{message}\n{format_received(all_requests)}")
        return requests

    def received_once(self, operation: str) -> Received:
        """Return the only request for an operation; raises as `received_times` does."""
        __tracebackhide__ = True
        return self.received_times(1, operation)[0]

    def received_none(self, operation: str | None = None) -> None:
        """Assert that no request was received, for an operation or at all."""
        __tracebackhide__ = True
        if operation is not None:
            self.received_times(0, operation)
        elif self.received:
            raise AssertionError(f"expected no requests\n{format_received(self.received)}")

    def _find_operations(self, operation: str) -> set[tuple[str, str]]:
        """Return the operations of a name with their APIs; an unknown name is an error."""
        full_names = {
            (name, candidate.id): f"{name}/{candidate.id}"
            for name, api in self.items()
            for candidate in api.mock.spec.operations
        }
        keys = {key for key, full in full_names.items() if operation in {key[1], full}}
        if not keys:
            suggestions = get_close_matches(
                operation, [*full_names.values(), *(i for _, i in full_names)], 1
            )
            hint = f"Use {suggestions[0]}. " if suggestions else ""
            raise UsageError(
                f"unknown operation {operation!r}",
                f"{hint}Operations: {', '.join(full_names.values())}.",
            )
        return keys

    def take_complaint(self) -> str:
        """Return what was wrong with the requests since the last call; empty if nothing was."""
        new, self._reported_count = (
            self.site.received[self._reported_count :],
            len(self.site.received),
        )
        messages: list[str] = []
        without = [request for request in new if request.is_unmatched]
        if without and self.settings.on_unmatched == "fail":
            messages.append(describe_unmatched(without, self.site.mocks))
        problems = [request for request in new if request.is_invalid]
        if problems and self.settings.on_invalid == "fail":
            messages.append(describe_invalid(problems))
        return "\n\n".join(messages)

    def list_received(self) -> str:
        """Return all received requests as text, one line each."""
        return format_received(self.received)

    def close(self) -> None:
        for api in self.values():
            api.close()


def _format_times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")


MOST = 20


def format_received(received: Sequence[Received]) -> str:
    """Return one line for each received request, earliest first; of many, the last ones."""
    if not received:
        return "No requests received."
    omitted = len(received) - MOST
    lines = [f"Received, {_count(len(received))}:"]
    lines += [f"  … {omitted} earlier requests"] if omitted > 0 else []
    lines += [f"  {_format_line(request)}" for request in received[-MOST:]]
    return "\n".join(lines)


def describe_unmatched(requests: Sequence[Received], mocks: Mapping[str, Mock]) -> str:
    """Describe requests that match no operation, and list the operations."""
    verb = "matches" if len(requests) == 1 else "match"
    lines = [f"The mock received {_count(len(requests))} that {verb} no operation:"]
    lines += (
        f"  {_format_line(request)}{_explain_rejection(request)}" for request in requests[:MOST]
    )
    api_names = dict.fromkeys(request.api for request in requests)
    for api in mocks if "" in api_names else api_names:
        lines.append(f"Operations below /{api}:" if "" in api_names else f"Operations of {api}:")
        lines += _format_operations(mocks[api].spec.operations)
    return _add_advice(lines, "on_unmatched")


def describe_invalid(requests: Sequence[Received]) -> str:
    """Describe requests that violate the spec, and why."""
    verb = "violates" if len(requests) == 1 else "violate"
    lines = [f"The mock received {_count(len(requests))} that {verb} the spec:"]
    lines += (
        f"  {_format_line(request)}{_explain_rejection(request)}" for request in requests[:MOST]
    )
    return _add_advice(lines, "on_invalid")


def _add_advice(lines: list[str], option: str) -> str:
    advice = f'If the test intends this, add @pytest.mark.driftline({option}="allow").'
    return "\n".join([*lines, advice])


def _count(number: int) -> str:
    return f"{number} request{'' if number == 1 else 's'}"


def _format_line(received: Received) -> str:
    return f"{received.logged_request.number}. {received}{received.format_body()}"


def _explain_rejection(received: Received) -> str:
    """Return the reason of the mock on its own line, or nothing."""
    why = received.logged_request.describe_rejection()
    return f"\n     {why}" if why else ""


def _format_operations(operations: Iterable[Operation]) -> list[str]:
    rows = [(operation.id, operation.method, operation.path) for operation in operations]
    width = max((len(id_) for id_, _, _ in rows), default=0)
    return [f"  {id_:<{width}}  {method:<6} {path}" for id_, method, path in rows]
