"""The token endpoints of a mock: OAuth 2 tokens that expire by its clock.

A token contains its expiry and scopes and is signed, so that every process with the same spec
accepts it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import attrs

from driftline.mock.http.messages import HttpRequest, HttpResponse, build_json_response
from driftline.openapi import SecurityScheme, Spec, is_object, list_scopes

LIFETIME: Final = 3600
"""The validity of a token, in seconds."""
_SEPARATOR = "~"
_STILL = 10**9
"""The validity of a refresh token, in seconds."""


@attrs.frozen
class MockClient:
    """The client credentials that a token endpoint accepts."""

    client_id: str
    client_secret: str
    username: str
    password: str
    code: str


@attrs.frozen
class TokenState:
    """The validity of a token: `expires` is in seconds since 1970."""

    expires: float
    scopes: frozenset[str]


class TokenIssuer:
    """The tokens of one API. `credentials` has the value of each scheme that is always accepted."""

    def __init__(
        self, spec: Spec, credentials: Mapping[str, str], now: Callable[[], float]
    ) -> None:
        self._now, self._numbers = now, itertools.count(1)
        self._values = credentials
        # A prefix that differs from the value that is always accepted.
        self._labels = {
            scheme.name: f"{scheme.prefix}token-{scheme.argument}"
            for scheme in spec.security_schemes.values()
        }
        self._schemes: dict[str, list[SecurityScheme]] = {}
        self._discoveries: dict[str, SecurityScheme] = {}
        for scheme in spec.security_schemes.values():
            for flow, url in scheme.token_urls.items():
                path = _find_path(url)
                if flow == "discovery":
                    self._discoveries[path] = scheme
                    path = f"{path.rpartition('/')[0]}/token"
                for at in dict.fromkeys((path, _strip_base(spec, path))):
                    self._schemes.setdefault(at, []).append(scheme)
        self.clients = {
            scheme.name: _build_client(scheme, credentials[scheme.name])
            for schemes in self._schemes.values()
            for scheme in schemes
        }

    def find_path(self, name: str) -> str:
        """Return the path of a scheme's token endpoint within the API."""
        return next(
            path for path, schemes in self._schemes.items() if name in {s.name for s in schemes}
        )

    def respond(self, request: HttpRequest, path: str) -> HttpResponse | None:
        """Return the response of a token endpoint; None for any other request.

        `path` has no base path.
        """
        if not self._schemes:
            return None
        for at in (path, request.root + request.path, request.path):
            if request.method == "POST" and at in self._schemes:
                return self._issue_token(self._schemes[at], request)
            if request.method == "GET" and at in self._discoveries:
                return _describe_provider(request)
        return None

    def read(self, name: str, value: str, kind: str = "access") -> TokenState | None:
        """Return the validity of a scheme's token; None if this mock did not issue it."""
        secret = self._values[name]
        body, _, signature = value.rpartition(_SEPARATOR)
        parts = body.split(_SEPARATOR)
        if len(parts) != 5 or parts[:2] != [self._labels[name], kind]:
            return None
        if not hmac.compare_digest(
            signature.encode("utf-8", "replace"), _sign(secret, body).encode()
        ):
            return None
        return TokenState(float(parts[2]), _read_scopes(parts[3]))

    def make_token(self, name: str, scopes: Iterable[str], seconds: float, kind: str) -> str:
        """Return a new token of a scheme that is valid for this many seconds."""
        secret = self._values[name]
        ends = int(self._now() + seconds)
        parts = (
            self._labels[name],
            kind,
            str(ends),
            _write_scopes(scopes),
            str(next(self._numbers)),
        )
        body = _SEPARATOR.join(parts)
        return f"{body}{_SEPARATOR}{_sign(secret, body)}"

    def make_expired(self, name: str) -> str:
        """Return an expired token of a scheme with all scopes."""
        scheme = next(s for schemes in self._schemes.values() for s in schemes if s.name == name)
        return self.make_token(name, list_scopes(scheme), -1, "access")

    def _issue_token(self, schemes: list[SecurityScheme], request: HttpRequest) -> HttpResponse:
        try:
            pairs = parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=50)
        except ValueError:
            return _reject("invalid_request", "the body is not a form")
        form = dict(pairs)
        if "grant_type" not in form:
            return _reject("invalid_request", "grant_type is missing")
        replies = [self._judge(scheme, form, request) for scheme in schemes]
        return next((reply for reply in replies if reply.status == 200), replies[0])

    def _judge(
        self, scheme: SecurityScheme, form: Mapping[str, str], request: HttpRequest
    ) -> HttpResponse:
        client, grant = self.clients[scheme.name], form["grant_type"]
        credentials = _read_client(form, request)
        is_client = credentials == (client.client_id, client.client_secret)
        if credentials is not None and credentials[1] and not is_client:
            return _reject("invalid_client", "wrong client ID or secret", 401)
        available_scopes = frozenset(list_scopes(scheme))
        scopes = frozenset(form.get("scope", "").split()) or available_scopes
        if available_scopes and not scopes <= available_scopes:
            return _reject("invalid_scope", "the document has no such scope")
        is_valid_by_grant = {
            "client_credentials": is_client,
            "password": (form.get("username"), form.get("password"))
            == (client.username, client.password),
            "authorization_code": form.get("code") == client.code,
            "refresh_token": True,
        }
        if grant not in is_valid_by_grant:
            return _reject("unsupported_grant_type", grant[:40])
        state = self.read(scheme.name, form.get("refresh_token", ""), "refresh")
        if not is_valid_by_grant[grant] or (grant == "refresh_token" and state is None):
            return _reject("invalid_grant", f"invalid or expired values for {grant}")
        if grant == "refresh_token" and state is not None:
            scopes = scopes & state.scopes if "scope" in form else state.scopes
        fields: dict[str, Any] = {
            "access_token": self.make_token(scheme.name, scopes, LIFETIME, "access"),
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": " ".join(sorted(scopes)),
        }
        if grant != "client_credentials":
            fields["refresh_token"] = self.make_token(scheme.name, scopes, _STILL, "refresh")
        return build_json_response(200, fields, headers=(("Cache-Control", "no-store"),))


