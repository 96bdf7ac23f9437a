# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""What the clients raise; driftline.runtime.errors draws the tree."""

from driftline.runtime.errors import (
    ApiError,
    ArgumentError,
    BadRequest,
    ClientError,
    ConfigurationError,
    Conflict,
    DecodingError,
    Forbidden,
    NotFound,
    PagingError,
    RedirectError,
    ServerError,
    StatusError,
    TooManyRequests,
    TransportError,
    TransportTimeout,
    Unauthorized,
    UnprocessableContent,
)

__all__ = [
    "ApiError",
    "ArgumentError",
    "BadRequest",
    "ClientError",
    "ConfigurationError",
    "Conflict",
    "DecodingError",
    "Forbidden",
    "NotFound",
    "PagingError",
    "RedirectError",
    "ServerError",
    "StatusError",
    "TooManyRequests",
    "TransportError",
    "TransportTimeout",
    "Unauthorized",
    "UnprocessableContent",
]
