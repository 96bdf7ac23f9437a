"""OAuth 2: obtain, keep and renew the token of a client (RFC 6749). No I/O here.

No library fits: httpx-auth requests tokens with a blocking client of its own, httpx-oauth is
asynchronous only, and authlib replaces the client and needs cryptography. This module uses the
client's own transport, limits and deadlines, in the sync and the async client.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator, Iterator, Mapping
from threading import Lock
from typing import Any, ClassVar, Literal, TypeAlias
from urllib.parse import quote_plus, urlencode

import attrs
import httpx

from driftline.runtime.errors import ConfigurationError, TokenError
from driftline.runtime.json_types import is_object
from driftline.runtime.retries import SYSTEM, Clock

_EXCERPT = 200
_EARLY = 30.0
"""Seconds before its end that a token is renewed, or a tenth of its life if that is less."""


@attrs.frozen
class AccessToken:
    """A token from the server; `expires_at` is in seconds since 1970."""

    value: str = attrs.field(repr=False)
    expires_at: float | None = None
    refresh_token: str | None = attrs.field(default=None, repr=False)
    scope: str | None = None


@attrs.frozen(kw_only=True)
class TokenGrant:
    """The data that a client sends to obtain tokens. Pass it in place of a token.

    `token_url` replaces the URL in the document. `on_token` is called with every new token, for
    example to store a refresh token that the server has rotated.
    """

    flow: ClassVar[str]

    client_id: str | None = None
    client_secret: str | None = attrs.field(default=None, repr=False)
    scope: str | None = None
    token_url: str | None = None
    client_auth: Literal["basic", "body"] = "basic"
    on_token: Callable[[AccessToken], None] | None = attrs.field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must not appear in any output."""
        return tuple(filter(None, [self.client_secret]))

    @property
    def first_token(self) -> AccessToken | None:
        """The initial token, if you passed one."""
        return None

    def build_form(self) -> Mapping[str, str] | None:
        """Return the form fields of a token request; None if only a refresh token can make one."""
        return None


@attrs.frozen
class ClientCredentials(TokenGrant):
    """The client credentials grant: an ID and a secret of the application."""

    flow = "clientCredentials"

    client_id: str | None = attrs.field(kw_only=False)
    client_secret: str | None = attrs.field(repr=False, kw_only=False)

    def build_form(self) -> Mapping[str, str]:
        return {"grant_type": "client_credentials"}


@attrs.frozen
class PasswordGrant(TokenGrant):
    """The password grant: name and password of a person."""

    flow = "password"

    username: str = attrs.field(kw_only=False)
    password: str = attrs.field(repr=False, kw_only=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets, self.password)

    def build_form(self) -> Mapping[str, str]:
        return {"grant_type": "password", "username": self.username, "password": self.password}


@attrs.frozen
class RefreshToken(TokenGrant):
    """Tokens from elsewhere, such as the authorization code flow.

    Without `access_token`, `refresh_token` obtains the first one. `expires_at` is in seconds since
    1970.
    """

    flow = "refresh"

    refresh_token: str = attrs.field(repr=False, kw_only=False)
    access_token: str | None = attrs.field(default=None, repr=False)
    expires_at: float | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        brought = filter(None, [self.refresh_token, self.access_token])
        return (*super().secrets, *brought)

    @property
    def first_token(self) -> AccessToken:
        return AccessToken(self.access_token or "", self.expires_at, self.refresh_token)


@attrs.frozen
class TokenReply:
    """The response of a token endpoint."""

    status: int
    content: bytes = attrs.field(repr=False)


Renewal: TypeAlias = Generator[httpx.Request, TokenReply, str]
"""Yields the requests to send, takes their responses, and returns a token."""


