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
        *("max-forwards", "transfer-encoding", "upgrade", "via", "x-driftline-run"),
        *("x-envoy-original-path", "x-forwarded-host", "x-forwarded-path", "x-forwarded-port"),
        *("x-forwarded-prefix", "x-forwarded-proto", "x-forwarded-scheme", "x-forwarded-server"),
        *("x-forwarded-uri", "x-host", "x-http-host-override", "x-original-host"),
        *("x-original-path", "x-original-uri", "x-original-url", "x-rewrite-url"),
    }
)
# Frameworks read the actual method from these. Compared without punctuation, which servers drop or
# exchange.
_OVERRIDES: Final = frozenset(
    {
        *("httpmethod", "httpmethodoverride", "httpverb", "httpverboverride", "methodoverride"),
        *("xhttpmethod", "xhttpmethodoverride", "xhttpverb", "xhttpverboverride", "xmethod"),
        *("overridemethod", "requestmethod", "xmethodoverride", "xoriginalmethod"),
        *("xoverridemethod", "xrequestmethod", "xtunnelmethod"),
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
    lower_name = name.strip().lower()
    compact = re.sub("[^a-z0-9]", "", lower_name)
    return compact in _OVERRIDES or (compact == "method" and lower_name != compact)
