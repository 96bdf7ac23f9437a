"""The URLs of requests: the base URL with its variables, and the servers of single operations.

Credentials, headers and arguments are yours, and a document must not decide which host receives
them: an operation with its own server on another host needs that host among the client's
`trusted_hosts`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from typing import Any

import httpx

from driftline.runtime.endpoint import Api, Endpoint, UrlVariable
from driftline.runtime.errors import ConfigurationError

_VARIABLE = re.compile(r"\{([^{}]*)\}")


class Servers:
    """The base URL of a client, and the other hosts that it trusts.

    `is_relocated`: the base URL is yours, not the document's, for example that of a mock. All
    operations then use it, except those whose own host is trusted.
    """

    __slots__ = ("base_url", "is_relocated", "trusted_hosts", "variables")

    base_url: str
    is_relocated: bool
    variables: Mapping[str, str]
    trusted_hosts: frozenset[str]

    def __init__(
        self,
        base_url: str,
        is_relocated: bool,
        variables: Mapping[str, str],
        trusted_hosts: frozenset[str],
    ) -> None:
        self.base_url, self.is_relocated = base_url, is_relocated
        self.variables, self.trusted_hosts = variables, trusted_hosts

    @classmethod
    def from_options(cls, api: Api, options: Mapping[str, Any]) -> Servers:
        """Return the servers of a new client.

        Raises:
            ConfigurationError: the base URL or the value of a variable is invalid.
        """
        variables: Mapping[str, str] = options.get("server_variables") or {}
        _check_names(api, variables)
        custom_url = options.get("base_url") or (
            api.base_url_env and os.environ.get(api.base_url_env)
        )
        url = custom_url or _fill(api.base_url, api.server_variables, variables)
        hosts: Collection[str] = options.get("trusted_hosts") or ()
        if isinstance(hosts, str):
            raise ConfigurationError(f"trusted_hosts={hosts!r}: expected a list of hosts")
        return cls(
            _check_url(api, url),
            bool(custom_url),
            variables,
            frozenset(host.lower() for host in hosts),
        )

    def select_url(self, operation: Endpoint) -> str:
        """Return the base URL for one operation.

        Raises:
            ConfigurationError: its own server is on a host that is not trusted.
        """
        if not operation.servers:
            return self.base_url
        server = operation.servers[0]
        base = httpx.URL(self.base_url)
        try:
            url = base.join(_fill(server.url, server.variables, self.variables))
        except httpx.InvalidURL as error:
            raise ConfigurationError(f"{operation.id}: invalid server: {error}") from None
        if self._is_trusted(url):
            return str(url.copy_with(query=None, fragment=None))
        if self.is_relocated:
            return self.base_url
        if _get_origin(url) == _get_origin(base):
            return str(url.copy_with(query=None, fragment=None))
        host = url.host if url.port is None else f"{url.host}:{url.port}"
        message = f"{operation.id} has its own server, {url.scheme}://{host}"
        hint = f"to send your credentials and arguments there, pass trusted_hosts=[{host!r}]"
        raise ConfigurationError(f"{message}: {hint}")

    def locate_token_url(self, api: Api, token_url: str) -> httpx.URL:
        """Return the URL to request tokens from, for a token URL of the document.

        Raises:
            ConfigurationError: the URL is invalid.
        """
        documented_url = _fill(api.base_url, api.server_variables, self.variables)
        return locate_token_url(documented_url, self.base_url, token_url)

    def _is_trusted(self, url: httpx.URL) -> bool:
        is_http = url.scheme in {"http", "https"}
        return is_http and not {url.host, f"{url.host}:{url.port}"}.isdisjoint(self.trusted_hosts)


def locate_token_url(documented_url: str, base_url: str, token_url: str) -> httpx.URL:
    """Return the token URL to use if the API was moved to another base URL.

    A token URL on the document's own host moves along; any other is unchanged.

    Raises:
        ConfigurationError: the URL is invalid.
    """
    before, after = httpx.URL(documented_url), httpx.URL(base_url)
    try:
        url = before.join(token_url)
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"invalid token URL: {error}") from None
    if not url.is_absolute_url:
        return after.copy_with(path=url.path if url.path.startswith("/") else f"/{url.path}")
    prefix = before.path.rstrip("/")
    if _get_origin(url) != _get_origin(before) or before == after:
        return url
    path = url.path
    if path.startswith(f"{prefix}/"):
        path = after.path.rstrip("/") + path.removeprefix(prefix)
    return after.copy_with(path=path, query=url.query or None)


def _check_names(api: Api, variables: Mapping[str, str]) -> None:
    unknown = ", ".join(sorted(variables.keys() - api.server_variables.keys()))
    if unknown:
        expected = ", ".join(sorted(api.server_variables)) or "none"
        raise ConfigurationError(f"unknown server variable: {unknown} (expected: {expected})")


def _fill(url: str, variables: Mapping[str, UrlVariable], values: Mapping[str, str]) -> str:
    """Return the URL with each variable replaced by its chosen value or its default."""

    def choose_value(match: re.Match[str]) -> str:
        name = match[1]
        variable = variables.get(name)
        if variable is None:
            raise ConfigurationError(
                f"the server {url!r} has no value for {name!r}: pass base_url=…"
            )
        value = str(values.get(name, variable.default))
        if variable.enum and value not in variable.enum:
            choices = ", ".join(variable.enum)
            raise ConfigurationError(f"server variable {name}={value!r}: expected one of {choices}")
        # API Gateway exports a slash before a variable and another one in its value.
        return value.lstrip("/") if url[: match.start()].endswith("/") else value

    return _VARIABLE.sub(choose_value, url)


def _check_url(api: Api, base_url: str) -> str:
    redacted_url = re.sub(r"//[^/]*@", "//", base_url)
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise ConfigurationError(f"invalid base URL {redacted_url!r}: {error}") from None
    if url.scheme not in {"http", "https"} or not url.host:
        alternative = f" or set {api.base_url_env}" if api.base_url_env else ""
        message = f"invalid base URL {redacted_url!r}: pass base_url='https://…'{alternative}"
        raise ConfigurationError(message)
    return str(url.copy_with(query=None, fragment=None))


def _get_origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
