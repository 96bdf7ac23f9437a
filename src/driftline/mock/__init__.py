"""A mock server that behaves as a spec says, and nothing else."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from driftline.mock.admin.control import PREFIX
from driftline.mock.admin.request_log import HIDDEN, LoggedRequest, is_secret
from driftline.mock.admin.site import Site
from driftline.mock.core import Mock
from driftline.mock.faults import DriftSource, FaultRule, Faults, parse_rule
from driftline.mock.http.arguments import read_argument
from driftline.mock.http.messages import Delivery, Handle, HttpRequest, HttpResponse
from driftline.mock.server.serve import is_loopback, run_server, serve

if TYPE_CHECKING:
    from driftline.mock.server.transport import MockTransport

__all__ = [
    "HIDDEN",
    "PREFIX",
    "Delivery",
    "DriftSource",
    "FaultRule",
    "Faults",
    "Handle",
    "HttpRequest",
    "HttpResponse",
    "LoggedRequest",
    "Mock",
    "MockTransport",
    "Site",
    "is_loopback",
    "is_secret",
    "parse_rule",
    "read_argument",
    "run_server",
    "serve",
]


_LATER = {"MockTransport": "server.transport"}


def __getattr__(name: str) -> Any:
    """Imports what stands on much only when it is asked for: a mock on a port starts without it."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
