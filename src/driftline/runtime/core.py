"""The logic of the sync and the async client, without I/O: build requests, read responses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

import attrs
import httpx

from driftline import __version__
from driftline.media import BYTES_KINDS, STREAM_KINDS, TRAITS, VALUE_KINDS, BodyKind
from driftline.runtime.auth.credentials import Credentials
from driftline.runtime.call_loop import CallLoop, ReceivedResponse
from driftline.runtime.decode import choose_kind, decode_text, fast_decoder, list_success_types
from driftline.runtime.decode.failures import ErrorBuilder, decode_untyped
from driftline.runtime.decode.lenient_decoder import get_reader
from driftline.runtime.encode import encode_body
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import Api, Endpoint
from driftline.runtime.errors import ArgumentError
from driftline.runtime.options import CallSettings
from driftline.runtime.paging.pages import FollowingPage, Origin
from driftline.runtime.request_builder import assemble_request, merge_headers
from driftline.runtime.servers import Servers
from driftline.runtime.telemetry.drift import DecodingContext, DriftEvent

_NO_CONTENT = frozenset({204, 205})
_OPEN_KINDS = STREAM_KINDS | BYTES_KINDS


_TOKEN = Endpoint("oauth.token", "POST", "")
"""Stands for the token endpoint in logs and errors."""
_MAX_TOKEN = 1_000_000


def _build_headers(accept: str, own_headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of a request that accepts these media types, merged with yours."""
    headers = _build_common_headers(accept)
    return merge_headers(headers, own_headers) if own_headers else headers


@cache
def _build_common_headers(accept: str) -> Mapping[str, str]:
    return {
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"driftline/{__version__}",
    }


def read_json(hint: Any, content: bytes, reading: DecodingContext | None = None) -> Any:
    """Return the value of a JSON text by type hint, such as a model.

    As lenient as `Model.from_dict`.

    Raises:
        ValueError, RecursionError: the text is not JSON.
    """
    fast_value = fast_decoder.decode(hint, content)
    if fast_value is not None:
        return fast_value
    read = get_reader(hint)
    value = read.read(json.loads(content), reading or DecodingContext("json"))
    return read.show(value) if read.show else value


def _build_errors(core: Any) -> ErrorBuilder:
    return ErrorBuilder(core.api, core.credentials)