def build_token_response(response: HttpResponse, token: HttpResponse) -> HttpResponse:
    """Return the documented response of a token endpoint with a valid token.

    A correct grant gets the token alone where the operation documents only other requests: without
    a token, no other operation could be called.
    """
    if token.status != 200:
        return response
    if response.status != 200:
        return token
    try:
        body, fields = response.parse_json(), token.parse_json()
    except ValueError:
        return response
    if not is_object(body):  # frameworks describe the endpoint and not what it returns
        return token
    names = body.keys() & fields.keys() - {"token_type"} | {"access_token"}
    token_fields = {name: fields[name] for name in names}
    return build_json_response(
        200,
        {**body, **token_fields},
        headers=tuple(e for e in response.headers if e[0] not in _SIZES),
    )


_SIZES = frozenset({"Content-Type", "Content-Length"})


def _build_client(scheme: SecurityScheme, value: str) -> MockClient:
    """Return the client credentials of a scheme, derived from its accepted value."""
    return MockClient(
        client_id=f"{value}-client",
        client_secret=f"{value}-secret",
        username=f"{scheme.argument}-user",
        password=f"{value}-password",
        code=f"{value}-code",
    )


def _find_path(url: str) -> str:
    """Return the path of a token URL, which may be relative to the API."""
    try:
        path = urlsplit(url).path
    except ValueError:
        path = ""
    return path if path.startswith("/") else f"/{path.removeprefix('./')}"


def _strip_base(spec: Spec, path: str) -> str:
    """Return the path within the URL of one of the document's servers, or None."""
    for server in spec.servers:
        prefix = _find_path(server.url).rstrip("/")
        if prefix and path.startswith(f"{prefix}/"):
            return path.removeprefix(prefix)
    return path


def _read_client(form: Mapping[str, str], request: HttpRequest) -> tuple[str, str] | None:
    """Return the client ID and secret of a request, from its header or its body."""
    kind, _, packed = (request.get_header("Authorization") or "").partition(" ")
    if kind.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return ("", " ")
        return unquote_plus(name), unquote_plus(secret)
    if "client_id" in form:
        return form["client_id"], form.get("client_secret", "")
    return None


def _reject(code: str, description: str, status: int = 400) -> HttpResponse:
    fields = {"error": code, "error_description": description}
    response = build_json_response(status, fields, headers=(("Cache-Control", "no-store"),))
    if status == 401:
        return response.replace_headers(("WWW-Authenticate", 'Basic realm="token"'))
    return response


def _describe_provider(request: HttpRequest) -> HttpResponse:
    """Return the discovery document of OpenID Connect, with its token endpoint."""
    origin = f"{request.scheme}://{request.get_header('Host') or 'localhost'}"
    folder = (request.root + request.path).rpartition("/")[0]
    fields = {"issuer": origin, "token_endpoint": f"{origin}{folder}/token"}
    return build_json_response(200, fields)


def _sign(secret: str, body: str) -> str:
    return hashlib.sha256(f"{secret}:{body}".encode()).hexdigest()[:16]


def _write_scopes(scopes: Iterable[str]) -> str:
    return base64.urlsafe_b64encode(" ".join(sorted(scopes)).encode()).decode().rstrip("=")


def _read_scopes(string: str) -> frozenset[str]:
    padded = string + "=" * (-len(string) % 4)
    return frozenset(base64.urlsafe_b64decode(padded).decode().split())
