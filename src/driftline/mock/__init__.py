"""A mock server that behaves as a spec says, and nothing else."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from driftline.mock.control import PREFIX
from driftline.mock.core import Mock
from driftline.mock.messages import Delivery, Handle, Request, Response
from driftline.mock.recent import HIDDEN, Asked, is_secret
from driftline.mock.server import is_loopback, running, serve
from driftline.mock.site import Site
from driftline.mock.trouble import Drifts, Rule, Trouble, parse_rule

if TYPE_CHECKING:
    from driftline.mock.transport import MockTransport

__all__ = [
    "HIDDEN",
    "PREFIX",
    "Asked",
    "Delivery",
    "Drifts",
    "Handle",
    "Mock",
    "MockTransport",
    "Request",
    "Response",
    "Rule",
    "Site",
    "Trouble",
    "is_loopback",
    "is_secret",
    "parse_rule",
    "running",
    "serve",
]


_LATER = {"MockTransport": "transport"}


def __getattr__(name: str) -> Any:
    """Imports what stands on much only when it is asked for: a mock on a port starts without it."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