@attrs.frozen(eq=False)
class Core:
    """One API, one set of credentials, one set of options."""

    api: Api
    credentials: Credentials
    servers: Servers
    settings: CallSettings
    errors: ErrorBuilder = attrs.field(
        init=False, default=attrs.Factory(_build_errors, takes_self=True)
    )

    @classmethod
    def make(
        cls,
        api: Api,
        sources: Mapping[str, Any],
        options: Mapping[str, Any],
        settings: CallSettings,
    ) -> Core:
        """Return the core of a new client.

        Raises:
            ConfigurationError: the base URL is invalid.
        """
        servers = Servers.from_options(api, options)
        credentials = Credentials(
            *(api, sources),
            locate=partial(servers.locate_token_url, api),
            clock=settings.retries.clock,
        )
        return cls(api, credentials, servers, settings)

    def find_operation(self, operation: Endpoint | str) -> Endpoint:
        if isinstance(operation, Endpoint):
            return operation
        endpoint = self.api.operations.get(operation)
        if endpoint is None:
            raise ArgumentError(f"{self.api.name} has no operation {operation!r}")
        return endpoint

    def build_exchange(
        self,
        operation: Endpoint,
        arguments: Mapping[str, Any],
        body: Any,
        settings: CallSettings,
        *,
        secrets: Mapping[str, str],
        http: httpx.Client | httpx.AsyncClient | None,
        accept: str | None = None,
        leaves_open: Callable[[httpx.Response], bool] | None = None,
        url: str | None = None,
    ) -> CallLoop:
        """Return one call; raises ArgumentError or ConfigurationError if it cannot be sent.

        `http` is your own client, whose headers, cookies and query are kept. `leaves_open` chooses
        the bodies left unread: streams and bytes by default. `url` is the URL of a later page.
        """
        base_url = self.servers.select_url(operation)
        encoded_body = encode_body(operation, body, settings.body)
        headers = _build_headers(accept or operation.accept, settings.headers)

        def build() -> httpx.Request:
            parts = base_url, operation, arguments, encoded_body
            request = assemble_request(*parts, headers=headers, extra_query=settings.query)
            if url is not None:
                request.url = self.credentials.strip_url(httpx.URL(url))
            self.credentials.apply(request, secrets, settings.headers)
            return _merge_request(request, http)

        return CallLoop(
            operation=operation,
            build_request=build,
            failure=lambda broken_exchange: self.errors.build_failure(operation, broken_exchange),
            retries=settings.retries,
            timeout=settings.timeout,
            deadline=settings.deadline,
            leaves_open=leaves_open or self._choose_open(operation),
            keyed=_has_key(operation, arguments),
            redact=self.credentials.redact,
            can_resend=lambda: encoded_body is None or encoded_body.can_resend,
            max_response_size=settings.max_response_size,
        )

    def build_token_exchange(self, request: httpx.Request, settings: CallSettings) -> CallLoop:
        """Return the exchange that obtains a token, with the limits of every other call."""
        request.headers["User-Agent"] = _build_common_headers("")["User-Agent"]
        return CallLoop(
            operation=_TOKEN,
            build_request=lambda: request,
            failure=partial(self.errors.build_failure, _TOKEN),
            retries=settings.retries,
            timeout=settings.timeout,
            deadline=settings.deadline,
            leaves_open=read_whole,
            keyed=False,
            redact=self.credentials.redact,
            max_response_size=_MAX_TOKEN,
        )

    def _choose_open(self, operation: Endpoint) -> Callable[[httpx.Response], bool]:
        """Return the predicate for bodies that are left unread."""
        if operation.response_kinds.isdisjoint(_OPEN_KINDS):
            return read_whole

        def leaves_open(response: httpx.Response) -> bool:
            kind = self._detect_kind(operation, response)
            return kind in operation.response_kinds & _OPEN_KINDS and response.is_success

        return leaves_open

    def build_origin(
        self,
        operation: Endpoint,
        page: FollowingPage,
        received: ReceivedResponse,
        fetch: Callable[[FollowingPage], Any],
        *,
        asynchronous: bool = False,
    ) -> Origin:
        """Return the origin of a page, from which it requests the next one."""
        return Origin(
            *(fetch, operation, page.arguments, asynchronous, self.credentials.redact),
            url=str(received.response.request.url),
            headers=received.headers.multi_items(),
        )

    def read(self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings) -> Any:
        """Return the typed body of a response, or the response itself if the body is bytes.

        Raises:
            StatusError: the status is not a success.
            DecodingError: the media type is not documented, or the body does not match it.
            DriftError: the body differs from the document, and the client is strict.
        """
        expected = operation.find_response_type(received.status)
        if not 200 <= received.status < 300:
            raise self.errors.build_status_error(operation, received, settings)
        if received.status in _NO_CONTENT and not received.content:
            return None
        if operation.media_types:
            kind = self._detect_kind(operation, received.response)
            if kind in BYTES_KINDS:
                return received
            if kind not in VALUE_KINDS:
                return self._decode_plain_body(operation, received, kind)
            received = self._translate(operation, received, kind)
        if expected is None or operation.method == "HEAD":
            return decode_untyped(received) if received.content else None
        return self.decode_json(operation, received, settings, expected())

    def _translate(
        self, operation: Endpoint, received: ReceivedResponse, kind: BodyKind
    ) -> ReceivedResponse:
        """Return the response with JSON as its content."""
        try:
            content = TRAITS[kind].to_json(received.content)
        except ValueError as error:
            why = f"not {kind}: {type(error).__name__}"
        else:
            is_json = content is received.content
            return received if is_json else attrs.evolve(received, content=content)
        raise self.errors.build_decoding_error(operation, received, why)

    def decode_json(
        self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings, hint: Any
    ) -> Any:
        """Return received JSON as a value of the type `hint`.

        Raises:
            DecodingError: the body is not JSON.
            DriftError: the body differs from the document, and the client is strict.
        """
        events: list[DriftEvent] = []
        on_drift = events.append if settings.strict else settings.on_drift
        reading, why = DecodingContext(operation.id, on_drift, self.credentials.redact), None
        try:
            value = read_json(hint, received.content, reading)
        except (ValueError, RecursionError) as error:
            why, value = f"not JSON: {error}", None
        if why:  # raised here, since the parser's error holds the body
            raise self.errors.build_decoding_error(operation, received, why)
        if events:
            raise self.errors.build_drift_error(operation, received, events)
        return value

    def _detect_kind(self, operation: Endpoint, response: httpx.Response) -> BodyKind | None:
        """Return the kind of a body, or None if its media type is not documented."""
        media_types = operation.find_media_types(response.status_code)
        if not media_types:  # a response without a body, or an undocumented one
            return "json"
        return choose_kind(media_types, response.headers.get("Content-Type", ""))

    def require_stream(
        self, operation: Endpoint, received: ReceivedResponse, settings: CallSettings
    ) -> None:
        """Check that a response is a stream, or a success without a body.

        Raises:
            StatusError: the status is not a success.
            DecodingError: the body has another media type.
        """
        if not 200 <= received.status < 300:
            raise self.errors.build_status_error(operation, received, settings)
        if received.status in _NO_CONTENT:
            return
        if self._detect_kind(operation, received.response) not in STREAM_KINDS:
            names = ", ".join(list_success_types(operation.media_types))
            why = f"not a stream: expected one of {names}"
            raise self.errors.build_decoding_error(operation, received, why)

    def _decode_plain_body(
        self, operation: Endpoint, received: ReceivedResponse, kind: BodyKind | None
    ) -> str:
        """Return the text of a body."""
        if kind is None:
            names = ", ".join(operation.find_media_types(received.status))
            why = f"not of a documented media type: {names}"
            raise self.errors.build_decoding_error(operation, received, why)
        if received.is_open:
            why = f"a stream: call {operation.id}_stream, or Client.open_stream"
            raise self.errors.build_decoding_error(operation, received, why)
        try:
            return decode_text(received.response, received.content)
        except ValueError as error:
            why = f"not text: {type(error).__name__}"
        raise self.errors.build_decoding_error(operation, received, why)


def read_whole(response: httpx.Response) -> bool:
    """Leave no body open."""
    return False


def read_open(response: httpx.Response) -> bool:
    """Leave the body of a success open."""
    return response.is_success


def _has_key(operation: Endpoint, arguments: Mapping[str, Any]) -> bool:
    """Return whether the request has an idempotency key."""
    key = operation.idempotency_key
    return key is not None and arguments.get(key, ABSENT) not in (ABSENT, None)


def _merge_request(
    request: httpx.Request, http: httpx.Client | httpx.AsyncClient | None
) -> httpx.Request:
    """Return the request with the headers, cookies and query of your own client."""
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
    # httpx would replace our query by its own.
    params, query = request.url.params, str(request.url.query, "ascii")
    client_params = [
        (name, value) for name, value in http.params.multi_items() if name not in params
    ]
    query = "&".join(filter(None, [query, urlencode(client_params)]))
    merged.url = request.url.copy_with(query=query.encode() or None)
    return merged
