"""Obtains tokens from the token endpoint that the spec names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from urllib.parse import urlsplit

import attrs
import httpx

from driftline.errors import TargetError
from driftline.openapi import Operation, SecurityScheme, Spec
from driftline.redaction import MASK, Redactor
from driftline.runtime import ApiError, TokenGrant, TokenReply, TokenSource, locate_token_url
from driftline.suite.http.deadline import FAILURES

MAX_TOKEN = 1_000_000
"""The largest response of a token endpoint, in bytes."""


class TokenProvider:
    """The tokens of one run: one for each scheme with a grant, renewed before they expire."""

    def __init__(
        self,
        spec: Spec,
        base_url: str,
        grants: Mapping[str, TokenGrant],
        open_transport: Callable[[], httpx.BaseTransport],
    ) -> None:
        self._spec, self._base_url, self._open_transport = spec, base_url, open_transport
        self._grants = dict(grants)
        self._sources = {name: self._build_source(name, grant) for name, grant in grants.items()}
        self._narrow_sources: list[TokenSource] = []

    def __contains__(self, name: str) -> bool:
        return name in self._grants

    def __iter__(self) -> Iterator[str]:
        return iter(self._grants)

    def obtain(self, name: str) -> str:
        """Return the token of a scheme.

        Raises:
            TargetError: the token endpoint gives none.
        """
        return self._obtain(self._sources[name])

    def obtain_narrow(self, name: str, scope: str) -> str:
        """Return a token for one scope only; raises what `obtain` does."""
        grant = attrs.evolve(self._grants[name], scope=scope)
        source = self._build_source(name, grant)
        self._narrow_sources.append(source)
        return self._obtain(source)

    def find_form(self, operation: Operation) -> Mapping[str, str]:
        """Return the fields that obtain a token, if the operation is a token endpoint."""
        path = operation.path.rstrip("/")
        for name, grant in self._grants.items():
            urls = self._spec.security_schemes[name].token_urls
            url = grant.token_url or urls.get(grant.flow, "")
            if operation.method == "POST" and f"/{urlsplit(url).path}".rstrip("/").endswith(path):
                return grant.build_form() or {}
        return {}

    @property
    def secrets(self) -> Iterator[tuple[str, str]]:
        """The secrets, each with its scheme."""
        for name, source in self._sources.items():
            yield from ((name, secret) for secret in source.secrets)
        for source in self._narrow_sources:
            yield from ((source.name, secret) for secret in source.secrets)

    def _build_source(self, name: str, grant: TokenGrant) -> TokenSource:
        scheme: SecurityScheme = self._spec.security_schemes[name]
        documented_url = self._spec.servers[0].url if self._spec.servers else self._base_url
        locate = partial(locate_token_url, documented_url, self._base_url)
        return TokenSource(name, grant, scheme.token_urls, locate=locate)

    def _obtain(self, source: TokenSource) -> str:
        try:
            return source.obtain(self._send)
        except (ApiError, httpx.HTTPError, httpx.InvalidURL, *FAILURES) as error:
            message = Redactor({secret: MASK for _, secret in self.secrets})(str(error))
            hint = "Check the credentials for tokens, and the URL that the spec names."
            raise TargetError(self._base_url, message, hint) from None

    def _send(self, request: httpx.Request) -> TokenReply:
        """Send on a separate connection: token requests are rare, and need no cleanup."""
        content = bytearray()
        with (
            httpx.Client(transport=self._open_transport(), trust_env=False) as client,
            closing(client.send(request, stream=True)) as response,
        ):
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_TOKEN:
                    break
        return TokenReply(response.status_code, bytes(content[:MAX_TOKEN]))
