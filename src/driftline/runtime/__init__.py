"""What generated clients stand on, and all that an application installs."""

from driftline.runtime.client import AsyncClient, Client
from driftline.runtime.core import read_json
from driftline.runtime.decode.fields import optional, required
from driftline.runtime.encode import Content, Fields
from driftline.runtime.encode.types import BinaryTypes, FileTypes
from driftline.runtime.encode.values import ABSENT
from driftline.runtime.endpoint import (
    Api,
    BaseUrl,
    Credential,
    Encoding,
    Endpoint,
    Endpoints,
    UrlVariable,
    WireParameter,
)
from driftline.runtime.errors import ApiError
from driftline.runtime.model import Model
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
from driftline.runtime.telemetry.drift_log import DriftLog

__all__ = [
    "ABSENT",
    "Api",
    "ApiError",
    "AsyncClient",
    "AsyncClientOptions",
    "AsyncSecret",
    "Authorization",
    "BaseUrl",
    "BinaryTypes",
    "CallOptions",
    "Client",
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
    "LastRowPaging",
    "LinkHeaderPaging",
    "ListPage",
    "ListingModel",
    "Model",
    "NextUrlPaging",
    "NumberPaging",
    "OffsetPaging",
    "RawResponse",
    "Retries",
    "Secret",
    "SinglePaging",
    "UrlVariable",
    "WireParameter",
    "optional",
    "read_json",
    "required",
]
