"""What both kinds of client have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Self, Unpack

import attrs
import httpx

from driftline.runtime.call_loop import ReceivedResponse
from driftline.runtime.core import Core, read_open, read_whole
from driftline.runtime.encode import Fields
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ConfigurationError
from driftline.runtime.oauth import TokenGrant
from driftline.runtime.options import AnySecret, CallSettings, Overrides
from driftline.runtime.raw_response import Watch
from driftline.runtime.telemetry.spans import log_as_asked

_OVERRIDES = frozenset(Overrides.__annotations__)


class Shell:
    """Configuration and decoding shared by the sync and async clients."""

    _core: Core

    def _prepare(
        self,
        api: Api,
        credentials: Mapping[str, AnySecret | TokenGrant | None],
        options: Mapping[str, Any],
        known: frozenset[str],
    ) -> None:
        log_as_asked()
        unknown = options.keys() - known
        if unknown:
            raise ConfigurationError(_describe_unknown(type(self).__name__, api, unknown))
        chosen = {name: value for name, value in options.items() if name in _OVERRIDES}
        settings = CallSettings().override(chosen)
        self._core = Core.make(api, credentials, options, settings)

    def __repr__(self) -> str:
        shown = httpx.URL(self._core.servers.base_url).copy_with(userinfo=b"")
        return f"{type(self).__name__}({str(shown)!r})"

    def with_options(self, **options: Unpack[Overrides]) -> Self:
        """Return a copy with other options, on the same connections; this client stays as it is."""
        other = object.__new__(type(self))
        # The resources, which know their client, are made again.
        other.__dict__.update({n: v for n, v in self.__dict__.items() if n.startswith("_")})
        settings = self._core.settings.override(options)
        other._core = attrs.evolve(self._core, settings=settings)
        return other

    def _request_stream(
        self, operation: Endpoint, arguments: Mapping[str, Any], body: Any, settings: CallSettings
    ) -> tuple[Mapping[str, Any], Any, CallSettings]:
        """Return arguments, body and settings with the flag that asks the server for a stream."""
        flag = operation.stream_flag
        if flag is None:
            return arguments, body, settings
        if flag in operation.arguments:
            return {**arguments, flag: True}, body, settings
        if isinstance(body, Fields):
            return arguments, Fields({**body, flag: True}), settings
        return arguments, body, settings.override({"extra_body": {**settings.body, flag: True}})

    def _read_value(
        self,
        operation: Endpoint,
        received: ReceivedResponse,
        settings: CallSettings,
        watched: Watch | None,
    ) -> Any:
        """Return what was read from the response; nothing if client code reads it itself.

        Raises what `Core.read` does.
        """
        self._note_watched(operation, received, watched)
        if watched is not None and watched.stream and received.response.is_success:
            return None
        return self._core.read(operation, received, settings)

    def _note_watched(
        self, operation: Endpoint, received: ReceivedResponse, watched: Watch | None
    ) -> None:
        if watched is not None:
            watched.response = received
            watched.failure = lambda broken: self._core.errors.build_failure(operation, broken)


def choose_open(watched: Watch | None) -> Callable[[httpx.Response], bool] | None:
    """Return what chooses the bodies left to be read; None: the operation's own choice."""
    if watched is None:
        return None
    return read_open if watched.stream else read_whole


def _describe_unknown(client: str, api: Api, names: Collection[str]) -> str:
    """Name the unknown options; mutual TLS has an option of its own."""
    message = f"unknown option of {client}: {', '.join(sorted(names))}"
    schemes = {each.name for each in api.credentials if each.kind == "mutualTLS"}
    return f"{message}\nfor mutual TLS pass cert=…" if schemes.intersection(names) else message
