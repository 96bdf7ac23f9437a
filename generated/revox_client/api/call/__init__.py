# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""The operations of one resource, for both kinds of client."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack
from typing import cast as _cast

from driftline.runtime import ABSENT, AsyncClient, CallOptions, Client

from ... import models
from . import call_list as _call_list

__all__ = ["AsyncCallResource", "CallResource"]


class CallResource:
    """`client.call`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        page: float,
        page_size: float,
        statuses: Sequence[models.CallFilterStatus] | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List call attempts

        Answers one page of attempts, each with its state, the number called, what was said and
        when.

        Args:
            page: Which page to answer; at least 1; at most 9007199254740991.
            page_size: How many calls a page holds; at least 1; at most 9007199254740991.
            statuses: Keeps only calls in one of these states.

        Documented at https://docs.getrevox.com/api/typescript/resources/call/methods/list
        """
        return _cast(
            "models.CallListResponse",
            self._client.request(
                _call_list.ENDPOINT,
                arguments={
                    "page": page,
                    "page_size": page_size,
                    "statuses": statuses,
                },
                **options,
            ),
        )


class AsyncCallResource:
    """`client.call`, to be awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def list(
        self,
        *,
        page: float,
        page_size: float,
        statuses: Sequence[models.CallFilterStatus] | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List call attempts

        Answers one page of attempts, each with its state, the number called, what was said and
        when.

        Args:
            page: Which page to answer; at least 1; at most 9007199254740991.
            page_size: How many calls a page holds; at least 1; at most 9007199254740991.
            statuses: Keeps only calls in one of these states.

        Documented at https://docs.getrevox.com/api/typescript/resources/call/methods/list
        """
        return _cast(
            "models.CallListResponse",
            await self._client.request(
                _call_list.ENDPOINT,
                arguments={
                    "page": page,
                    "page_size": page_size,
                    "statuses": statuses,
                },
                **options,
            ),
        )
