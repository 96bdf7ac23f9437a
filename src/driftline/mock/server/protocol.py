"""The protocol of the port: uvicorn's, with access to the connection and support for any method.

httptools parses requests several times as fast as h11, but only knows some methods. A connection
with another method is passed to h11.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from driftline.mock.server.asgi import EXTENSION, App, Message, Receive, Send

_QUICK = tuple(
    f"{method} ".encode() for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
)
_LONGEST_HEAD = 1 << 16


def _wrap_application(app: App, transport: asyncio.BaseTransport) -> App:
    """Return the application with the connection in its scope."""

    async def connect(scope: Message, receive: Receive, send: Send) -> None:
        extensions = {**scope.get("extensions", {}), EXTENSION: transport}
        await app({**scope, "extensions": extensions}, receive, send)

    return connect


class _Slow(H11Protocol):
    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        protocol: Any = self
        protocol.app = _wrap_application(protocol.app, transport)


class BreakingProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, which passes its connection to the application."""

    _is_reading = _is_in_head = _is_at_end = False
    _head = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        protocol: Any = self
        protocol.app = _wrap_application(protocol.app, transport)

    def data_received(self, data: bytes) -> None:
        if self._is_idle() and not _is_quick(data):
            self._give_away(data)
            return
        if self._is_in_head:
            self._head += len(data)
        if self._head > _LONGEST_HEAD:
            self.send_400_response("The headers of the request are too long.")
            return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._is_reading = self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head, self._head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_reading = False
        super().on_message_complete()

    def eof_received(self) -> Any:
        """Keep the connection open for responses to pipelined requests."""
        self._is_at_end = True
        return bool(self.pipeline)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._is_at_end and not self.pipeline and self.cycle.response_complete:
            self.transport.close()

    def _is_idle(self) -> bool:
        cycle: Any = self.cycle
        return not self._is_reading and (cycle is None or cycle.response_complete)

    def _give_away(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        protocol: Any = self
        slow_protocol = _Slow(protocol.config, self.server_state, protocol.app_state)
        slow_protocol.connection_made(self.transport)
        self.transport.set_protocol(slow_protocol)
        slow_protocol.data_received(data)


def _is_quick(data: bytes) -> bool:
    """Return whether a request begins, or may still begin, with a known method."""
    return data.startswith(_QUICK) or any(method.startswith(data) for method in _QUICK)