class TokenSource:
    """The tokens of one credential of one client. Safe to share between threads and tasks.

    `locate` returns the URL to use for a URL of the document. `redact` removes secrets from
    messages of the server.
    """

    def __init__(
        self,
        name: str,
        grant: TokenGrant,
        urls: Mapping[str, str],
        *,
        locate: Callable[[str], httpx.URL],
        redact: Callable[[str], str] = str,
        clock: Clock = SYSTEM,
    ) -> None:
        self.name: str = name
        self._grant, self._urls = grant, dict(urls)
        self._locate, self._redact, self._clock = locate, redact, clock
        self._token, self._lock = grant.first_token, Lock()
        self._task_locks: dict[Any, Any] = {}
        self._lifetime: float | None = None

    def __repr__(self) -> str:
        return f"TokenSource({self.name!r})"

    @property
    def secrets(self) -> Iterator[str]:
        """Values that must not appear in any output: the grant's and the current tokens."""
        grant, token = self._grant, self._token
        yield from grant.secrets
        if grant.client_secret is not None:
            yield _build_basic(grant)
        if token is not None:
            yield from filter(None, [token.value, token.refresh_token])

    def find_valid(self, stale: str | None = None) -> str | None:
        """Return the token; None if it is missing, about to expire, or the `stale` one."""
        token = self._token
        if token is None or not token.value or token.value == stale:
            return None
        if token.expires_at is not None:
            early = min(_EARLY, (self._lifetime or _EARLY * 10) / 10)
            if self._clock.date() >= token.expires_at - early:
                return None
        return token.value

    def obtain(self, send: Callable[[httpx.Request], TokenReply], stale: str | None = None) -> str:
        """Return a valid token; among several threads, only one requests it.

        Raises:
            TokenError: the server did not return a token.
            ConfigurationError: the document has no token URL.
        """
        token = self.find_valid(stale)
        if token is not None:
            return token
        with self._lock:
            steps, reply = self._renew(stale), None
            try:
                while True:
                    reply = send(next(steps) if reply is None else steps.send(reply))
            except StopIteration as stop:
                return str(stop.value)

    async def obtain_async(self, send: Callable[[httpx.Request], Any], stale: str | None) -> str:
        """Return a valid token; among several tasks, only one requests it."""
        token = self.find_valid(stale)
        if token is not None:
            return token
        async with self._find_task_lock():
            steps, reply = self._renew(stale), None
            try:
                while True:
                    reply = await send(next(steps) if reply is None else steps.send(reply))
            except StopIteration as stop:
                return str(stop.value)

    def _find_task_lock(self) -> Any:
        """Return a lock of the running event loop; tasks of another loop cannot wait for it."""
        import anyio  # noqa: PLC0415 - not every program is async

        loop = anyio.lowlevel.current_token()
        with self._lock:
            if loop not in self._task_locks:
                self._task_locks = {loop: anyio.Lock()}
            return self._task_locks[loop]

    def _renew(self, stale: str | None) -> Renewal:
        token = self.find_valid(stale)
        if token is not None:  # another thread or task requested it meanwhile
            return token
        refresh = self._token.refresh_token if self._token else None
        form = self._grant.build_form()
        discovery = self._urls.get("discovery")
        if discovery is not None and self._grant.token_url is None:
            yield from self._discover(discovery)
        if refresh is not None:
            refresh_form = {"grant_type": "refresh_token", "refresh_token": refresh}
            reply = yield self._build_request(refresh_form, "refresh")
            if reply.status < 300 or form is None:
                return self._store(reply, refresh)
        if form is None:
            raise ConfigurationError(f"credential {self.name} has no refresh token left")
        reply = yield self._build_request(form, self._grant.flow)
        return self._store(reply, None)

    def _discover(self, url: str) -> Generator[httpx.Request, TokenReply, None]:
        """Find the token endpoint of an OpenID provider, which must be on the provider's host."""
        target = self._locate(url)
        reply = yield httpx.Request("GET", target, headers={"Accept": "application/json"})
        token_endpoint = (
            _parse_object(reply.content).get("token_endpoint") if reply.status < 300 else None
        )
        try:
            endpoint = httpx.URL(token_endpoint) if isinstance(token_endpoint, str) else None
        except httpx.InvalidURL:
            endpoint = None
        if endpoint is None:
            raise TokenError(
                self.name, reply.status, "the discovery document has no token_endpoint"
            )
        if (endpoint.scheme, endpoint.host, endpoint.port) != (
            *(target.scheme, target.host, target.port),
        ):
            message = f"its token endpoint is on another host, {endpoint.host}: pass token_url=…"
            raise TokenError(self.name, reply.status, message)
        self._urls = {"discovered": str(endpoint)}

    def _build_request(self, form: Mapping[str, str], flow: str) -> httpx.Request:
        grant = self._grant
        fields = {**form, **({"scope": grant.scope} if grant.scope else {})}
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if grant.client_secret is not None and grant.client_auth == "basic":
            headers["Authorization"] = f"Basic {_build_basic(grant)}"
        else:
            client_fields = {"client_id": grant.client_id, "client_secret": grant.client_secret}
            fields |= {name: value for name, value in client_fields.items() if value is not None}
        content = urlencode(fields).encode()
        return httpx.Request("POST", self._find_url(flow), headers=headers, content=content)

    def _find_url(self, flow: str) -> httpx.URL:
        if self._grant.token_url is not None:
            return httpx.URL(self._grant.token_url)
        for name in (flow, "discovered", self._grant.flow, *self._urls):
            if name in self._urls and name != "discovery":
                return self._locate(self._urls[name])
        raise ConfigurationError(
            f"the document names no URL for tokens of {self.name}: pass token_url=…"
        )

    def _store(self, reply: TokenReply, refresh: str | None) -> str:
        """Store the token of a response, and return it."""
        fields = _parse_object(reply.content)
        value = fields.get("access_token")
        if reply.status >= 300 or not isinstance(value, str) or not value:
            why = self._redact(_read_error(fields))[:_EXCERPT]
            raise TokenError(self.name, reply.status, why)
        refresh_token = fields.get("refresh_token")
        refresh_token = (
            refresh_token if isinstance(refresh_token, str) and refresh_token else refresh
        )
        self._lifetime = _read_seconds(fields.get("expires_in"))
        ends = None if self._lifetime is None else self._clock.date() + self._lifetime
        scope = fields.get("scope")
        token = AccessToken(value, ends, refresh_token, scope if isinstance(scope, str) else None)
        self._token = token
        if self._grant.on_token is not None:
            self._grant.on_token(token)
        return value


