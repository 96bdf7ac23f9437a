"""What generated clients stand on, and all that an application installs: httpx and attrs."""

from driftline.runtime.client import AsyncClient, AsyncClientOptions, Client, ClientOptions
from driftline.runtime.fields import optional, required
from driftline.runtime.model import Model
from driftline.runtime.operation import Api, Credential, Listing, Operation, Parameter
from driftline.runtime.pages import ListingModel
from driftline.runtime.values import ABSENT
from driftline.runtime.wire import Fields

__all__ = [
    "ABSENT",
    "Api",
    "AsyncClient",
    "AsyncClientOptions",
    "Client",
    "ClientOptions",
    "Credential",
    "Fields",
    "Listing",
    "ListingModel",
    "Model",
    "Operation",
    "Parameter",
    "optional",
    "required",
]
