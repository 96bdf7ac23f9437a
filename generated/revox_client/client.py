# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""The clients of Revox."""

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

__all__ = ["API", "AsyncRevox", "Revox"]

API = Api(
    name="revox",
    version="1",
    base_url="https://www.getrevox.com/api",
    base_url_env="REVOX_BASE_URL",
    credentials=(Credential("apiKey", "api_key", "bearer", "Authorization", env="REVOX_API_KEY"),),
    operations={operation.id: operation for operation in (_call_list.OPERATION,)},
)


class Revox(Client):
    """A client for Revox.

    api_key: sent as Authorization; default: the environment variable REVOX_API_KEY.

    base_url: default: the environment variable REVOX_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "apiKey": api_key,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.CallResource(self)


class AsyncRevox(AsyncClient):
    """A client for Revox.

    api_key: sent as Authorization; default: the environment variable REVOX_API_KEY.

    base_url: default: the environment variable REVOX_BASE_URL.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "apiKey": api_key,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.AsyncCallResource(self)
