"""What a test holds in its hands: the mock of its APIs, and what they received."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from difflib import get_close_matches
from importlib import import_module
from sys import modules
from typing import Any, TypeVar, overload

import attrs

from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport
from driftline.runtime import AsyncClient, Client
from driftline.testing.complaints import describe_invalid, describe_unmatched, format_received
from driftline.testing.hearing import HearingSite, skip_wait
from driftline.testing.received import Received
from driftline.testing.settings import MockSettings

__all__ = ["DriftlineMock", "MockedApi"]

AnyClient = TypeVar("AnyClient", bound=Client | AsyncClient)


class MockedApi:
    """The mock of one API: its rows, and ways to reach it."""

    def __init__(
        self, mock: Mock, site: HearingSite, port: Callable[[], str], settings: MockSettings
    ) -> None:
        self.mock = mock
        self.name = mock.spec.name
        self._site, self._port = site, port
        self._waits, self._has_port = settings.waits, settings.env
        self._clients: list[Client] = []

    @property
    def credentials(self) -> Mapping[str, str]:
        """By security scheme, the one value that is accepted."""
        return self.mock.credentials

    @property
    def url(self) -> str:
        """The base URL on a port of this machine."""
        return f"{self._port()}/{self.name}"

    @property
    def transport(self) -> MockTransport:
        """Reaches it without a port, whatever the host: for a client of yours, sync or async."""

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
        """The typed client with the right credentials, wired to the mock without a port.

        `kind` is its class, sync or async; `options` are those of the class.
        """
        spec = self.mock.spec
        given = {
            spec.security_schemes[name].argument: value for name, value in self.credentials.items()
        }
        # Where a port is open anyway, URLs in answers lead there, whoever fetches them.
        base_url = self.url if self._has_port else f"http://{self.name}.mock"
        wired = {"base_url": base_url, "transport": self.transport}
        made = (kind or self._find_class(spec.client_class))(**{**given, **wired, **options})
        if isinstance(made, Client):
            self._clients.append(made)
        return made

    def async_client(self, **options: Any) -> Any:
        """The same for asyncio and trio."""
        return self.client(self._find_class(f"Async{self.mock.spec.client_class}"), **options)

    def _find_class(self, name: str) -> type[Any]:
        package = self.mock.spec.client_package
        try:
            found: type[Any] = getattr(import_module(package), name)
        except (ImportError, AttributeError) as error:
            remedy = f"Generate it (driftline generate {self.name}), or use .transport or .url."
            raise UsageError(f"no typed client {package}.{name}: {error}", remedy) from None
        return found

    def rows(self, listing: str) -> list[dict[str, Any]]:
        """The rows of a listing as they are now."""
        return self.mock.list_rows(listing)

    def put(self, listing: str, **fields: Any) -> dict[str, Any]:
        """Adds a row that has these fields, the others made; or changes the one of their ID."""
        return self.mock.put(listing, fields)

    def close(self) -> None:
        for client in self._clients:
            client.close()


class DriftlineMock(Mapping[str, MockedApi]):
    """The APIs of one test, as `mock["shop"]`; with one API alone its own names serve as well."""

    def __init__(
        self, mocks: Mapping[str, Mock], settings: MockSettings, port: Callable[[], str]
    ) -> None:
        self.settings = settings
        self.site = HearingSite(mocks, seed=settings.seed, waits=settings.waits)
        self._apis = {
            name: MockedApi(mock, self.site, port, settings) for name, mock in mocks.items()
        }
        self._told = 0
        # A block that nobody keeps would be over at once.
        self._troubles: list[ExitStack] = []
        self.site.trouble.set(*settings.trouble)

    def __getitem__(self, name: str) -> MockedApi:
        if name not in self._apis:
            raise UsageError(f"unknown API {name!r} in this test", self._suggest_fix(name))
        return self._apis[name]

    def _suggest_fix(self, name: str) -> str:
        names = ", ".join(f'"{each}"' for each in (*self._apis, name))
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
            what = f"this test has several APIs: {', '.join(self)}"
            raise UsageError(what, f'Select one, for example driftline_mock["{first}"].')
        return next(iter(self._apis.values()))

    # With one API alone.

    @property
    def credentials(self) -> Mapping[str, str]:
        """By security scheme, the one value that is accepted."""
        return self.only.credentials

    @property
    def url(self) -> str:
        """The base URL on a port of this machine."""
        return self.only.url

    @property
    def transport(self) -> MockTransport:
        """Reaches it without a port, whatever the host: for a client of yours, sync or async."""
        return self.only.transport

    @overload
    def client(self, kind: type[AnyClient], **options: Any) -> AnyClient: ...
    @overload
    def client(self, kind: None = None, **options: Any) -> Any: ...
    def client(self, kind: type[Any] | None = None, **options: Any) -> Any:
        """The typed client, wired to the mock; `kind`, its class, says which of several."""
        if kind is None:
            return self.only.client(**options)
        api = getattr(modules[kind.__module__], "API", None)
        return self[getattr(api, "name", kind.__name__)].client(kind, **options)

    def async_client(self, **options: Any) -> Any:
        """The same for asyncio and trio."""
        return self.only.async_client(**options)

    def rows(self, listing: str) -> list[dict[str, Any]]:
        """The rows of a listing as they are now."""
        return self.only.rows(listing)

    def put(self, listing: str, **fields: Any) -> dict[str, Any]:
        """Adds a row that has these fields, the others made; or changes the one of their ID."""
        return self.only.put(listing, **fields)

    def snapshot(self) -> dict[str, Any]:
        """All rows, as JSON data that `load` takes."""
        return self.only.mock.snapshot()

    def load(self, data: Any) -> None:
        """Puts the rows of a snapshot in the place of those that are there."""
        self.only.mock.load(data)

    # With all of them.

    def reset(self) -> None:
        """The first rows again."""
        for api in self.values():
            api.mock.reset()

    def step(self, seconds: float) -> None:
        """Lets so much time pass at once: each row is then in the state that it has by then."""
        for api in self.values():
            api.mock.advance_clock(seconds)

    def trouble(self, *rules: str) -> AbstractContextManager[Any]:
        """These rules too, from now to the end of the test; or of the block, after `with`."""
        block = ExitStack()
        block.enter_context(self.site.trouble.apply_during(*rules))
        self._troubles.append(block)
        return block

    # What came.

    @property
    def received(self) -> list[Received]:
        """All requests, the earliest first."""
        return list(self.site.heard)

    def received_times(self, times: int, operation: str) -> list[Received]:
        """The requests for an operation, `call.list` or `shop/call.list`, if there are so many.

        Raises:
            AssertionError: there are more or fewer; the text lists all that came.
            UsageError: there is no such operation.
        """
        __tracebackhide__ = True
        meant, everything = self._find_operations(operation), self.received
        found = [each for each in everything if (each.api, each.operation) in meant]
        if len(found) != times:
            received = _format_times(len(found))
            what = f"expected {operation} {_format_times(times)}, received it {received}."
            raise AssertionError(f"{what}\n{format_received(everything)}")
        return found

    def received_once(self, operation: str) -> Received:
        """The only request for an operation; raises what `received_times` does."""
        __tracebackhide__ = True
        return self.received_times(1, operation)[0]

    def received_none(self, operation: str | None = None) -> None:
        """Nothing was received for an operation, or nothing at all."""
        __tracebackhide__ = True
        if operation is not None:
            self.received_times(0, operation)
        elif self.received:
            raise AssertionError(f"expected no request at all.\n{format_received(self.received)}")

    def _find_operations(self, operation: str) -> set[tuple[str, str]]:
        """The operations of that name, with their APIs; a wrong name would never be received."""
        known = {
            (name, each.id): f"{name}/{each.id}"
            for name, api in self.items()
            for each in api.mock.spec.operations
        }
        found = {each for each, full in known.items() if operation in {each[1], full}}
        if not found:
            near = get_close_matches(operation, [*known.values(), *(i for _, i in known)], 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UsageError(
                f"unknown operation {operation!r}",
                f"{hint}Name one of: {', '.join(known.values())}.",
            )
        return found

    def take_complaint(self) -> str:
        """What was wrong with the requests since this was asked for last; empty if nothing was."""
        new, self._told = self.site.heard[self._told :], len(self.site.heard)
        texts: list[str] = []
        without = [each for each in new if each.is_unmatched]
        if without and self.settings.on_unmatched == "fail":
            texts.append(describe_unmatched(without, self.site.mocks))
        wrong = [each for each in new if each.is_invalid]
        if wrong and self.settings.on_invalid == "fail":
            texts.append(describe_invalid(wrong))
        return "\n\n".join(texts)

    def list_received(self) -> str:
        """All that was received, a line each, for people to read."""
        return format_received(self.received)

    def close(self) -> None:
        for api in self.values():
            api.close()


def _format_times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
