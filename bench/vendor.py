"""The vendor's own package, by its public face."""

from __future__ import annotations

import gc
import time

import httpx
from roark_analytics import Roark

from bench.reading import read_all


def build_answered_client(bodies: list[bytes]) -> Roark:
    """The vendor's client, answered without a network; each body once, the last for ever."""
    left = bodies[::-1]

    def answer(_: httpx.Request) -> httpx.Response:
        body = left.pop() if len(left) > 1 else left[0]
        return httpx.Response(200, content=body, headers={"Content-Type": "application/json"})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    return Roark(bearer_token="x", max_retries=0, http_client=http)  # noqa: S106


def decode_seconds(client: Roark, times: int, *, read: bool = False) -> float:
    """Return the CPU seconds from the bytes of a response to typed models, averaged.

    The responses exist before: `parse` is all that the client does with one. With `read`, every
    field is read too.
    """
    answers = [client.call.with_raw_response.list(limit=100) for _ in range(times)]
    gc.collect()
    start = time.process_time()
    while answers:
        page = answers.pop().parse()
        if read:
            read_all(page.data)
    return (time.process_time() - start) / times
