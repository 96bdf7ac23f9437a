"""A small API by hand, for what the specs of the repository do not have."""

from __future__ import annotations

from typing import Any

import httpx

from driftline.runtime import Api, AsyncClient, Client, Endpoint, Retries
from runtime.transports import FakeClock

__all__ = ["BASE", "api_of", "async_client_of", "client_of"]

BASE = "https://api.example.com/v1"


def api_of(*operations: Endpoint, **more: Any) -> Api:
    """An API of these operations, without credentials unless they are given."""
    more = {"base_url": BASE, "base_url_env": None, "credentials": (), **more}
    return Api(name="shop", version="1", operations={each.id: each for each in operations}, **more)


def client_of(
    api: Api, transport: httpx.BaseTransport, credentials: Any = None, **options: Any
) -> Client:
    """A client that sends to a transport, and never waits."""
    options = {"retries": Retries(clock=FakeClock()), **options}
    return Client(api, credentials or {}, transport=transport, **options)


def async_client_of(
    api: Api, transport: httpx.AsyncBaseTransport, credentials: Any = None, **options: Any
) -> AsyncClient:
    """The same, asynchronous."""
    options = {"retries": Retries(clock=FakeClock()), **options}
    return AsyncClient(api, credentials or {}, transport=transport, **options)
