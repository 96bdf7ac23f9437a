"""What generated clients stand on, and all that an application installs."""

from driftline.runtime.client import AsyncClient, Client
from driftline.runtime.core import read_json
from driftline.runtime.driftlog import DriftLog
from driftline.runtime.errors import ApiError
from driftline.runtime.fields import optional, required
from driftline.runtime.model import Model
from driftline.runtime.operation import Api, Credential, Listing, Operation, Operations, Parameter
from driftline.runtime.options import (
    AsyncClientOptions,
    AsyncSecret,
    CallOptions,
    ClientOptions,
    Secret,
)
from driftline.runtime.pages import ListingModel
from driftline.runtime.raw import RawAnswer
from driftline.runtime.retries import Retries
from driftline.runtime.values import ABSENT
from driftline.runtime.wire import Fields

__all__ = [
    "ABSENT",
    "Api",
    "ApiError",
    "AsyncClient",
    "AsyncClientOptions",
    "AsyncSecret",
    "CallOptions",
    "Client",
    "ClientOptions",
    "Credential",
    "DriftLog",
    "Fields",
    "Listing",
    "ListingModel",
    "Model",
    "Operation",
    "Operations",
    "Parameter",
    "RawAnswer",
    "Retries",
    "Secret",
    "optional",
    "read_json",
    "required",
]
