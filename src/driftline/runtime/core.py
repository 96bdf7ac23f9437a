"""What both kinds of client do, without I/O: requests are built, answers are read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

import attrs
import httpx

from driftline import __version__
from driftline.media import BodyKind
from driftline.runtime.auth import Credentials
from driftline.runtime.call_loop import BrokenExchange, CallLoop, ReceivedResponse
from driftline.runtime.decode import choose_kind, decode_text, fast_decoder
from driftline.runtime.decode.bodies import TEXT_KINDS
from driftline.runtime.decode.lenient_decoder import get_reader
from driftline.runtime.encode import encode_body
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import (
    ApiError,
    ArgumentError,
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
from driftline.runtime.pagination import FollowingPage, Origin
from driftline.runtime.request_builder import assemble_request, merge_headers
from driftline.runtime.retries import retry_after
from driftline.runtime.servers import Servers
from driftline.runtime.telemetry.drift import DriftEvent, Reading
from driftline.runtime.transport.body_stream import BodyTooLarge

__all__ = ["Core", "read_json"]

_EXCERPT = 200
_NO_CONTENT = frozenset({204, 205})


def _build_headers(accept: str, own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of a request that accepts these media types, with your own."""
    headers = _build_common_headers(accept)
    return merge_headers(headers, own) if own else headers


@cache
def _build_common_headers(accept: str) -> Mapping[str, str]:
    return {
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"driftline/{__version__}",
    }


