# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The operations of one resource, for both kinds of client."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Unpack
from typing import cast as _cast
from uuid import UUID

from driftline.runtime import ABSENT, AsyncClient, CallOptions, Client, Fields

from ... import models
from . import call_create as _call_create
from . import call_list as _call_list

__all__ = ["AsyncCallResource", "CallResource"]


class CallResource:
    """`client.call`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def list(
        self,
        *,
        limit: int | None = ABSENT,
        after: UUID | None = ABSENT,
        sort_by: models.CallListSortBy | None = ABSENT,
        sort_direction: models.CallListSortDirection | None = ABSENT,
        status: models.CallStatus | None = ABSENT,
        search_text: str | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List calls

        Answers one page of the project's calls, newest first unless sorted otherwise.

        Args:
            limit: How many calls one page holds at most; at least 1; at most 100; by default
                20.
            after: The ID of the call after which the page begins.
            sort_by: The field that calls are sorted by; by default createdAt.
            sort_direction: Whether the smallest value comes first or last; by default desc.
            status: Keeps only calls in this state.
            search_text: Keeps only calls whose title, summary or transcript contains this text.

        Documented at https://docs.roark.ai/api-reference/call/list-calls
        """
        return _cast(
            "models.CallListResponse",
            self._client.request(
                _call_list.ENDPOINT,
                arguments={
                    "limit": limit,
                    "after": after,
                    "sortBy": sort_by,
                    "sortDirection": sort_direction,
                    "status": status,
                    "searchText": search_text,
                },
                **options,
            ),
        )

    def create(
        self,
        *,
        recording_url: str,
        started_at: datetime.datetime,
        interface_type: models.InterfaceType,
        call_direction: models.CallDirection,
        stereo_recording_url: str | None = ABSENT,
        ended_status: models.EndedStatus | None = ABSENT,
        transcript: Sequence[Mapping[str, Any]] | None = ABSENT,
        tool_invocations: Sequence[Mapping[str, Any]] | None = ABSENT,
        properties: Mapping[str, Any] | None = ABSENT,
        vapi_call_id: UUID | None = ABSENT,
        livekit_room_id: str | None = ABSENT,
        external_id: str | None = ABSENT,
        agent: Mapping[str, Any] | None = ABSENT,
        agents: Sequence[Mapping[str, Any]] | None = ABSENT,
        customer: Mapping[str, Any] | None = ABSENT,
        customers: Sequence[Mapping[str, Any]] | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallCreateResponse:
        """Create a call

        Adds a recorded call. Participants are given either one by one (agent, customer) or as
        lists (agents, customers).

        Args:
            recording_url: Where the recording can be fetched, signed or not. The file is WAV,
                MP3, MP4 or OGG.
            started_at: When the call began.
            interface_type: Whether the call came by telephone or from a web page.
            call_direction: Whether the agent was called or called itself.
            stereo_recording_url: Where a recording in stereo can be fetched. WAV, MP3, MP4 or
                OGG.
            ended_status: How the call came to its end.
            transcript: What was said, turn by turn.
            tool_invocations: The tools that were used during the call.
            properties: The caller's own facts about the call, shown with it and usable in
                filters.
            vapi_call_id: The call's ID at Vapi; links it with traces that come from there.
            livekit_room_id: The room's ID at LiveKit Cloud; links the call with traces from
                there.
            external_id: The caller's own lasting ID for the call, unique within a project.
                Traces that carry it as `roark.external_id` are linked with the call.
            agent: The agent, where there is only one.
            agents: The agents, each with what identifies it and its prompt.
            customer: The customer, where there is only one.
            customers: The customers.

        Documented at https://docs.roark.ai/api-reference/call/create-a-call
        """
        return _cast(
            "models.CallCreateResponse",
            self._client.request(
                _call_create.ENDPOINT,
                body=Fields(
                    {
                        "recordingUrl": recording_url,
                        "startedAt": started_at,
                        "interfaceType": interface_type,
                        "callDirection": call_direction,
                        "stereoRecordingUrl": stereo_recording_url,
                        "endedStatus": ended_status,
                        "transcript": transcript,
                        "toolInvocations": tool_invocations,
                        "properties": properties,
                        "vapiCallId": vapi_call_id,
                        "livekitRoomId": livekit_room_id,
                        "externalId": external_id,
                        "agent": agent,
                        "agents": agents,
                        "customer": customer,
                        "customers": customers,
                    }
                ),
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
        limit: int | None = ABSENT,
        after: UUID | None = ABSENT,
        sort_by: models.CallListSortBy | None = ABSENT,
        sort_direction: models.CallListSortDirection | None = ABSENT,
        status: models.CallStatus | None = ABSENT,
        search_text: str | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallListResponse:
        """List calls

        Answers one page of the project's calls, newest first unless sorted otherwise.

        Args:
            limit: How many calls one page holds at most; at least 1; at most 100; by default
                20.
            after: The ID of the call after which the page begins.
            sort_by: The field that calls are sorted by; by default createdAt.
            sort_direction: Whether the smallest value comes first or last; by default desc.
            status: Keeps only calls in this state.
            search_text: Keeps only calls whose title, summary or transcript contains this text.

        Documented at https://docs.roark.ai/api-reference/call/list-calls
        """
        return _cast(
            "models.CallListResponse",
            await self._client.request(
                _call_list.ENDPOINT,
                arguments={
                    "limit": limit,
                    "after": after,
                    "sortBy": sort_by,
                    "sortDirection": sort_direction,
                    "status": status,
                    "searchText": search_text,
                },
                **options,
            ),
        )

    async def create(
        self,
        *,
        recording_url: str,
        started_at: datetime.datetime,
        interface_type: models.InterfaceType,
        call_direction: models.CallDirection,
        stereo_recording_url: str | None = ABSENT,
        ended_status: models.EndedStatus | None = ABSENT,
        transcript: Sequence[Mapping[str, Any]] | None = ABSENT,
        tool_invocations: Sequence[Mapping[str, Any]] | None = ABSENT,
        properties: Mapping[str, Any] | None = ABSENT,
        vapi_call_id: UUID | None = ABSENT,
        livekit_room_id: str | None = ABSENT,
        external_id: str | None = ABSENT,
        agent: Mapping[str, Any] | None = ABSENT,
        agents: Sequence[Mapping[str, Any]] | None = ABSENT,
        customer: Mapping[str, Any] | None = ABSENT,
        customers: Sequence[Mapping[str, Any]] | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallCreateResponse:
        """Create a call

        Adds a recorded call. Participants are given either one by one (agent, customer) or as
        lists (agents, customers).

        Args:
            recording_url: Where the recording can be fetched, signed or not. The file is WAV,
                MP3, MP4 or OGG.
            started_at: When the call began.
            interface_type: Whether the call came by telephone or from a web page.
            call_direction: Whether the agent was called or called itself.
            stereo_recording_url: Where a recording in stereo can be fetched. WAV, MP3, MP4 or
                OGG.
            ended_status: How the call came to its end.
            transcript: What was said, turn by turn.
            tool_invocations: The tools that were used during the call.
            properties: The caller's own facts about the call, shown with it and usable in
                filters.
            vapi_call_id: The call's ID at Vapi; links it with traces that come from there.
            livekit_room_id: The room's ID at LiveKit Cloud; links the call with traces from
                there.
            external_id: The caller's own lasting ID for the call, unique within a project.
                Traces that carry it as `roark.external_id` are linked with the call.
            agent: The agent, where there is only one.
            agents: The agents, each with what identifies it and its prompt.
            customer: The customer, where there is only one.
            customers: The customers.

        Documented at https://docs.roark.ai/api-reference/call/create-a-call
        """
        return _cast(
            "models.CallCreateResponse",
            await self._client.request(
                _call_create.ENDPOINT,
                body=Fields(
                    {
                        "recordingUrl": recording_url,
                        "startedAt": started_at,
                        "interfaceType": interface_type,
                        "callDirection": call_direction,
                        "stereoRecordingUrl": stereo_recording_url,
                        "endedStatus": ended_status,
                        "transcript": transcript,
                        "toolInvocations": tool_invocations,
                        "properties": properties,
                        "vapiCallId": vapi_call_id,
                        "livekitRoomId": livekit_room_id,
                        "externalId": external_id,
                        "agent": agent,
                        "agents": agents,
                        "customer": customer,
                        "customers": customers,
                    }
                ),
                **options,
            ),
        )
