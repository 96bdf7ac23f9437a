"""A mock server that behaves as a spec says, and nothing else."""

from driftline.mock.control import PREFIX
from driftline.mock.core import Mock
from driftline.mock.messages import Delivery, Request, Response
from driftline.mock.recent import HIDDEN, Asked, is_secret
from driftline.mock.server import is_loopback, running, serve
from driftline.mock.site import Site
from driftline.mock.transport import Handle, MockTransport
from driftline.mock.trouble import Drifts, Rule, Trouble, parse_rule

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
