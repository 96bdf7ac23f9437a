"""Requests to code hosts and to receivers of messages, within limits of bytes and time."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final

import attrs
import httpx

from driftline.ci.host import build_reply_error
from driftline.runtime import apply_deadline, bound_network_time

_RETRIES: Final = 2
"""Retries after a failed connection; a request that may have arrived is not repeated."""
_MOST_BYTES: Final = 20_000_000


@attrs.frozen
class ReceivedReply:
    """A response whose body is read when it is needed."""

    response: httpx.Response

    def read(self) -> bytes:
        """Return the body.

        Raises:
            UsageError: the body is too long, or compressed although that was not requested.
        """
        content = bytearray()
        if "Content-Encoding" in self.response.headers:
            raise build_reply_error("it is compressed")
        for chunk in self.response.iter_raw():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise build_reply_error("it is too long")
        return bytes(content)


@contextmanager
def send_request(
    method: str, url: httpx.URL | str, headers: Mapping[str, str], data: Any, *, seconds: float
) -> Generator[ReceivedReply]:
    """Send one request with JSON; the whole response has to arrive within this many seconds.

    Raises:
        httpx.HTTPError: no response arrived in time.
    """
    deadline = monotonic() + seconds
    transport = httpx.HTTPTransport(retries=_RETRIES)
    accepted = {"Accept-Encoding": "identity", **headers}
    body: dict[str, Any] = {"content": data} if isinstance(data, bytes) else {"json": data}
    with httpx.Client(transport=transport, timeout=seconds) as client:
        apply_deadline(client)
        with (
            bound_network_time(lambda: deadline - monotonic()),
            client.stream(method, url, headers=accepted, **body) as response,
        ):
            yield ReceivedReply(response)
