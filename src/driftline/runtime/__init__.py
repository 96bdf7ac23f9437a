"""The runtime of generated clients, and the only part that an application installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.runtime.async_client import AsyncClient
from driftline.runtime.client import Client
from driftline.runtime.core import read_json
from driftline.runtime.decode.fields import optional, required
from driftline.runtime.encode import Content, Fields
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import (
    Api,
    BaseUrl,
    Credential,
    Encoding,
    Endpoint,
    Endpoints,
    StreamItems,
    UrlVariable,
    WireParameter,
)
from driftline.runtime.errors import ApiError
from driftline.runtime.json_types import BinaryTypes, FileTypes, JsonLinesTypes
from driftline.runtime.model import Model
from driftline.runtime.options import (
    AsyncClientOptions,
    AsyncSecret,
    Authorization,
    CallOptions,
    ClientOptions,
    Secret,
)
from driftline.runtime.paging.pages import ListingModel, ListPage
from driftline.runtime.paging.styles import (
    CursorPaging,
    LastRowPaging,
    LinkHeaderPaging,
    NextUrlPaging,
    NumberPaging,
    OffsetPaging,
    SinglePaging,
)
from driftline.runtime.raw_response import RawResponse
from driftline.runtime.retries import Retries
from driftline.runtime.streaming import (
    AsyncBinaryResponse,
    AsyncStream,
    BinaryResponse,
    Stream,
    StreamEvent,
)
from driftline.runtime.telemetry.drift import DriftLog

if TYPE_CHECKING:
    from driftline.runtime.auth.oauth import (
        AccessToken,
        ClientCredentials,
        PasswordGrant,
        RefreshToken,
        TokenGrant,
        TokenReply,
        TokenSource,
        name_variables,
        read_grant,
    )
    from driftline.runtime.paging.styles import Paging
    from driftline.runtime.retries import parse_retry_after, retry_after
    from driftline.runtime.servers import locate_token_url
    from driftline.runtime.streaming.records import ParsedEvent, choose_parser, find_item_ends
    from driftline.runtime.transport.deadline import (
        TimedBackend,
        apply_deadline,
        bound_network_time,
    )

__all__ = [
    "ABSENT",
    "AccessToken",
    "Api",
    "ApiError",
    "AsyncBinaryResponse",
    "AsyncClient",
    "AsyncClientOptions",
    "AsyncSecret",
    "AsyncStream",
    "Authorization",
    "BaseUrl",
    "BinaryResponse",
    "BinaryTypes",
    "CallOptions",
    "Client",
    "ClientCredentials",
    "ClientOptions",
    "Content",
    "Credential",
    "CursorPaging",
    "DriftLog",
    "Encoding",
    "Endpoint",
    "Endpoints",
    "Fields",
    "FileTypes",
    "JsonLinesTypes",
    "LastRowPaging",
    "LinkHeaderPaging",
    "ListPage",
    "ListingModel",
    "Model",
    "NextUrlPaging",
    "NumberPaging",
    "OffsetPaging",
    "Paging",
    "ParsedEvent",
    "PasswordGrant",
    "RawResponse",
    "RefreshToken",
    "Retries",
    "Secret",
    "SinglePaging",
    "Stream",
    "StreamEvent",
    "StreamItems",
    "TimedBackend",
    "TokenGrant",
    "TokenReply",
    "TokenSource",
    "UrlVariable",
    "WireParameter",
    "apply_deadline",
    "bound_network_time",
    "choose_parser",
    "find_item_ends",
    "locate_token_url",
    "name_variables",
    "optional",
    "parse_retry_after",
    "read_grant",
    "read_json",
    "required",
    "retry_after",
]

if not TYPE_CHECKING:  # without this, a type checker takes any name for an export
    __getattr__ = load_later(__name__)
