# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""The clients of Zudu."""

from __future__ import annotations

from typing import Unpack

from driftline.runtime import (
    Api,
    AsyncClient,
    AsyncClientOptions,
    Client,
    ClientOptions,
    Credential,
)

from .api import call as _call
from .api.call import call_list as _call_list

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
    operations={operation.id: operation for operation in (_call_list.OPERATION,)},
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
        api_key: str | None = None,
        api_secret: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "apiKey": api_key,
            "apiSecret": api_secret,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.CallResource(self)


class AsyncZudu(AsyncClient):
    """A client for Zudu.

    api_key: sent as X-API-KEY; default: the environment variable ZUDU_API_KEY.

    api_secret: sent as X-API-SECRET; default: the environment variable ZUDU_API_SECRET.

    base_url: default: the environment variable ZUDU_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        api_secret: str | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "apiKey": api_key,
            "apiSecret": api_secret,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.AsyncCallResource(self)
