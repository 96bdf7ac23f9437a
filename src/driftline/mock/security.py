"""Which credentials the mock accepts, and whether a request has them."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from driftline.mock.messages import Request
from driftline.mock.refusal import Refusal
from driftline.spec import Operation, Spec
from driftline.spec.model import SecurityScheme

__all__ = ["credentials_of", "require_credentials"]


def credentials_of(spec: Spec) -> dict[str, str]:
    """The one value of each security scheme that the mock of `spec` accepts."""
    return {
        name: f"{scheme.prefix}mock-{spec.name}-{scheme.argument.replace('_', '-')}"
        + (":password" if scheme.kind == "basic" else "")
        for name, scheme in spec.security_schemes.items()
    }


def require_credentials(
    spec: Spec, operation: Operation, request: Request, accepted: Mapping[str, str]
) -> None:
    """Does nothing if one of the operation's alternatives is complete and right.

    Raises:
        Refusal: 401, saying which credential is missing or wrong, and repeating none.
    """
    if not operation.security:
        return
    faults: list[str] = []
    for alternative in operation.security:
        fault = _fault(spec, alternative, request, accepted)
        if fault is None:
            return
        faults.append(fault)
    kinds = {spec.security_schemes[n].kind for names in operation.security for n in names}
    challenge = "Basic" if kinds == {"basic"} else "Bearer" if "bearer" in kinds else "ApiKey"
    realm = (("WWW-Authenticate", f'{challenge} realm="{spec.name}"'),)
    raise Refusal(401, ", or ".join(dict.fromkeys(faults)), realm)


def _fault(
    spec: Spec, alternative: tuple[str, ...], request: Request, accepted: Mapping[str, str]
) -> str | None:
    for name in alternative:
        scheme = spec.security_schemes[name]
        given = _given(scheme, request)
        place = f"{scheme.wire_name} ({scheme.argument})"
        if given is None:
            return f"the credential {place} is missing"
        if not hmac.compare_digest(given.encode("utf-8", "replace"), accepted[name].encode()):
            return f"the credential {place} is wrong"
    return None


def _given(scheme: SecurityScheme, request: Request) -> str | None:
    if scheme.kind == "header":
        return request.header(scheme.wire_name)
    if scheme.kind == "query":
        values = parse_qs(request.query, keep_blank_values=True).get(scheme.wire_name)
        return values[0] if values else None
    if scheme.kind == "cookie":
        try:
            cookies: SimpleCookie = SimpleCookie(request.header("Cookie") or "")
        except CookieError:
            return None
        return cookies[scheme.wire_name].value if scheme.wire_name in cookies else None
    kind, _, value = (request.header("Authorization") or "").partition(" ")
    if kind.lower() != scheme.kind or not value:
        return None
    return _decoded(value) if scheme.kind == "basic" else value


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
