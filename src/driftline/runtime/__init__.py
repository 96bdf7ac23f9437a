"""What generated clients stand on, and all that an application installs."""

from driftline.runtime.async_client import AsyncClient
from driftline.runtime.client import Client
from driftline.runtime.core import read_json
from driftline.runtime.decode.fields import optional, required
from driftline.runtime.encode import Content, Fields
from driftline.runtime.encode.types import BinaryTypes, FileTypes, JsonLinesTypes
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
from driftline.runtime.model import Model
from driftline.runtime.oauth import (
    AccessToken,
    ClientCredentials,
    PasswordGrant,
    RefreshToken,
    TokenGrant,
)
from driftline.runtime.options import (
    AsyncClientOptions,
    AsyncSecret,
    Authorization,
    CallOptions,
    ClientOptions,
    Secret,
)
from driftline.runtime.page_styles import (
    CursorPaging,
    LastRowPaging,
    LinkHeaderPaging,
    NextUrlPaging,
    NumberPaging,
    OffsetPaging,
    SinglePaging,
)
from driftline.runtime.pagination import ListingModel, ListPage
from driftline.runtime.raw_response import RawResponse
from driftline.runtime.retries import Retries
from driftline.runtime.streaming import (
    AsyncBinaryResponse,
    AsyncStream,
    BinaryResponse,
    Stream,
    StreamEvent,
)
from driftline.runtime.telemetry.drift_log import DriftLog

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
    "PasswordGrant",
    "RawResponse",
    "RefreshToken",
    "Retries",
    "Secret",
    "SinglePaging",
    "Stream",
    "StreamEvent",
    "StreamItems",
    "TokenGrant",
    "UrlVariable",
    "WireParameter",
    "optional",
    "read_json",
    "required",
]
