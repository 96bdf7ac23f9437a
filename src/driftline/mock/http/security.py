"""The credentials that the mock accepts, and the check of a request's credentials."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from urllib.parse import parse_qs

import attrs

from driftline.cookies import parse_cookies
from driftline.mock.http.messages import HttpRequest, Rejection
from driftline.mock.http.tokens import TokenIssuer
from driftline.openapi import Operation, SecurityScheme, Spec

_CERTIFICATE = "mutualTLS"
"""Schemes of the connection (mutual TLS), which no request shows."""


_SCOPE = "without the scope"
_Scopes = Mapping[str, Sequence[str]]


@attrs.frozen
class _Fault:
    """A credential that a request lacks or has wrong, and the reason."""

    message: str
    state: str


def make_credentials(spec: Spec) -> dict[str, str]:
    """Return the one accepted value of each security scheme of `spec`."""
    return {
        name: f"{scheme.prefix}mock-{spec.name}-{scheme.argument.replace('_', '-')}"
        + (":password" if scheme.kind == "basic" else "")
        for name, scheme in spec.security_schemes.items()
        if scheme.kind != _CERTIFICATE
    }


def require_credentials(
    spec: Spec,
    operation: Operation,
    request: HttpRequest,
    accepted: Mapping[str, str],
    *,
    tokens: TokenIssuer,
    now: Callable[[], float],
) -> None:
    """Check that one of the operation's alternatives is complete and valid.

    Raises:
        Rejection: 401 that names the missing, wrong or expired credential but not its value, or 403
            for a token without a required scope.
    """
    if not operation.security:
        return
    faults: list[_Fault] = []
    for index, alternative in enumerate(operation.security):
        schemes = [spec.security_schemes[n] for n in alternative if n in accepted]
        required_scopes: _Scopes = operation.scopes[index] if index < len(operation.scopes) else {}

        def judge(scheme: SecurityScheme, value: str, scopes: _Scopes = required_scopes) -> str:
            if _is_equal(value, accepted[scheme.name]):
                return ""
            state = tokens.read(scheme.name, value) if scheme.token_urls else None
            if state is None:
                return "wrong"
            lacking = set(scopes.get(scheme.name, ())) - state.scopes
            if state.expires <= now():
                return "expired"
            return f"{_SCOPE} {' '.join(sorted(lacking))}" if lacking else ""

        fault = next(_find_faults(schemes, request, judge), None)
        if fault is None:
            return
        faults.append(fault)
    schemes = [spec.security_schemes[n] for names in operation.security for n in names]
    message = ", or ".join(
        dict.fromkeys(f"{problem.message} is {problem.state}" for problem in faults)
    )
    status = 403 if any(problem.state.startswith(_SCOPE) for problem in faults) else 401
    raise Rejection(status, message, _build_challenge(spec, schemes) if status == 401 else ())


def _build_challenge(spec: Spec, schemes: Sequence[SecurityScheme]) -> tuple[tuple[str, str], ...]:
    kinds = {scheme.kind for scheme in schemes}
    scheme = "Basic" if kinds == {"basic"} else "Bearer" if "bearer" in kinds else "ApiKey"
    return (("WWW-Authenticate", f'{scheme} realm="{spec.name}"'),)


def _find_faults(
    schemes: Sequence[SecurityScheme],
    request: HttpRequest,
    judge: Callable[[SecurityScheme, str], str],
) -> Iterator[_Fault]:
    """Yield what is missing or wrong, by location; `judge` checks a value.

    If schemes share a location, such as two tokens in `Authorization`, the value of either is
    sufficient, since a request can only have one.
    """
    schemes_by_location: dict[tuple[str, str], list[SecurityScheme]] = {}
    for scheme in schemes:
        schemes_by_location.setdefault(_locate(scheme), []).append(scheme)
    for sharing in schemes_by_location.values():
        values = [(scheme, value) for scheme in sharing for value in _list_values(scheme, request)]
        states = [judge(scheme, value) for scheme, value in values] or ["missing"]
        if "" in states:
            continue
        names = " or ".join(scheme.argument for scheme in sharing)
        state = next((candidate for candidate in states if candidate != "wrong"), "wrong")
        yield _Fault(f"the credential {sharing[0].wire_name} ({names})", state)


def _locate(scheme: SecurityScheme) -> tuple[str, str]:
    """Return the location of a credential in a request."""
    if scheme.kind in {"query", "cookie"}:
        return scheme.kind, scheme.wire_name
    return "header", scheme.wire_name.lower()


def _is_equal(value: str, accepted: str) -> bool:
    return hmac.compare_digest(value.encode("utf-8", "replace"), accepted.encode())


def _list_values(scheme: SecurityScheme, request: HttpRequest) -> list[str]:
    """Return a request's credentials for a scheme.

    A parameter may have the same name.
    """
    if scheme.kind == "query":
        return parse_qs(request.query, keep_blank_values=True).get(scheme.wire_name, [])
    if scheme.kind == "cookie":
        cookies = dict(parse_cookies(request.get_header("Cookie")))
        return [cookies[scheme.wire_name]] if scheme.wire_name in cookies else []
    if scheme.kind not in {"bearer", "basic"}:
        value = request.get_header(scheme.wire_name)
        return [] if value is None else [value]
    kind, _, value = (request.get_header("Authorization") or "").partition(" ")
    if kind.lower() != scheme.kind or not value:
        return []
    return [_decode(value) if scheme.kind == "basic" else value]


def _decode(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
