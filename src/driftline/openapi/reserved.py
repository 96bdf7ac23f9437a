"""Parameters that would change the meaning or the target of a request."""

from __future__ import annotations

import re
from typing import Final

# Framing and routing belong to HTTP and to intermediaries, and the last header to the contract
# suite: a document that sets them could smuggle a request, or redirect it to another host or path.
_RESERVED: Final = frozenset(
    {
        *("connection", "content-length", "expect", "forwarded", "host", "http2-settings"),
        *("keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade", "x-forwarded-host", "x-forwarded-server", "x-host"),
        *("x-original-host", "x-original-url", "x-rewrite-url", "x-driftline-run"),
    }
)
# Frameworks read the actual method from these. Compared without hyphens and underscores, which
# servers drop or exchange.
_OVERRIDES: Final = frozenset(
    {
        *("httpmethod", "httpmethodoverride", "httpverb", "httpverboverride", "methodoverride"),
        *("xhttpmethod", "xhttpmethodoverride", "xhttpverb", "xhttpverboverride", "xmethod"),
        *("xmethodoverride", "xoriginalmethod", "xrequestmethod"),
    }
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def is_token(name: str) -> bool:
    """Return whether a name is valid for a header or cookie."""
    return _TOKEN.fullmatch(name) is not None


def is_reserved_header(name: str) -> bool:
    """Return whether a header of this name is never sent as a parameter."""
    return not is_token(name) or name.lower().replace("_", "-") in _RESERVED


def overrides_method(name: str) -> bool:
    """Return whether a parameter of this name overrides the method on some servers."""
    bare = name.strip().lower()
    return bare == "_method" or re.sub("[-_]", "", bare) in _OVERRIDES
