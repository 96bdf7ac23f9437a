# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""The operations of one resource, for both kinds of client."""

from __future__ import annotations

from typing import Unpack
from typing import cast as _cast

from driftline.runtime import AsyncClient, CallOptions, Client

from ... import models
from . import call_list as _call_list

__all__ = ["AsyncCallResource", "CallResource"]


class CallResource:
    """`client.call`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List calls

        Answers the first page of the organization's calls, the latest first.

        Documented at https://docs.zudu.ai/api-reference/calls/get-calls
        """
        return _cast(
            "models.CallListResponse",
            self._client.request(
                _call_list.ENDPOINT,
                **options,
            ),
        )


class AsyncCallResource:
    """`client.call`, to be awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def list(
        self,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List calls

        Answers the first page of the organization's calls, the latest first.

        Documented at https://docs.zudu.ai/api-reference/calls/get-calls
        """
        return _cast(
            "models.CallListResponse",
            await self._client.request(
                _call_list.ENDPOINT,
                **options,
            ),
        )
