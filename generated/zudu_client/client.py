# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""The clients of Zudu."""

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

__all__ = ["API", "AsyncZudu", "Zudu"]

API = Api(
    name="zudu",
    version="1",
    base_url="https://api.zudu.ai",
    base_url_env="ZUDU_BASE_URL",
    credentials=(
        Credential("apiKey", "api_key", "header", "X-API-KEY", env="ZUDU_API_KEY"),
        Credential("apiSecret", "api_secret", "header", "X-API-SECRET", env="ZUDU_API_SECRET"),
    ),
    operations=Endpoints(
        __package__ or "",
        {
            "call.list": ".api.call.call_list",
        },
    ),
    errors={
        401: errors.Unauthorized,
        429: errors.TooManyRequests,
    },
)


class Zudu(Client):
    """A client for Zudu.

    api_key: sent as X-API-KEY; default: the environment variable ZUDU_API_KEY.

    api_secret: sent as X-API-SECRET; default: the environment variable ZUDU_API_SECRET.

    base_url: default: the environment variable ZUDU_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: Secret | None = None,
        api_secret: Secret | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, Secret | None] = {
            "apiKey": api_key,
            "apiSecret": api_secret,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.CallResource:
        """The operations of `call`."""
        from .api.call import CallResource

        return CallResource(self)


class AsyncZudu(AsyncClient):
    """A client for Zudu.

    api_key: sent as X-API-KEY; default: the environment variable ZUDU_API_KEY.

    api_secret: sent as X-API-SECRET; default: the environment variable ZUDU_API_SECRET.

    base_url: default: the environment variable ZUDU_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: AsyncSecret | None = None,
        api_secret: AsyncSecret | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, AsyncSecret | None] = {
            "apiKey": api_key,
            "apiSecret": api_secret,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.AsyncCallResource:
        """The operations of `call`."""
        from .api.call import AsyncCallResource

        return AsyncCallResource(self)
