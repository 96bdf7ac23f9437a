"""The server under test: the mock in this process, or a live one at a URL."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Self

import attrs
import httpx

from driftline.errors import UsageError
from driftline.mock import HttpRequest, HttpResponse, Mock, MockTransport
from driftline.openapi import Operation, SecurityScheme, Spec
from driftline.project import ProjectConfiguration
from driftline.redaction import MASK, Redactor, split_credential
from driftline.runtime import (
    ClientCredentials,
    PasswordGrant,
    TokenGrant,
    name_variables,
    read_grant,
)
from driftline.suite.http.deadline import DeadlineTransport
from driftline.suite.http.token_provider import TokenProvider

Handle = Callable[[HttpRequest], HttpResponse]
_TOKEN_TIMEOUT = 30.0
ROWS = 110
"""Rows of each listing of the mock: more than the largest requested page."""


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def parse_url_pairs(
    values: Iterable[str], configuration: ProjectConfiguration | None = None
) -> Iterator[tuple[str, str]]:
    """Parse the values of `--url API[=URL]` to API and URL.

    Raises:
        UsageError: a value is not such a pair, or no URL is configured for it.
    """
    for value in values:
        api, sign, url = value.partition("=")
        if not api or "/" in api or (sign and not url):
            # Not quoted: a password may be in it.
            raise UsageError(
                "invalid --url: expected API=URL",
                "Pass an API and its URL, for example shop=https://api.example.com.",
            )
        configured = configuration.get_api(api).url if configuration else None
        if not sign and configured is None:
            message = f"no URL for {api!r}"
            raise UsageError(message, f"Pass --url {api}=URL, or set url in [api.{api}].")
        yield api, url or str(configured)


def rename_variables(spec: Spec, variables: Mapping[str, str]) -> Spec:
    """Return the spec with the configured environment variables for its credentials."""
    if not variables:
        return spec
    schemes = {
        name: attrs.evolve(scheme, env=variables.get(name, scheme.env))
        for name, scheme in spec.security_schemes.items()
    }
    return attrs.evolve(spec, security_schemes=schemes)


def _read_variable(header: str, environ: Mapping[str, str], match: re.Match[str]) -> str:
    value = environ.get(match[1])
    if not value:
        message = f"environment variable {match[1]} is not set"
        raise UsageError(message, f"Set it, or change the header {header} in driftline.toml.")
    return value


def _do_nothing() -> None:
    """Stand in for the reset of a server that has none."""


def _find_nothing(_: Operation) -> None:
    """Return None: how a live server routes a request is unknown."""


@attrs.frozen(eq=False, kw_only=True)
class Target:
    """One API's server, and the permissions of the run.

    `credentials` maps security schemes to values; it is kept out of `repr`. `token_provider`
    obtains tokens; `expired_tokens` has one of each scheme that must be rejected. `reset` restores
    the rows of a mock.
    `find_hiding` returns the operation to which the mock routes all requests of another one.
    `headers` are sent with every request; values that came from variables are in `secrets`, with
    the variable's name.
    """

    spec: Spec
    base_url: str
    credentials: Mapping[str, str] = attrs.field(repr=False)
    handle: Handle | None = attrs.field(default=None, repr=False)
    reset: Callable[[], None] = attrs.field(default=_do_nothing, repr=False)
    allow_writes: frozenset[str] = frozenset()
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    secrets: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    token_provider: TokenProvider | None = attrs.field(default=None, repr=False)
    expired_tokens: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    find_hiding: Callable[[Operation], Operation | None] = attrs.field(
        default=_find_nothing, repr=False
    )

    @classmethod
    def mock(cls, spec: Spec, *, seed: int = 0, handle: Handle | None = None) -> Self:
        """Return the mock of `spec`.

        `handle` replaces the mock, and accepts its credentials.
        """
        # With a `handle`, only the credentials of the mock are used.
        mock = Mock(spec, seed=seed, rows=0 if handle else ROWS)
        serve = handle or mock.handle
        reset = _reset_of(handle) if handle else mock.reset
        url = f"http://{spec.name}.mock"
        grants = {name: _choose_grant(mock, name) for name in mock.tokens.clients}
        open_transport = partial(MockTransport, serve)
        return cls(
            spec=spec,
            base_url=url,
            credentials=mock.credentials,
            handle=serve,
            reset=reset,
            token_provider=TokenProvider(spec, url, grants, open_transport) if grants else None,
            expired_tokens={name: mock.tokens.make_expired(name) for name in grants},
            find_hiding=mock.find_hiding,
        )

    @classmethod
    def connect(
        cls,
        spec: Spec,
        url: str,
        *,
        allow_writes: frozenset[str] = frozenset(),
        headers: Mapping[str, str] | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> Self:
        """Return the server at `url`, with credentials from the variables that the spec names.

        In `headers`, `${VARIABLE}` is replaced by the environment variable.

        Raises:
            UsageError: the URL is invalid, a variable is not set, or a write is not an operation.
        """
        _check_url(spec, url)
        operation_ids = {operation.id for operation in spec.operations}
        for name in sorted(allow_writes - operation_ids):
            raise UsageError(
                f"unknown operation {name!r} of {spec.name}",
                f"Choose one of: {', '.join(sorted(operation_ids))}.",
            )
        base_url = url.rstrip("/")
        credentials, grants, expired_tokens = _read_environment(spec, environ)
        open_transport = partial(DeadlineTransport, _TOKEN_TIMEOUT)
        provider = TokenProvider(spec, base_url, grants, open_transport)
        return cls(
            spec=spec,
            base_url=base_url,
            credentials=credentials,
            allow_writes=allow_writes,
            headers=tuple(
                (name, _VARIABLE.sub(partial(_read_variable, name, environ), value))
                for name, value in (headers or {}).items()
            ),
            secrets={
                environ.get(variable, ""): f"${variable}"
                for value in (headers or {}).values()
                for variable in _VARIABLE.findall(value)
            },
            token_provider=provider if grants else None,
            expired_tokens=expired_tokens,
        )

    @property
    def is_mock(self) -> bool:
        return self.handle is not None

    def choose_credentials(self, operation: Operation) -> dict[str, str]:
        """Return what the first alternative that can be met requests."""
        for alternative in operation.security:
            if all(name in self.credentials or self.has_grant(name) for name in alternative):
                return {name: self.find_credential(name) for name in alternative}
        return {}

    def has_grant(self, name: str) -> bool:
        """Return whether the run can obtain tokens for a scheme."""
        return self.token_provider is not None and name in self.token_provider

    def find_credential(self, name: str) -> str:
        """Return the credential of a scheme: the configured one, or a current token.

        Raises:
            TargetError: the token endpoint did not issue one.
        """
        credential = self.credentials.get(name)
        return (
            self.token_provider.obtain(name)
            if credential is None and self.token_provider is not None
            else credential or ""
        )

    def list_credentials(self) -> dict[str, str]:
        """Return all credentials, by scheme."""
        names = dict.fromkeys((*self.credentials, *(self.token_provider or ())))
        return {name: self.find_credential(name) for name in names}

    def find_variable(self, scheme: SecurityScheme) -> str:
        """Return the environment variable that stands for the credential in shown commands."""
        return scheme.env or f"{self.spec.name}_{scheme.argument}".upper()

    @property
    def redactor(self) -> Redactor:
        """Replaces every credential by a reference to its variable."""
        tokens = self.token_provider.secrets if self.token_provider else ()
        return self._build_redactor(
            (*tokens, *self.expired_tokens.items(), *self.credentials.items())
        )

    @lru_cache(maxsize=64)  # noqa: B019 - a run has one target for each API
    def _build_redactor(self, credentials: tuple[tuple[str, str], ...]) -> Redactor:
        secrets, schemes = dict(self.secrets), self.spec.security_schemes
        for name, value in credentials:
            scheme = schemes.get(name)
            if scheme is None:
                continue
            secrets[value] = "$" + self.find_variable(scheme)
            # A wrong user is sent with the valid password, and the reverse.
            if not self.is_mock:
                secrets = {**dict.fromkeys(split_credential(value), MASK), **secrets}
        return Redactor(secrets, [scheme.wire_name for scheme in schemes.values()])

    def scrub(self, string: str) -> str:
        """Return `string` with every credential replaced by a reference to its variable."""
        return self.redactor(string)


def _choose_grant(mock: Mock, scheme: str) -> TokenGrant:
    """Return a grant that the mock accepts, of a documented flow if possible."""
    client, urls = mock.tokens.clients[scheme], mock.spec.security_schemes[scheme].token_urls
    if "password" in urls and "clientCredentials" not in urls:
        return PasswordGrant(client.username, client.password)
    return ClientCredentials(client.client_id, client.client_secret)


def _reset_of(handle: Handle) -> Callable[[], None]:
    """Return the `reset` of a handler that replaces a mock, or of the object of its method."""
    for owner in (handle, getattr(handle, "__self__", None)):
        reset: Callable[[], None] | None = getattr(owner, "reset", None)
        if reset is not None:
            return reset
    return _do_nothing


def _check_url(spec: Spec, url: str) -> None:
    hint = f"Pass --url {spec.name}=https://host."
    try:
        parsed_url = httpx.URL(url)
    except httpx.InvalidURL:
        raise UsageError(f"invalid --url of {spec.name}", hint) from None
    if parsed_url.scheme not in {"http", "https"} or not parsed_url.host:
        raise UsageError(f"invalid --url of {spec.name}: expected an http(s) URL", hint)
    if parsed_url.userinfo:
        message = "the URL contains a user or password"
        raise UsageError(message, "Set the environment variables of the spec instead.")


def _read_environment(
    spec: Spec, environ: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, TokenGrant], dict[str, str]]:
    """Return credentials, grants that replace some of them, and expired tokens."""
    credentials: dict[str, str] = {}
    grants: dict[str, TokenGrant] = {}
    expired_tokens: dict[str, str] = {}
    for name in list_needed(spec):
        scheme = spec.security_schemes[name]
        if scheme.env is None:
            message = f"{spec.name}: no environment variable for the credential {name!r}"
            raise UsageError(
                message, f"Add x-env to the security scheme ({spec.locate(scheme.pointer)})."
            )
        prefix = name_variables(scheme.env)
        grant = read_grant(prefix, scheme.token_urls, environ) if scheme.token_urls else None
        if grant is not None:
            grants[name] = grant
        if scheme.token_urls and environ.get(f"{prefix}_EXPIRED_TOKEN"):
            expired_tokens[name] = environ[f"{prefix}_EXPIRED_TOKEN"]
        if not environ.get(scheme.env):
            if grant is not None:
                continue
            message = f"{spec.name}: environment variable {scheme.env} is not set"
            raise UsageError(message, f"Set it to the credential {name!r} of the live server.")
        credentials[name] = environ[scheme.env]
    return credentials, grants, expired_tokens


def list_needed(spec: Spec) -> list[str]:
    """Return the schemes of the first alternative of each operation, each once."""
    names = [
        name
        for operation in spec.operations
        for alternative in operation.security[:1]
        for name in alternative
    ]
    return list(dict.fromkeys(names))