def name_variables(env: str) -> str:
    """Return the prefix of a grant's environment variables, given the token's variable."""
    return env.removesuffix("_TOKEN").removesuffix("_ACCESS")


def read_grant(
    prefix: str, urls: Mapping[str, str], environ: Mapping[str, str]
) -> TokenGrant | None:
    """Return the grant that environment variables with this prefix describe, or None.

    `urls` are the document's, by flow. A flow that it does not offer is not tried.
    """
    values = {name: environ.get(f"{prefix}_{name}") or None for name in _VARIABLES}
    shared: dict[str, Any] = {"token_url": values["TOKEN_URL"], "scope": values["SCOPE"]}
    client_id, secret = values["CLIENT_ID"], values["CLIENT_SECRET"]
    can_all = "discovery" in urls
    if values["REFRESH_TOKEN"]:
        return RefreshToken(
            values["REFRESH_TOKEN"], client_id=client_id, client_secret=secret, **shared
        )
    if values["USERNAME"] and values["PASSWORD"] and (can_all or "password" in urls):
        return PasswordGrant(
            *(values["USERNAME"], values["PASSWORD"]),
            client_id=client_id,
            client_secret=secret,
            **shared,
        )
    if client_id and secret and (can_all or "clientCredentials" in urls):
        return ClientCredentials(client_id, secret, **shared)
    return None


_VARIABLES = (
    *("CLIENT_ID", "CLIENT_SECRET", "REFRESH_TOKEN", "USERNAME", "PASSWORD"),
    *("SCOPE", "TOKEN_URL"),
)


def _build_basic(grant: TokenGrant) -> str:
    """Return the value after `Basic`: ID and secret, each form-encoded."""
    pair = f"{quote_plus(grant.client_id or '')}:{quote_plus(grant.client_secret or '')}"
    return base64.b64encode(pair.encode()).decode()


def _parse_object(content: bytes) -> dict[str, Any]:
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}


def _read_error(fields: Mapping[str, Any]) -> str:
    """Return the error of a response: the RFC 6749 code and its description."""
    values = [fields.get("error"), fields.get("error_description")]
    strings = [value for value in values if isinstance(value, str)]
    return ": ".join(strings) or "the response has no access_token"


def _read_seconds(value: Any) -> float | None:
    """Return a lifetime in seconds; some servers send it as a string."""
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return float(value) if 0 < value < 10**10 else None
