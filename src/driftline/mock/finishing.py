"""What becomes of every answer before it is sent: the parts of HTTP that no spec writes down."""

from __future__ import annotations

from driftline.mock.messages import Request, Response

__all__ = ["finished"]


def finished(request: Request, response: Response) -> Response:
    """The answer as it is sent."""
    return response
