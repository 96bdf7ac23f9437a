"""A mock server that behaves as a spec says, and nothing else."""

from typing import TYPE_CHECKING, Any

from driftline.mock.core import Mock
from driftline.mock.messages import Delivery, Handle, Request, Response
from driftline.mock.recent import Asked
from driftline.mock.server import is_loopback, running, serve
from driftline.mock.site import Site
from driftline.mock.trouble import Drifts, Rule, Trouble, parse_rule

if TYPE_CHECKING:
    from driftline.mock.transport import MockTransport

__all__ = [
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
    "parse_rule",
    "running",
    "serve",
]


def __getattr__(name: str) -> Any:
    """Imports the transport when it is asked for: a mock on a port starts without httpx."""
    if name != "MockTransport":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from driftline.mock.transport import MockTransport as found  # noqa: N813, PLC0415

    return found
