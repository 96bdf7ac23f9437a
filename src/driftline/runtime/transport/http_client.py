"""httpx set up for the clients: no cookies, either backend, and precise errors."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import httpx

from driftline.runtime.errors import ConfigurationError
from driftline.runtime.json_types import is_tuple
from driftline.runtime.transport.deadline import apply_deadline
from driftline.runtime.transport.other_library import adapt_transport


class _NoCookies(httpx.Cookies):
    """A cookie jar that stores nothing, so that no response affects the next request."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Do nothing, which saves a considerable part of the work of a call."""


_NO_COOKIES = _NoCookies()


class _Stateless:
    @property
    def cookies(self) -> httpx.Cookies:
        return _NO_COOKIES

    @cookies.setter
    def cookies(self, cookies: Any) -> None:
        """An empty jar."""


class _Http(_Stateless, httpx.Client):
    pass


class _AsyncHttp(_Stateless, httpx.AsyncClient):
    pass


def build_sync_http(options: Mapping[str, Any]) -> httpx.Client:
    """Return a new client with these options of httpx.

    A deadline applies to all its network calls.
    """
    http = _Http(**options)
    apply_deadline(http)
    return http


def select_http_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a client that httpx accepts.

    Raises:
        ConfigurationError: `verify` has a value that httpx would only fail on later.
    """
    verify = options.get("verify", True)
    if not isinstance(verify, (bool, ssl.SSLContext)):
        hint = "pass an ssl.SSLContext, for example ssl.create_default_context(cafile=…)"
        raise ConfigurationError(f"verify={verify!r}: {hint}")
    names = ("transport", "proxy", "verify", "http2", "limits", "event_hooks")
    http_options = {name: options[name] for name in names if name in options}
    if "transport" in http_options:
        http_options["transport"] = adapt_transport(http_options["transport"])
    if options.get("cert") is not None:
        http_options["verify"] = _load_certificate(verify, options["cert"])
    return http_options


def _load_certificate(verify: ssl.SSLContext | bool, cert: Any) -> ssl.SSLContext:
    """Return an SSL context with a client certificate, for mutual TLS."""
    if isinstance(verify, ssl.SSLContext):
        hint = "load the certificate into the context: verify.load_cert_chain(…)"
        raise ConfigurationError(f"cert= cannot be combined with verify=SSLContext: {hint}")
    context = httpx.create_ssl_context(verify=verify)
    files = cert if is_tuple(cert) else (cert,)
    try:
        context.load_cert_chain(*files)
    except (OSError, TypeError, ValueError) as error:
        raise ConfigurationError(f"could not load the client certificate: {error}") from None
    return context


def build_async_http(backend: str, options: Mapping[str, Any]) -> httpx.AsyncClient:
    """Return a client whose connections are opened by httpx or by aiohttp.

    Raises:
        ImportError: aiohttp is not installed.
    """
    if backend == "aiohttp" and "transport" not in options:
        aiohttp: Any = import_module("httpx_aiohttp")  # an extra
        kind: Any = type("_AiohttpHttp", (_Stateless, aiohttp.HttpxAiohttpClient), {})
        http: httpx.AsyncClient = kind(**options)
        return http
    return _AsyncHttp(**options)


def unwrap_transport_error(error: Exception) -> httpx.HTTPError:
    """Return the transport error for an exception of httpx; re-raise any other exception.

    httpx-aiohttp reports every lost connection as a connect error, as if the request could not have
    arrived, and does not map all of aiohttp's errors.
    """
    if isinstance(error, (httpx.InvalidURL, UnicodeError)):
        # It parses redirect targets even if they are not followed.
        return httpx.RemoteProtocolError(f"redirected to an invalid URL: {error}")
    cause = error.__cause__ if isinstance(error, httpx.ConnectTimeout) else error
    if not type(cause).__module__.startswith("aiohttp."):
        if isinstance(error, httpx.HTTPError):
            return error
        raise error
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    if isinstance(error, httpx.HTTPError) and kinds & _NOT_CONNECTED:
        return error
    return httpx.RemoteProtocolError(str(error) or type(cause).__name__)


_NOT_CONNECTED = {"ClientConnectorError", "ConnectionTimeoutError"}