def read_json(hint: Any, content: bytes, reading: Reading | None = None) -> Any:
    """The value of a JSON text by type hint, such as a model: as tolerant as `Model.from_dict`.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    found = fast_decoder.decode(hint, content)
    if found is not None:
        return found
    read = get_reader(hint)
    value = read.read(json.loads(content), reading or Reading("json"))
    return read.show(value) if read.show else value


@attrs.frozen(eq=False)
class Core:
    """One API, one set of credentials, one set of options."""

    api: Api
    credentials: Credentials
    servers: Servers
    settings: CallSettings

    @classmethod
    def make(
        cls, api: Api, given: Mapping[str, Any], options: Mapping[str, Any], settings: CallSettings
    ) -> Core:
        """The core of a new client.

        Raises:
            ConfigurationError: the base URL is none.
        """
        return cls(api, Credentials(api, given), Servers.from_options(api, options), settings)

    def find_operation(self, operation: Endpoint | str) -> Endpoint:
        if isinstance(operation, Endpoint):
            return operation
        found = self.api.operations.get(operation)
        if found is None:
            raise ArgumentError(f"{self.api.name} has no operation {operation!r}")
        return found

    def build_exchange(
        self,
        operation: Endpoint,
        arguments: Mapping[str, Any],
        body: Any,
        settings: CallSettings,
        *,
        secrets: Mapping[str, str],
        http: httpx.Client | httpx.AsyncClient | None,
        streamed: bool,
        url: str | None = None,
    ) -> CallLoop:
        """One call. `http` is your own client, whose headers and the like are kept; `streamed`:
        the body of a success is left to be read. `url` is that of a further page.

        Raises:
            ArgumentError, ConfigurationError: it cannot be sent.
        """
        base_url = self.servers.select_url(operation)
        encoded = encode_body(operation, body, settings.body)
        headers = _build_headers(operation.accept, settings.headers)

        def build() -> httpx.Request:
            request = assemble_request(
                base_url, operation, arguments, encoded, headers=headers, extra_query=settings.query
            )
            if url is not None:
                request.url = self.credentials.strip_url(httpx.URL(url))
            self.credentials.apply(request, secrets, settings.headers)
            return _merge_request(request, http)

        return CallLoop(
            operation=operation,
            build=build,
            failure=lambda broken: self.build_failure(operation, broken),
            retries=settings.retries,
            timeout=settings.timeout,
            deadline=settings.deadline,
            streamed=streamed,
            keyed=_has_key(operation, arguments),
            redact=self.credentials.redact,
            can_resend=lambda: encoded is None or encoded.can_resend,
            max_response_size=settings.max_response_size,
        )

    def build_origin(
        self,
        operation: Endpoint,
        asked: FollowingPage,
        received: ReceivedResponse,
        fetch: Callable[[FollowingPage], Any],
        *,
        asynchronous: bool = False,
    ) -> Origin:
        """What a page has to know of where it came from."""
        return Origin(
            *(fetch, operation, asked.arguments, asynchronous, self.credentials.redact),
            url=str(received.response.request.url),
            headers=received.headers.multi_items(),
        )

    def build_failure(self, operation: Endpoint, broken: BrokenExchange) -> ApiError:
        """The error for no answer, or half of one."""
        error, received = broken.error, broken.beginning
        what = self.credentials.redact(str(error)) or type(error).__name__
        what = f"{type(error).__name__}: {what}"
        if received is not None and isinstance(error, httpx.DecodingError):
            return self._build_decoding_error(operation, received, what)
        if isinstance(error, httpx.TimeoutException):
            return TransportTimeout(operation.id, what)
        if received is None:
            return TransportError(operation.id, what)
        kind = ResponseTooLarge if isinstance(error, BodyTooLarge) else IncompleteResponse
        excerpt = self._cut_excerpt(received)
        return kind(operation.id, what, received.status, excerpt, self._request_id(received))

    def read(self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings) -> Any:
        """The typed body of an answer.

        Raises:
            StatusError: the status is no success.
            DecodingError: the body is not of a documented media type, or not what that says.
            DriftError: it is not as documented, and the client is strict.
        """
        expected = operation.find_response_type(received.status)
        if not 200 <= received.status < 300:
            raise self._build_status_error(operation, received, settings)
        if received.status in _NO_CONTENT and not received.content:
            return None
        if operation.media_types:
            kind = self._detect_kind(operation, received)
            if kind != "json":
                return self._decode_plain_body(operation, received, kind)
        if expected is None or operation.method == "HEAD":
            return _decode_untyped(received) if received.content else None
        events: list[DriftEvent] = []
        on_drift = events.append if settings.strict else settings.on_drift
        reading, why = Reading(operation.id, on_drift, self.credentials.redact), None
        try:
            value = read_json(expected(), received.content, reading)
        except (ValueError, RecursionError) as error:
            why, value = f"no JSON: {error}", None
        if why:  # raised here, so that the parser's error, which has the body, is no part of ours
            raise self._build_decoding_error(operation, received, why)
        if events:
            raise self._build_drift_error(operation, received, events)
        return value

    def _detect_kind(self, operation: Endpoint, received: ReceivedResponse) -> BodyKind | None:
        """Return the kind of a body, or None if its media type is not documented."""
        documented = operation.find_media_types(received.status)
        if not documented:  # a response without a body, or one that is not documented
            return "json"
        return choose_kind(documented, received.headers.get("Content-Type", ""))

    def _decode_plain_body(
        self, operation: Endpoint, received: ReceivedResponse, kind: BodyKind | None
    ) -> Any:
        """Return a body that is not JSON: text, or bytes."""
        if kind is None:
            names = ", ".join(operation.find_media_types(received.status))
            raise self._build_decoding_error(
                operation, received, f"not of a documented media type: {names}"
            )
        if kind not in TEXT_KINDS:
            return received.content
        try:
            return decode_text(received.response, received.content)
        except ValueError as error:
            why = f"no text: {type(error).__name__}"
        raise self._build_decoding_error(operation, received, why)

    def _build_status_error(
        self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings
    ) -> ApiError:
        expected = operation.find_response_type(received.status)
        redact, redact_value = self.credentials.redact, self.credentials.redact_value
        body = _decode_untyped(received) if received.content else None
        if isinstance(body, bytes) and self._detect_kind(operation, received) in TEXT_KINDS:
            body = body.decode("utf-8", "replace")
        body = redact_value(body)
        if expected is not None and isinstance(body, dict):
            body = get_reader(expected()).read(
                body, Reading(operation.id, settings.on_drift, redact)
            )
        kind = self.api.errors.get(received.status) or choose_status_error(received.status)
        return kind(
            operation.id,
            received.status,
            redact(received.response.reason_phrase),
            body,
            self._cut_excerpt(received),
            self._request_id(received),
            retry_after(received.headers, settings.retries.clock),
            self._read_message(operation, received.status, body),
        )

    def _read_message(self, operation: Endpoint, status: int, body: Any) -> str | None:
        said = get_value_at(body, operation.find_message_pointer(status))
        return self.credentials.redact(said)[:_EXCERPT] if isinstance(said, str) else None

    def _build_decoding_error(
        self, operation: Endpoint, received: ReceivedResponse, why: str
    ) -> DecodingError:
        kind = self.credentials.redact(
            received.headers.get("Content-Type", "without a content type")
        )
        what = f"the body ({kind}, {len(received.content)} bytes) is {why}"
        excerpt = self._cut_excerpt(received)
        return DecodingError(
            operation.id, received.status, what, excerpt, self._request_id(received)
        )

    def _build_drift_error(
        self, operation: Endpoint, received: ReceivedResponse, events: list[DriftEvent]
    ) -> DriftError:
        more = f" and {len(events) - 1} more" if len(events) > 1 else ""
        what = f"the answer is not as documented: {events[0]}{more}"
        identity = self._request_id(received)
        return DriftError(operation.id, received.status, what, "", identity, tuple(events))

    def _request_id(self, received: ReceivedResponse) -> str | None:
        found = received.request_id
        return found and self.credentials.redact(found)

    def _cut_excerpt(self, received: ReceivedResponse) -> str:
        # Not cut before: half a credential would not be recognised.
        text = received.content.decode(json.detect_encoding(received.content), "replace")
        return self.credentials.redact(text.replace("\0", ""))[:_EXCERPT]


def _decode_untyped(received: ReceivedResponse) -> Any:
    try:
        return json.loads(received.content)
    except (ValueError, RecursionError):
        return received.content


def _has_key(operation: Endpoint, arguments: Mapping[str, Any]) -> bool:
    """Whether the request has the key that makes it safe to send twice."""
    key = operation.idempotency_key
    return key is not None and arguments.get(key, ABSENT) not in (ABSENT, None)


def _merge_request(
    request: httpx.Request, http: httpx.Client | httpx.AsyncClient | None
) -> httpx.Request:
    """The same with what your own client adds: its headers, cookies and query."""
    if http is None:
        return request
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    stream: Any = request.stream
    content: Any
    if isinstance(stream, httpx.ByteStream):
        content = request.content or None
    else:
        content = iter(stream) if isinstance(http, httpx.Client) else aiter(stream)
    merged = http.build_request(request.method, request.url, content=content, headers=headers)
    # httpx would have its query replace ours.
    own, query = request.url.params, str(request.url.query, "ascii")
    added = [(name, value) for name, value in http.params.multi_items() if name not in own]
    query = "&".join(filter(None, [query, urlencode(added)]))
    merged.url = request.url.copy_with(query=query.encode() or None)
    return merged
