"""Hand-written APIs and clients for cases that the specs of the repository do not cover."""

from __future__ import annotations

from typing import Any

import httpx

from driftline.runtime import Api, AsyncClient, Client, Endpoint, Retries
from runtime.transports import FakeClock

__all__ = ["BASE", "build_api", "build_async_client", "build_client"]

BASE = "https://api.example.com/v1"


def build_api(*operations: Endpoint, **fields: Any) -> Api:
    """Return an API with these operations and, unless given, no credentials."""
    fields = {"base_url": BASE, "base_url_env": None, "credentials": (), **fields}
    return Api(
        name="shop",
        version="1",
        operations={operation.id: operation for operation in operations},
        **fields,
    )


def build_client(
    api: Api, transport: httpx.BaseTransport, credentials: Any = None, **options: Any
) -> Client:
    """Return a client that sends requests to a transport and never sleeps."""
    options = {"retries": Retries(clock=FakeClock()), **options}
    return Client(api, credentials or {}, transport=transport, **options)


def build_async_client(
    api: Api, transport: httpx.AsyncBaseTransport, credentials: Any = None, **options: Any
) -> AsyncClient:
    """Return an async client that sends requests to a transport and never sleeps."""
    options = {"retries": Retries(clock=FakeClock()), **options}
    return AsyncClient(api, credentials or {}, transport=transport, **options)
