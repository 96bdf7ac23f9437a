"""Credentials: where they come from, how they are sent, and how they are kept out of sight."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping

import httpx

from driftline.runtime.errors import ConfigurationError
from driftline.runtime.operation import Api, Credential, Operation

__all__ = ["Credentials"]


class Credentials:
    """The credentials of one client. Their values appear in no repr and no error."""

    __slots__ = ("_api", "_values")

    def __init__(self, api: Api, given: Mapping[str, str | None]) -> None:
        self._api = api
        self._values: dict[str, str] = {}
        for credential in api.credentials:
            value = given.get(credential.name)
            if value is None and credential.env:
                value = os.environ.get(credential.env)
            if value:
                self._values[credential.name] = value

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._values)) or 'none'})"

    def apply(self, operation: Operation, request: httpx.Request) -> None:
        """Puts the first complete alternative of the operation's credentials on the request.

        Raises:
            ConfigurationError: no alternative is complete, or a value cannot be sent.
        """
        if not operation.security:
            return
        chosen = next((a for a in operation.security if all(n in self._values for n in a)), None)
        if chosen is None:
            raise ConfigurationError(self._missing(operation))
        for credential in self._api.credentials:
            if credential.name in chosen:
                _put(credential, self._values[credential.name], request)

    def redact(self, text: str) -> str:
        """`text` with every credential replaced by `***`."""
        for value in sorted(self._values.values(), key=len, reverse=True):
            text = text.replace(value, "***")
        return text

    def _missing(self, operation: Operation) -> str:
        by_name = {credential.name: credential for credential in self._api.credentials}
        wanted = [by_name[name] for name in operation.security[0] if name not in self._values]
        return f"{operation.id} needs a credential: {' and '.join(_how(c) for c in wanted)}"


def _how(credential: Credential) -> str:
    argument = f"pass {credential.argument}=…"
    return f"{argument} or set {credential.env}" if credential.env else argument


def _put(credential: Credential, value: str, request: httpx.Request) -> None:
    try:
        value.encode("ascii")
    except UnicodeEncodeError:
        what = f"the credential {credential.argument} has a character that no header can carry"
        raise ConfigurationError(what) from None
    if not value.isprintable():
        raise ConfigurationError(f"the credential {credential.argument} has a control character")
    if credential.kind == "bearer":
        request.headers["Authorization"] = f"Bearer {value}"
    elif credential.kind == "basic":
        encoded = base64.b64encode(value.encode()).decode()
        request.headers["Authorization"] = f"Basic {encoded}"
    elif credential.kind == "header":
        request.headers[credential.wire_name] = value
    elif credential.kind == "query":
        request.url = request.url.copy_merge_params({credential.wire_name: value})
    else:
        cookies: Iterable[str] = filter(None, [request.headers.get("Cookie")])
        request.headers["Cookie"] = "; ".join([*cookies, f"{credential.wire_name}={value}"])
