"""Restricts control of the mock to programs and to its own pages.

A page of another site can make a browser send requests to this machine. Such requests have another
`Origin`, are marked cross-site, or use a name that was made to resolve to this machine (DNS
rebinding), which is a `Host` other than the mock's own.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

import attrs

from driftline.mock.http.messages import HttpRequest, Rejection

_DOTLESS: Final = re.compile(r"[a-z0-9_-]+")
_OWN_SITES: Final = frozenset({"", "none", "same-origin"})


@attrs.frozen
class OwnAddress:
    """The address of the mock: the host that it was started with, and the port."""

    host: str
    port: int

    def has(self, host: str) -> bool:
        """Return whether a `Host` names the mock itself."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = (parts.hostname or "").rstrip("."), parts.port or 80
        except ValueError:
            return False
        if not name or host != parts.netloc or parts.username is not None:
            return False
        address = _parse_address(name)
        if _is_unspecified(self.host):
            # In a container or behind a mapped port: any address, and any name without a dot, which
            # no public name server can resolve.
            return address is not None or _DOTLESS.fullmatch(name) is not None
        is_own = name == self.host.lower() or name == "localhost"
        is_own = is_own or (address is not None and address.is_loopback)
        is_own = is_own or (address is not None and address == _parse_address(self.host))
        return is_own and port == self.port


def require_own_page(request: HttpRequest, own_address: OwnAddress | None) -> None:
    """Accept a program, or a page that the mock serves itself.

    `own_address` is None for a mock that is called within its process.

    Raises:
        Rejection: 400, if a header that is read here is repeated; 403, if the request comes from a
            page of another site, or may do so.
    """
    names = [name.lower() for name, _ in request.headers]
    for name in ("Host", "Origin", "Sec-Fetch-Site"):
        if names.count(name.lower()) > 1:
            raise Rejection(400, f"header {name} is repeated")
    host, origin = request.get_header("Host"), request.get_header("Origin")
    site = (request.get_header("Sec-Fetch-Site") or "").strip().lower()
    if own_address is not None and not own_address.has(host or ""):
        raise Rejection(403, "the Host header is not a name of the mock; see --host")
    is_own = site in _OWN_SITES or (site == "same-site" and _is_navigation(request))
    if not is_own:
        raise Rejection(403, "only this server's own pages may request this")
    try:
        is_foreign = origin is not None and urlsplit(origin).netloc != host
    except ValueError:
        is_foreign = True
    if is_foreign:
        raise Rejection(403, "only this server's own pages may request this")


def _is_navigation(request: HttpRequest) -> bool:
    return request.method == "GET" and request.get_header("Sec-Fetch-Mode") == "navigate"


def _parse_address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_unspecified(host: str) -> bool:
    address = _parse_address(host)
    return not host or (address is not None and address.is_unspecified)
