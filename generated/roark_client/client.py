# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The clients of Roark."""

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
from .api import call_analysis as _call_analysis
from .api.call import call_create as _call_create
from .api.call import call_list as _call_list
from .api.call_analysis import call_analysis_create as _call_analysis_create

__all__ = ["API", "AsyncRoark", "Roark"]

API = Api(
    name="roark",
    version="1",
    base_url="https://api.roark.ai",
    base_url_env="ROARK_BASE_URL",
    credentials=(
        Credential(
            "bearerToken", "bearer_token", "bearer", "Authorization", env="ROARK_API_BEARER_TOKEN"
        ),
    ),
    operations={
        operation.id: operation
        for operation in (
            _call_list.OPERATION,
            _call_create.OPERATION,
            _call_analysis_create.OPERATION,
        )
    },
)


class Roark(Client):
    """A client for Roark.

    bearer_token: sent as Authorization; default: the environment variable
    ROARK_API_BEARER_TOKEN.

    base_url: default: the environment variable ROARK_BASE_URL.
    """

    def __init__(
        self,
        *,
        bearer_token: str | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "bearerToken": bearer_token,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.CallResource(self)
        self.call_analysis = _call_analysis.CallAnalysisResource(self)


class AsyncRoark(AsyncClient):
    """A client for Roark.

    bearer_token: sent as Authorization; default: the environment variable
    ROARK_API_BEARER_TOKEN.

    base_url: default: the environment variable ROARK_BASE_URL.
    """

    def __init__(
        self,
        *,
        bearer_token: str | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, str | None] = {
            "bearerToken": bearer_token,
        }
        super().__init__(API, credentials, **options)
        self.call = _call.AsyncCallResource(self)
        self.call_analysis = _call_analysis.AsyncCallAnalysisResource(self)
