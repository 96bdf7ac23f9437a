# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""The operations of one resource, for both kinds of client."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack
from typing import cast as _cast

from driftline.runtime import ABSENT, AsyncClient, CallOptions, Client, Fields

from ... import models
from . import call_analysis_create as _call_analysis_create

if TYPE_CHECKING:  # no call needs them
    from ... import params

__all__ = ["AsyncCallAnalysisResource", "CallAnalysisResource"]


class CallAnalysisResource:
    """`client.call_analysis`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(
        self,
        *,
        recording_url: str,
        started_at: datetime.datetime,
        interface_type: models.InterfaceType,
        call_direction: models.CallDirection,
        participants: Sequence[models.ParticipantRequest | params.ParticipantRequestDict],
        stereo_recording_url: str | None = ABSENT,
        ended_reason: str | None = ABSENT,
        is_test: bool | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallAnalysisCreateResponse:
        """Create a call analysis

        Starts the analysis of a recorded call between exactly two participants.

        Args:
            recording_url: Where the recording, a WAV file, can be fetched, signed or not.
            started_at: When the call began.
            interface_type: Whether the call came by telephone or from a web page.
            call_direction: Whether the agent was called or called itself.
            participants: The two who spoke.
            stereo_recording_url: Where a stereo WAV file can be fetched; makes the player
                richer.
            ended_reason: Why the call ended.
            is_test: Whether the call was only a test.

        Documented at https://docs.roark.ai
        """
        return _cast(
            "models.CallAnalysisCreateResponse",
            self._client.request(
                _call_analysis_create.ENDPOINT,
                body=Fields(
                    {
                        "recordingUrl": recording_url,
                        "startedAt": started_at,
                        "interfaceType": interface_type,
                        "callDirection": call_direction,
                        "participants": participants,
                        "stereoRecordingUrl": stereo_recording_url,
                        "endedReason": ended_reason,
                        "isTest": is_test,
                    }
                ),
                **options,
            ),
        )


class AsyncCallAnalysisResource:
    """`client.call_analysis`, to be awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def create(
        self,
        *,
        recording_url: str,
        started_at: datetime.datetime,
        interface_type: models.InterfaceType,
        call_direction: models.CallDirection,
        participants: Sequence[models.ParticipantRequest | params.ParticipantRequestDict],
        stereo_recording_url: str | None = ABSENT,
        ended_reason: str | None = ABSENT,
        is_test: bool | None = ABSENT,
        **options: Unpack[CallOptions],
    ) -> models.CallAnalysisCreateResponse:
        """Create a call analysis

        Starts the analysis of a recorded call between exactly two participants.

        Args:
            recording_url: Where the recording, a WAV file, can be fetched, signed or not.
            started_at: When the call began.
            interface_type: Whether the call came by telephone or from a web page.
            call_direction: Whether the agent was called or called itself.
            participants: The two who spoke.
            stereo_recording_url: Where a stereo WAV file can be fetched; makes the player
                richer.
            ended_reason: Why the call ended.
            is_test: Whether the call was only a test.

        Documented at https://docs.roark.ai
        """
        return _cast(
            "models.CallAnalysisCreateResponse",
            await self._client.request(
                _call_analysis_create.ENDPOINT,
                body=Fields(
                    {
                        "recordingUrl": recording_url,
                        "startedAt": started_at,
                        "interfaceType": interface_type,
                        "callDirection": call_direction,
                        "participants": participants,
                        "stereoRecordingUrl": stereo_recording_url,
                        "endedReason": ended_reason,
                        "isTest": is_test,
                    }
                ),
                **options,
            ),
        )
