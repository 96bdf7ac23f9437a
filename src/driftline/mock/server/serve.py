"""Serves mocks on a port with uvicorn."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from driftline.errors import TargetError
from driftline.mock.admin.own_pages import OwnAddress
from driftline.mock.admin.site import Site
from driftline.mock.http.messages import Handle

if TYPE_CHECKING:
    import uvicorn

GRACE = 5
"""Seconds until open responses are canceled when the server is stopped."""


def serve(
    mocks: Mapping[str, Handle],
    host: str = "127.0.0.1",
    port: int = 8080,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until interrupted; `on_ready` is called with the URL once connections are accepted.

    Raises:
        TargetError: the port cannot be opened.
    """
    with bound_to(host, port) as bound:
        server = build_server(mocks, OwnAddress(host, bound.getsockname()[1]))
        if on_ready is not None:
            on_ready(format_url(host, bound))
        server.run(sockets=[bound])


@contextmanager
def run_server(mocks: Mapping[str, Handle], port: int = 0) -> Generator[str]:
    """Serve in a thread and yield the URL, `http://127.0.0.1:PORT`.

    Raises:
        TargetError: the port cannot be opened.
    """
    with bound_to("127.0.0.1", port) as bound:
        server = build_server(mocks, OwnAddress("127.0.0.1", bound.getsockname()[1]))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
        thread.start()
        try:
            # The socket listens already: an early client waits in its queue.
            yield format_url("127.0.0.1", bound)
        finally:
            server.should_exit = True
            thread.join()


def is_loopback(url: str) -> bool:
    """Return whether `url` is only reachable from this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def build_server(mocks: Mapping[str, Handle], own_address: OwnAddress) -> uvicorn.Server:
    # Imported here: `--help` and mocks without a port do not need uvicorn.
    import uvicorn  # noqa: PLC0415

    from driftline.mock.server.asgi import build_application  # noqa: PLC0415
    from driftline.mock.server.protocol import BreakingProtocol  # noqa: PLC0415

    site = mocks if isinstance(mocks, Site) else Site(mocks)
    site.control.own = own_address
    config = uvicorn.Config(
        build_application(site.handle, site.sleep, lambda: server.should_exit),
        http=BreakingProtocol,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=GRACE,
    )
    server = uvicorn.Server(config)
    return server


def bound_to(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With an explicit protocol, asyncio sends small responses at once (TCP_NODELAY).
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(128)
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        hint = "Choose another --host or --port, or stop the program that uses the port."
        raise TargetError(f"{host}:{port}", f"could not open the port: {reason}", hint) from None
    return bound


def format_url(host: str, bound: socket.socket) -> str:
    url_host = f"[{host}]" if ":" in host else host
    return f"http://{url_host}:{bound.getsockname()[1]}"
