"""Parameters that would change what a request is, or where it goes."""

from __future__ import annotations

from typing import Final

__all__ = ["is_reserved_header", "overrides_method"]

# Framing and routing belong to whoever speaks HTTP, and the last one to the contract suite: a
# document that sets them could smuggle a request, or send it to another host.
_RESERVED: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-driftline-run",
    }
)
# What frameworks take the real method from, whatever the request line says.
_OVERRIDES: Final = frozenset(
    {
        "_httpmethod",
        "_method",
        "http_method_override",
        "method_override",
        "x_http_method",
        "x_http_method_override",
        "x_method",
        "x_method_override",
    }
)


def is_reserved_header(name: str) -> bool:
    """Return whether a header of this name is never a parameter: it is not sent."""
    return name.strip().lower().replace("_", "-") in _RESERVED


def overrides_method(name: str) -> bool:
    """Return whether a parameter of this name makes a server do another method."""
    return name.strip().lower().replace("-", "_") in _OVERRIDES
