"""A mock server that behaves as a spec says, and nothing else."""

from driftline.mock.core import Mock
from driftline.mock.messages import Request, Response
from driftline.mock.server import running, serve
from driftline.mock.transport import Handle, MockTransport, asgi_app

__all__ = [
    "Handle",
    "Mock",
    "MockTransport",
    "Request",
    "Response",
    "asgi_app",
    "running",
    "serve",
]
