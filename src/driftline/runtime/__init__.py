"""The runtime of generated clients, and the only part that an application installs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftline.faces import load_later
from driftline.runtime.async_client import AsyncClient as AsyncClient
from driftline.runtime.auth.oauth import (
    AccessToken as AccessToken,
    ClientCredentials as ClientCredentials,
    PasswordGrant as PasswordGrant,
    RefreshToken as RefreshToken,
    TokenGrant as TokenGrant,
)
from driftline.runtime.client import Client as Client
from driftline.runtime.core import read_json as read_json
from driftline.runtime.decode.fields import (
    optional as optional,
    required as required,
)
from driftline.runtime.encode import (
    Content as Content,
    Fields as Fields,
)
from driftline.runtime.encode.values import ABSENT as ABSENT
from driftline.runtime.endpoint import (
    Api as Api,
    BaseUrl as BaseUrl,
    Credential as Credential,
    Encoding as Encoding,
    Endpoint as Endpoint,
    Endpoints as Endpoints,
    StreamItems as StreamItems,
    UrlVariable as UrlVariable,
    WireParameter as WireParameter,
)
from driftline.runtime.errors import ApiError as ApiError
from driftline.runtime.json_types import (
    BinaryTypes as BinaryTypes,
    FileTypes as FileTypes,
    JsonLinesTypes as JsonLinesTypes,
)
from driftline.runtime.model import Model as Model
from driftline.runtime.options import (
    AsyncClientOptions as AsyncClientOptions,
    AsyncSecret as AsyncSecret,
    Authorization as Authorization,
    CallOptions as CallOptions,
    ClientOptions as ClientOptions,
    Secret as Secret,
)
from driftline.runtime.paging.pages import (
    ListingModel as ListingModel,
    ListPage as ListPage,
)
from driftline.runtime.paging.styles import (
    CursorPaging as CursorPaging,
    LastRowPaging as LastRowPaging,
    LinkHeaderPaging as LinkHeaderPaging,
    NextUrlPaging as NextUrlPaging,
    NumberPaging as NumberPaging,
    OffsetPaging as OffsetPaging,
    SinglePaging as SinglePaging,
)
from driftline.runtime.raw_response import RawResponse as RawResponse
from driftline.runtime.retries import Retries as Retries
from driftline.runtime.streaming import (
    AsyncBinaryResponse as AsyncBinaryResponse,
    AsyncStream as AsyncStream,
    BinaryResponse as BinaryResponse,
    Stream as Stream,
    StreamEvent as StreamEvent,
)
from driftline.runtime.telemetry.drift import DriftLog as DriftLog

if TYPE_CHECKING:
    from driftline.runtime.auth.oauth import (
        TokenReply as TokenReply,
        TokenSource as TokenSource,
        name_variables as name_variables,
        read_grant as read_grant,
    )
    from driftline.runtime.paging.styles import Paging as Paging
    from driftline.runtime.retries import (
        parse_retry_after as parse_retry_after,
        retry_after as retry_after,
    )
    from driftline.runtime.servers import locate_token_url as locate_token_url
    from driftline.runtime.streaming.records import (
        ParsedEvent as ParsedEvent,
        choose_parser as choose_parser,
        find_item_ends as find_item_ends,
    )
    from driftline.runtime.transport.deadline import (
        TimedBackend as TimedBackend,
        apply_deadline as apply_deadline,
        bound_network_time as bound_network_time,
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
