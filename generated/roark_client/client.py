# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The clients of Roark."""

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
    from .api import call_analysis as _call_analysis

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
    operations=Endpoints(
        __package__ or "",
        {
            "call.list": ".api.call.call_list",
            "call.create": ".api.call.call_create",
            "callAnalysis.create": ".api.call_analysis.call_analysis_create",
        },
    ),
    errors={
        400: errors.BadRequest,
        401: errors.Unauthorized,
        409: errors.Conflict,
        415: errors.UnsupportedMediaType,
        429: errors.TooManyRequests,
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
        bearer_token: Secret | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials: dict[str, Secret | None] = {
            "bearerToken": bearer_token,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.CallResource:
        """The operations of `call`."""
        from .api.call import CallResource

        return CallResource(self)

    @cached_property
    def call_analysis(self) -> _call_analysis.CallAnalysisResource:
        """The operations of `call_analysis`."""
        from .api.call_analysis import CallAnalysisResource

        return CallAnalysisResource(self)


class AsyncRoark(AsyncClient):
    """A client for Roark.

    bearer_token: sent as Authorization; default: the environment variable
    ROARK_API_BEARER_TOKEN.

    base_url: default: the environment variable ROARK_BASE_URL.
    """

    def __init__(
        self,
        *,
        bearer_token: AsyncSecret | None = None,
        **options: Unpack[AsyncClientOptions],
    ) -> None:
        credentials: dict[str, AsyncSecret | None] = {
            "bearerToken": bearer_token,
        }
        super().__init__(API, credentials, **options)

    @cached_property
    def call(self) -> _call.AsyncCallResource:
        """The operations of `call`."""
        from .api.call import AsyncCallResource

        return AsyncCallResource(self)

    @cached_property
    def call_analysis(self) -> _call_analysis.AsyncCallAnalysisResource:
        """The operations of `call_analysis`."""
        from .api.call_analysis import AsyncCallAnalysisResource

        return AsyncCallAnalysisResource(self)
