# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""The clients of Revox."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Unpack

from driftline.runtime import (
    Api,
    AsyncClient,
    AsyncClientOptions,
    AsyncSecret,
    Client,
    ClientOptions,
    Credential,
    Endpoints,
    Secret,
)

from . import errors

if TYPE_CHECKING:
    from .api import call as _call

__all__ = ["API", "AsyncRevox", "Revox"]

API = Api(
    name="revox",
    version="1",
    base_url="https://www.getrevox.com/api",
    base_url_env="REVOX_BASE_URL",
    credentials=(Credential("apiKey", "api_key", "bearer", "Authorization", env="REVOX_API_KEY"),),
    operations=Endpoints(
        __package__ or "",
        {
            "call.list": ".api.call.call_list",
        },
    ),
    errors={
        400: errors.BadRequest,
        401: errors.Unauthorized,
        429: errors.TooManyRequests,
    },
)


class Revox(Client):
    """A client for Revox.

    api_key: sent as Authorization; default: the environment variable REVOX_API_KEY.

    base_url: default: the environment variable REVOX_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: Secret | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, Secret | None] = {
            "apiKey": api_key,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.CallResource:
        """The operations of `call`."""
        from .api.call import CallResource

        return CallResource(self)


class AsyncRevox(AsyncClient):
    """A client for Revox.

    api_key: sent as Authorization; default: the environment variable REVOX_API_KEY.

    base_url: default: the environment variable REVOX_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: AsyncSecret | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, AsyncSecret | None] = {
            "apiKey": api_key,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.AsyncCallResource:
        """The operations of `call`."""
        from .api.call import AsyncCallResource

        return AsyncCallResource(self)
