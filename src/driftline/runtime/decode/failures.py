"""The errors of calls to one API, with excerpts of responses that contain no credentials."""

from __future__ import annotations

import json
from typing import Any

import attrs
import httpx

from driftline.media import TEXT_KINDS, to_json
from driftline.runtime.auth.credentials import Credentials
from driftline.runtime.call_loop import BrokenExchange, ReceivedResponse
from driftline.runtime.decode.accept import choose_kind
from driftline.runtime.decode.lenient_decoder import get_reader
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import (
    ApiError,
    DecodingError,
    DriftError,
    IncompleteResponse,
    ResponseTooLarge,
    TransportError,
    TransportTimeout,
    choose_status_error,
)
from driftline.runtime.model import get_value_at
from driftline.runtime.options import CallSettings
from driftline.runtime.retries import retry_after
from driftline.runtime.telemetry.drift import DecodingContext, DriftEvent
from driftline.runtime.transport.body_stream import BodyTooLarge

_EXCERPT = 200
_READ = 1_000_000
"""The number of bytes read for an excerpt: every spelling of a credential is shorter."""


@attrs.frozen(eq=False)
class ErrorBuilder:
    """Builds the errors of calls to one API."""

    api: Api
    credentials: Credentials

    def build_failure(self, operation: Endpoint, broken_exchange: BrokenExchange) -> ApiError:
        """Return the error for a missing or incomplete response."""
        error, received = broken_exchange.error, broken_exchange.partial_response
        message = self.credentials.redact(str(error)) or type(error).__name__
        message = f"{type(error).__name__}{_describe_server(error)}: {message}"
        if received is not None and isinstance(error, httpx.DecodingError):
            return self.build_decoding_error(operation, received, message)
        if isinstance(error, httpx.TimeoutException):
            return TransportTimeout(operation.id, message)
        if received is None:
            return TransportError(operation.id, message)
        kind = ResponseTooLarge if isinstance(error, BodyTooLarge) else IncompleteResponse
        excerpt = self._cut_excerpt(received)
        return kind(operation.id, message, received.status, excerpt, self._get_request_id(received))

    def build_status_error(
        self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings
    ) -> ApiError:
        expected = operation.find_response_type(received.status)
        redact, redact_value = self.credentials.redact, self.credentials.redact_value
        body = decode_untyped(received) if received.content else None
        if (
            isinstance(body, bytes)
            and choose_kind(
                operation.find_media_types(received.status),
                received.headers.get("Content-Type", ""),
            )
            in TEXT_KINDS
        ):
            body = body.decode("utf-8", "replace")
        body = redact_value(body)
        if expected is not None and isinstance(body, dict):
            body = get_reader(expected()).read(
                body, DecodingContext(operation.id, settings.on_drift, redact)
            )
        kind = self.api.errors.get(received.status) or choose_status_error(received.status)
        return kind(
            operation.id,
            received.status,
            redact(received.response.reason_phrase),
            body,
            self._cut_excerpt(received),
            self._get_request_id(received),
            retry_after(received.headers, settings.retries.clock),
            self._read_message(operation, received.status, body),
        )

    def _read_message(self, operation: Endpoint, status: int, body: Any) -> str | None:
        message = get_value_at(body, operation.find_message_pointer(status))
        return self.credentials.redact(message)[:_EXCERPT] if isinstance(message, str) else None

    def build_decoding_error(
        self, operation: Endpoint, received: ReceivedResponse, why: str
    ) -> DecodingError:
        kind = self.credentials.redact(
            received.headers.get("Content-Type", "without a content type")
        )
        message = f"the body ({kind}, {len(received.content)} bytes) is {why}"
        excerpt = self._cut_excerpt(received)
        return DecodingError(
            operation.id, received.status, message, excerpt, self._get_request_id(received)
        )

    def build_drift_error(
        self, operation: Endpoint, received: ReceivedResponse, events: list[DriftEvent]
    ) -> DriftError:
        more = f" and {len(events) - 1} more" if len(events) > 1 else ""
        message = f"the response is not as documented: {events[0]}{more}"
        identity = self._get_request_id(received)
        return DriftError(operation.id, received.status, message, "", identity, tuple(events))

    def _get_request_id(self, received: ReceivedResponse) -> str | None:
        request_id = received.request_id
        return request_id and self.credentials.redact(request_id)

    def _cut_excerpt(self, received: ReceivedResponse) -> str:
        # Redacted before it is truncated: half a credential would not be recognized.
        content = received.content[:_READ]
        string = content.decode(json.detect_encoding(content), "replace")
        return self.credentials.redact(string.replace("\0", ""))[:_EXCERPT]


def decode_untyped(received: ReceivedResponse) -> Any:
    """Return a body as a value, or as bytes if it has none."""
    try:
        return json.loads(to_json(received.content, received.headers.get("Content-Type", "")))
    except (ValueError, RecursionError):
        return received.content


def _describe_server(error: Exception) -> str:
    """Return the address of a server that could not be reached; "" after another failure."""
    if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return ""
    try:
        url = error.request.url
    except RuntimeError:  # a transport of yours may raise it without a request
        return ""
    return f" at {url.scheme}://{url.netloc.decode()}"
