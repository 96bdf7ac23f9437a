"""The errors of a generated client.

    ApiError
    ├── ConfigurationError     a missing credential, base URL or package; nothing was sent
    ├── TokenError             the server did not issue a token; the call was not sent
    ├── ArgumentError          an argument that cannot be sent (also a ValueError)
    ├── TransportError         no complete response: connection, TLS or protocol
    │   ├── TransportTimeout   no response in time
    │   │   └── DeadlineExceeded   all attempts together exceeded the `deadline` of the call
    │   └── IncompleteResponse   the body broke off after the status
    │       └── ResponseTooLarge   the body is larger than `max_response_size`
    ├── StatusError            a response whose status is not a success
    │   ├── RedirectError      3xx: redirects are not followed, so no credential leaves the host
    │   ├── ClientError        4xx
    │   │   ├── BadRequest 400, Unauthorized 401, Forbidden 403, NotFound 404, Conflict 409,
    │   │   └── UnprocessableContent 422, TooManyRequests 429
    │   └── ServerError        5xx and above
    ├── DecodingError          the body does not have a documented media type, or is not valid JSON
    │   └── DriftError         the body differs from the document, and the client is `strict`
    └── PagingError            the pages loop, or lead to another server

A generated package has a subclass of these for each documented status. Errors contain no
credentials: they are removed from quoted responses. The text of an error is one line without
control characters.
"""

from __future__ import annotations

from typing import Any

import attrs

from driftline.printable import make_printable
from driftline.runtime.telemetry.drift import DriftEvent


class ApiError(Exception):
    """The base class of all errors of a generated client."""


@attrs.frozen
class ConfigurationError(ApiError):
    """The client lacks a setting that it needs; nothing was sent."""

    message: str

    def __str__(self) -> str:
        return self.message


@attrs.frozen
class TokenError(ApiError):
    """The server did not return a token; the call itself was not sent.

    `why` is the server's error, such as `invalid_client`, without secrets.
    """

    credential: str
    status: int
    why: str

    def __str__(self) -> str:
        return make_printable(
            f"could not obtain credential {self.credential}: the server responded {self.status}, "
            f"{self.why}"
        )


@attrs.frozen
class ArgumentError(ApiError, ValueError):
    """An argument that cannot be sent; nothing was sent."""

    message: str

    def __str__(self) -> str:
        return self.message


@attrs.frozen
class TransportError(ApiError):
    """No response arrived. `operation` is the operation's ID, `message` the reason."""

    operation: str
    message: str

    def __str__(self) -> str:
        return make_printable(f"{self.operation}: {self.message}")


class TransportTimeout(TransportError):
    """No response arrived in time."""


class DeadlineExceeded(TransportTimeout):
    """The call exceeded its deadline; `message` has the number of attempts."""


@attrs.frozen
class IncompleteResponse(TransportError):
    """The response broke off. `excerpt` has the first bytes as text."""

    status: int
    excerpt: str
    request_id: str | None = None

    def __str__(self) -> str:
        message = f"{self.operation}: the response ({self.status}) broke off: {self.message}"
        return make_printable(message)


class ResponseTooLarge(IncompleteResponse):
    """The response has more than `max_response_size` bytes, counted after decompression."""


@attrs.frozen
class StatusError(ApiError):
    """The status of the response is not a success.

    `body` is the documented error model, or the JSON value, or bytes; `excerpt` has the first bytes
    as text, with credentials removed. `retry_after` is in seconds, from Retry-After; `message` is
    the server's error message, if the document says where it is.
    """

    operation: str
    status: int
    reason: str
    body: Any = attrs.field(repr=False)
    excerpt: str
    request_id: str | None = None
    retry_after: float | None = None
    message: str | None = None

    def __str__(self) -> str:
        message = f"{self.operation}: response status {self.status} {self.reason}".rstrip()
        detail = self.message or self.excerpt
        return make_printable(f"{message}: {detail}" if detail else message)


class RedirectError(StatusError):
    """3xx: the response redirects."""


class ClientError(StatusError):
    """4xx: the request was rejected."""


class BadRequest(ClientError):
    """400."""


class Unauthorized(ClientError):
    """401."""


class Forbidden(ClientError):
    """403."""


class NotFound(ClientError):
    """404."""


class Conflict(ClientError):
    """409."""


class UnprocessableContent(ClientError):
    """422."""


class TooManyRequests(ClientError):
    """429."""


class ServerError(StatusError):
    """5xx and above: the server failed."""


@attrs.frozen
class DecodingError(ApiError):
    """The body does not have a documented media type, or cannot be decoded."""

    operation: str
    status: int
    message: str
    excerpt: str
    request_id: str | None = None

    def __str__(self) -> str:
        message = f"{self.operation}: {self.message} (status {self.status})"
        return make_printable(f"{message}: {self.excerpt}" if self.excerpt else message)


@attrs.frozen
class DriftError(DecodingError):
    """A strict client rejected a response; `events` list the differences."""

    events: tuple[DriftEvent, ...] = ()


@attrs.frozen
class PagingError(ApiError):
    """The pages of a listing do not end: the server repeats `cursor`, or it leads nowhere.

    For listings that follow URLs, `cursor` is a URL.
    """

    operation: str
    cursor: str
    why: str = "was returned before"

    def __str__(self) -> str:
        return make_printable(f"{self.operation}: the next page {self.cursor!r} {self.why}")


_BY_STATUS: dict[int, type[StatusError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    422: UnprocessableContent,
    429: TooManyRequests,
}


def choose_status_error(status: int) -> type[StatusError]:
    """Return the class for a status that is not a success."""
    families: dict[int, type[StatusError]] = {1: RedirectError, 3: RedirectError, 4: ClientError}
    return _BY_STATUS.get(status) or families.get(status // 100, ServerError)
