"""Credentials: their sources, how they are sent, and how they are redacted."""

from __future__ import annotations

import base64
import inspect
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

import httpx

from driftline.runtime.endpoint import Api, Credential, Endpoint
from driftline.runtime.errors import ConfigurationError
from driftline.runtime.options import AnySecret
from driftline.runtime.retries import SYSTEM, Clock

if TYPE_CHECKING:
    from driftline.redaction import Redactor
    from driftline.runtime.auth.oauth import TokenGrant, TokenReply, TokenSource


class Credentials:
    """The credentials of one client. Their values appear in no repr and in no error."""

    __slots__ = (
        "_api",
        "_by_name",
        "_names_by_requirement",
        "_ordered",
        "_redactor",
        "_sent_secrets",
        "_sources",
        "_token_sources",
    )

    def __init__(
        self,
        api: Api,
        sources: Mapping[str, AnySecret | TokenGrant | None],
        *,
        locate: Callable[[str], httpx.URL] = httpx.URL,
        clock: Clock = SYSTEM,
    ) -> None:
        self._api = api
        self._by_name = {credential.name: credential for credential in api.credentials}
        # Last, the functions that sign a request with everything in it.
        self._ordered = sorted(api.credentials, key=lambda item: item.kind == "http")
        # The credentials that meet each documented requirement, which depend on what the client was
        # given.
        self._names_by_requirement: dict[tuple[tuple[str, ...], ...], tuple[str, ...]] = {}
        self._sources: dict[str, AnySecret | TokenSource] = {}
        # Those of the sources that obtain tokens.
        self._token_sources: dict[str, TokenSource] = {}
        # Secrets that were sent, to recognize them in responses; the newest last.
        self._sent_secrets: deque[str] = deque(maxlen=32)
        self._redactor: tuple[set[str], Redactor] | None = None
        for credential in api.credentials:
            value = sources.get(credential.name)
            if value is None and credential.env:
                value = os.environ.get(credential.env) or _read_grant(credential)
            if isinstance(value, str) or callable(value):
                if value:
                    self._sources[credential.name] = value
            elif value:
                token_source = _build_token_source(*(credential, value, locate, self.redact, clock))
                self._sources[credential.name] = token_source
                self._token_sources[credential.name] = token_source

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._sources)) or 'none'})"

    def collect_secrets(
        self,
        operation: Endpoint,
        send: Callable[[httpx.Request], TokenReply],
        stale: Mapping[str, str] = MappingProxyType({}),
    ) -> Mapping[str, Any]:
        """Return the credentials of the first alternative that the client has in full, by name.

        `send` requests tokens. The server rejected the `stale` ones, so they are replaced.

        An alternative that needs no credential, or only a certificate, comes after those that the
        client has credentials for. Functions that sign requests are returned unchanged.

        Raises:
            ConfigurationError: no alternative is complete, or a credential function fails.
        """
        secrets: dict[str, Any] = {}
        for name in self._choose_alternative(operation):
            token_source = self._token_sources.get(name)
            secrets[name] = (
                self._ask_provider(name)
                if token_source is None
                else token_source.obtain(send, stale.get(name))
            )
        for name, value in secrets.items():
            if not isinstance(value, str) and inspect.isawaitable(value):
                if inspect.iscoroutine(value):
                    value.close()
                message = f"credential {name} comes from an async function: use the async client"
                raise ConfigurationError(message)
        return self._check_values(secrets)

    async def collect_secrets_async(
        self,
        operation: Endpoint,
        send: Callable[[httpx.Request], Awaitable[TokenReply]],
        stale: Mapping[str, str] = MappingProxyType({}),
    ) -> Mapping[str, Any]:
        """Return the same, awaiting credential functions where necessary."""
        secrets: dict[str, Any] = {}
        for name in self._choose_alternative(operation):
            token_source = self._token_sources.get(name)
            if token_source is not None:
                secrets[name] = await token_source.obtain_async(send, stale.get(name))
                continue
            value = self._ask_provider(name)
            secrets[name] = (
                await self._await_provider(name, value) if inspect.isawaitable(value) else value
            )
        return self._check_values(secrets)

    def find_renewable(self, secrets: Mapping[str, Any]) -> Mapping[str, str]:
        """Return those of `secrets` that the client can renew."""
        return {name: value for name, value in secrets.items() if name in self._token_sources}

    def apply(
        self,
        request: httpx.Request,
        secrets: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Put credentials on a request, except those that your own `headers` replace.

        Raises:
            ConfigurationError: a value cannot be sent.
        """
        own_names = {name.lower() for name in headers or ()}
        for credential in self._ordered:
            is_replaced = (
                credential.kind in _IN_HEADER and credential.wire_name.lower() in own_names
            )
            if is_replaced:
                self._note_own(credential.wire_name, headers or {})
            elif credential.name in secrets:
                secret = secrets[credential.name]
                _put(credential, self._sign(credential, secret, request), request)

    def strip_url(self, url: httpx.URL) -> httpx.URL:
        """Return a URL from a server without the credentials in its query."""
        names = {
            credential.wire_name
            for credential in self._api.credentials
            if credential.kind == "query"
        }
        if not names:
            return url
        pairs = url.query.decode("ascii").split("&")
        other_pairs = [pair for pair in pairs if unquote_plus(pair.partition("=")[0]) not in names]
        return url.copy_with(query="&".join(other_pairs).encode("ascii") or None)

    def _sign(self, credential: Credential, secret: Any, request: httpx.Request) -> str:
        """Return the value to send, made for this request by a credential function."""
        if isinstance(secret, str):
            return secret
        name = credential.name
        try:
            value = secret(request)
        except Exception as error:
            raise ConfigurationError(f"could not obtain credential {name}") from error
        if not isinstance(value, str) or not value:
            raise ConfigurationError(f"the function for credential {name} did not return a string")
        self._note(value)
        self._note(value.rpartition(" ")[2])
        return value

    def redact(self, string: str) -> str:
        """Return `string` with every credential replaced by `***`, in any encoding."""
        return self._get_redactor()(string)

    def redact_value(self, value: Any) -> Any:
        """Return a JSON value or bytes with every credential replaced, also in keys."""
        redactor = self._get_redactor()
        is_bytes = isinstance(value, bytes)
        return redactor.redact_bytes(value) if is_bytes else redactor.redact_json(value)

    def _note_own(self, name: str, headers: Mapping[str, str]) -> None:
        """Remember credentials that you put into a header yourself."""
        for header_name, value in headers.items():
            if header_name.lower() == name.lower():
                self._note(value.rpartition(" ")[2])

    def _note(self, secret: str) -> None:
        """Remember a secret so that it can be redacted in errors."""
        if secret and secret not in self._sent_secrets:
            self._sent_secrets.append(secret)

    def _get_redactor(self) -> Redactor:
        """Return the redactor of all credentials known so far."""
        # Imported only for errors and drift, which most calls do not have.
        from driftline.redaction import MASK, Redactor  # noqa: PLC0415

        known_secrets = self._list_known()
        if self._redactor is None or known_secrets != self._redactor[0]:
            names = [credential.wire_name for credential in self._api.credentials]
            secrets = {*known_secrets, *self._list_parts(known_secrets)}
            self._redactor = known_secrets, Redactor(dict.fromkeys(secrets, MASK), names)
        return self._redactor[1]

    def _list_parts(self, secrets: Iterable[str]) -> Iterator[str]:
        """Return a user's password, and the part of an Authorization header after its scheme."""
        kinds = {credential.kind for credential in self._api.credentials}
        for value in secrets:
            if "basic" in kinds:
                yield value.partition(":")[2]
            if "http" in kinds:
                yield value.partition(" ")[2]

    def _list_known(self) -> set[str]:
        secrets = set(self._sent_secrets)
        secrets.update(value for value in self._sources.values() if isinstance(value, str))
        for source in self._token_sources.values():
            secrets.update(source.secrets)
        return secrets

    def _choose_alternative(self, operation: Endpoint) -> Iterable[str]:
        if not operation.security:
            return ()
        names = self._names_by_requirement.get(operation.security)
        if names is None:
            names = self._names_by_requirement[operation.security] = self._choose(operation)
        return names

    def _choose(self, operation: Endpoint) -> tuple[str, ...]:
        """Return the schemes to use: for each location, the first that the client has.

        Two schemes of one alternative may both belong in the Authorization header. A request has
        only one, and any of those that you passed is valid.
        """
        complete: list[tuple[str, ...]] = []
        for alternative in operation.security:
            groups = self._group_by_place(alternative)
            available = [[n for n in names if n in self._sources] for names in groups]
            if all(available):
                complete.append(tuple(names[0] for names in available))
        if not complete:
            raise ConfigurationError(self._describe_missing(operation))
        return next(filter(None, complete), ())

    def _group_by_place(self, alternative: Iterable[str]) -> list[list[str]]:
        """Group the schemes of an alternative by location; certificates have none."""
        names_by_location: dict[tuple[str, str], list[str]] = {}
        for name in alternative:
            credential = self._by_name.get(name)
            if credential is None:
                names_by_location.setdefault(("", name), []).append(name)
            elif credential.kind != "mutualTLS":
                names_by_location.setdefault(_find_place(credential), []).append(name)
        return list(names_by_location.values())

    def _ask_provider(self, name: str) -> Any:
        value: Any = self._sources[name]
        if isinstance(value, str) or self._by_name[name].kind == "http":
            return value
        try:
            return value()
        except Exception as error:
            raise ConfigurationError(f"could not obtain credential {name}") from error

    async def _await_provider(self, name: str, value: Awaitable[Any]) -> Any:
        try:
            return await value
        except Exception as error:
            raise ConfigurationError(f"could not obtain credential {name}") from error

    def _check_values(self, secrets: Mapping[str, Any]) -> Mapping[str, Any]:
        for name, value in secrets.items():
            if callable(value) and self._by_name[name].kind == "http":
                continue  # requested for each request
            if not isinstance(value, str) or not value:
                raise ConfigurationError(
                    f"the function for credential {name} did not return a string"
                )
            self._note(value)
            if self._by_name[name].kind == "http":
                self._note(value.rpartition(" ")[2])
        return secrets

    def _describe_missing(self, operation: Endpoint) -> str:
        """Describe each alternative and what the client lacks for it."""
        alternatives = (
            " and ".join(
                " or ".join(
                    _describe_option(self._by_name[n]) if n in self._by_name else n for n in names
                )
                for names in self._group_by_place(alternative)
                if not any(name in self._sources for name in names)
            )
            for alternative in operation.security
        )
        return f"{operation.id} needs a credential: pass {'; or '.join(alternatives)}"


_IN_HEADER = frozenset({"bearer", "basic", "header", "http"})


def _read_grant(credential: Credential) -> TokenGrant | None:
    """Read the settings for tokens from variables named after that of the token."""
    if not credential.token_urls or credential.env is None:
        return None
    from driftline.runtime.auth.oauth import name_variables, read_grant  # noqa: PLC0415

    return read_grant(name_variables(credential.env), credential.token_urls, os.environ)


def _build_token_source(
    credential: Credential,
    grant: object,
    locate: Callable[[str], httpx.URL],
    redact: Callable[[str], str],
    clock: Clock,
) -> TokenSource:
    # Imported only for OAuth 2, which most APIs do not have.
    from driftline.runtime.auth.oauth import TokenGrant, TokenSource  # noqa: PLC0415

    name, urls = credential.name, credential.token_urls
    if not isinstance(grant, TokenGrant):
        raise ConfigurationError(
            f"credential {name} is a {type(grant).__name__}: pass a string, a function or a grant"
        )
    return TokenSource(name, grant, urls, locate=locate, redact=redact, clock=clock)


def _find_place(credential: Credential) -> tuple[str, str]:
    """Return the location of a credential; two credentials of one location exclude each other."""
    if credential.kind in {"bearer", "basic", "http"}:
        return "header", "authorization"
    if credential.kind == "header":
        return "header", credential.wire_name.lower()
    return credential.kind, credential.wire_name


def _describe_option(credential: Credential) -> str:
    argument = f"{credential.argument}=…"
    return f"{argument} (or set {credential.env})" if credential.env else argument


def _put(credential: Credential, value: str, request: httpx.Request) -> None:
    if not value.isascii():
        message = (
            f"credential {credential.argument} contains a character that is not allowed in a header"
        )
        raise ConfigurationError(message)
    if not value.isprintable():
        raise ConfigurationError(f"credential {credential.argument} contains a control character")
    if credential.kind == "bearer":
        request.headers["Authorization"] = f"Bearer {value}"
    elif credential.kind == "basic":
        encoded_value = base64.b64encode(value.encode()).decode()
        request.headers["Authorization"] = f"Basic {encoded_value}"
    elif credential.kind in {"header", "http"}:
        request.headers[credential.wire_name] = value
    elif credential.kind == "query":
        # httpx's merging would rewrite the rest of the query.
        pair = f"{quote(credential.wire_name, safe='')}={quote(value, safe='')}"
        query = b"&".join(filter(None, [request.url.query, pair.encode("ascii")]))
        request.url = request.url.copy_with(query=query)
    else:
        cookies: Iterable[str] = filter(None, [request.headers.get("Cookie")])
        request.headers["Cookie"] = "; ".join([*cookies, f"{credential.wire_name}={value}"])
