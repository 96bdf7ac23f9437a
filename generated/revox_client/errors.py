# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""What the clients raise; driftline.runtime.errors draws the tree."""

from __future__ import annotations

from driftline.runtime import errors as _errors
from driftline.runtime.errors import (
    ApiError,
    ArgumentError,
    ClientError,
    ConfigurationError,
    Conflict,
    DeadlineExceeded,
    DecodingError,
    DriftError,
    Forbidden,
    IncompleteResponse,
    NotFound,
    PagingError,
    RedirectError,
    ResponseTooLarge,
    ServerError,
    StatusError,
    TokenError,
    TransportError,
    TransportTimeout,
    UnprocessableContent,
)

from . import models

__all__ = [
    "ApiError",
    "ArgumentError",
    "BadRequest",
    "ClientError",
    "ConfigurationError",
    "Conflict",
    "DeadlineExceeded",
    "DecodingError",
    "DriftError",
    "Forbidden",
    "IncompleteResponse",
    "NotFound",
    "PagingError",
    "RedirectError",
    "ResponseTooLarge",
    "ServerError",
    "StatusError",
    "TokenError",
    "TooManyRequests",
    "TransportError",
    "TransportTimeout",
    "Unauthorized",
    "UnprocessableContent",
]


class BadRequest(_errors.BadRequest):
    """400, as it is documented."""

    @property
    def error(self) -> models.Error | None:
        """The body, if it is what the document says."""
        body: object = self.body
        return body if isinstance(body, models.Error) else None


class Unauthorized(_errors.Unauthorized):
    """401, as it is documented."""

    @property
    def error(self) -> models.Error | None:
        """The body, if it is what the document says."""
        body: object = self.body
        return body if isinstance(body, models.Error) else None


class TooManyRequests(_errors.TooManyRequests):
    """429, as it is documented."""

    @property
    def error(self) -> models.Error | None:
        """The body, if it is what the document says."""
        body: object = self.body
        return body if isinstance(body, models.Error) else None
