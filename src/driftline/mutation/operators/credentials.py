"""Mutants that do not check credentials correctly."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import attrs

from driftline.cookies import format_cookies, parse_cookies
from driftline.mock import HttpRequest, HttpResponse
from driftline.mutation.mutants import BrokenMock, Clause, Mutant, operator
from driftline.mutation.operators.rejections import build_rejection
from driftline.openapi import (
    Operation,
    SecurityScheme,
    Spec,
    list_scopes,
)

Given = Mapping[str, str | None]
Takes = Callable[[str | None, str], bool]
NOT_ENFORCED: Final = "security.not-enforced"

# The ways in which a credential may be wrong, and the values that are then accepted.
_TAKEN: Final[Mapping[str, Takes]] = {
    "missing": lambda credential, _: credential is None,
    "empty": lambda credential, _: credential == "",
    "wrong": lambda credential, right: (
        bool(credential) and credential != right and not _begins_with(credential, right)
    ),
    "longer": lambda credential, right: (
        bool(credential) and credential != right and _begins_with(credential, right)
    ),
}


def _begins_with(credential: str | None, expected: str) -> bool:
    """Return whether the credential begins with the valid one."""
    return (credential or "").startswith(expected)


@operator
def generate_credential_mutants(spec: Spec, operation: Operation) -> Iterator[Mutant]:
    """Yield every mutant of the operation's security."""
    make = partial(_build_mutant, spec, operation, spec.locate_security(operation))
    if not operation.security or () in operation.security:
        return
    for names in operation.security:
        joined_names = " and ".join(names)
        for name in names:
            for mode, takes in _TAKEN.items():
                yield make(
                    "accepted",
                    name,
                    partial(_accept_wrong_credentials, {name: takes}),
                    NOT_ENFORCED,
                    how=mode,
                )
        if len(names) > 1:
            for mode in ("missing", "wrong"):
                takes_all = dict.fromkeys(names, _TAKEN[mode])
                breaks = partial(_accept_wrong_credentials, takes_all)
                yield make("accepted", joined_names, breaks, NOT_ENFORCED, how=f"all-{mode}")
        yield make(
            "rejected", joined_names, partial(_reject_credentials, names), "security.valid-rejected"
        )
    yield from _generate_token_mutants(spec, operation, make)
    for status in (400, 500):
        kind = "security.rejection.status"
        yield make("otherwise", "", partial(_change_status, status), kind, how=str(status))


def _generate_token_mutants(
    spec: Spec, operation: Operation, make: Callable[..., Mutant]
) -> Iterator[Mutant]:
    """Yield servers that reject issued tokens, or ignore scopes or expiry."""
    for index, names in enumerate(operation.security):
        for name in names:
            scheme = spec.security_schemes[name]
            if not scheme.token_urls:
                continue
            rejecting = partial(_reject_issued_tokens, name)
            yield make("token-rejected", name, rejecting, "security.token.rejected")
            expired = partial(_accept_issued_tokens, name, 401)
            yield make("token-expired", name, expired, "security.token.expired")
            required_scopes = operation.scopes[index].get(name, ())
            if required_scopes and set(list_scopes(scheme)) - set(required_scopes):
                narrow = partial(_accept_issued_tokens, name, 403)
                yield make("scope", name, narrow, "security.scope.not-enforced")


def _reject_issued_tokens(
    name: str, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    token = _read_credential(server.spec.security_schemes[name], request)
    if token and server.mock.tokens.read(name, token):
        return build_rejection(server.spec, operation, 401)
    return server.mock.handle(request)


def _accept_issued_tokens(
    name: str, status: int, server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Replace a token that is rejected with this status by the valid credential."""
    response = server.mock.handle(request)
    scheme = server.spec.security_schemes[name]
    token = _read_credential(scheme, request)
    if response.status != status or not token or not server.mock.tokens.read(name, token):
        return response
    right = server.mock.credentials[name]
    return server.mock.handle(_replace_credential(scheme, request, right))


def _build_mutant(
    spec: Spec, operation: Operation, pointer: str, kind: str, scheme: str, *args: Any, **more: Any
) -> Mutant:
    clause = Clause(operation, f"security.{kind}", pointer, scheme)
    return Mutant.build(spec, clause, *args, **more)


def _accept_wrong_credentials(
    takes: Mapping[str, Takes], server: BrokenMock, _: Operation, request: HttpRequest
) -> HttpResponse:
    """Replace credentials with this kind of mistake by the valid ones."""
    right, schemes = server.mock.credentials, server.spec.security_schemes
    if all(
        take(_read_credential(schemes[name], request), right[name]) for name, take in takes.items()
    ):
        for name in takes:
            request = _replace_credential(schemes[name], request, right[name])
    return server.mock.handle(request)


def _reject_credentials(
    names: tuple[str, ...], server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    right, schemes = server.mock.credentials, server.spec.security_schemes
    if all(_read_credential(schemes[name], request) == right[name] for name in names):
        return build_rejection(server.spec, operation, 401)
    return server.mock.handle(request)


def _change_status(
    status: int, server: BrokenMock, operation: Operation, request: HttpRequest
) -> HttpResponse:
    response = server.mock.handle(request)
    return build_rejection(server.spec, operation, status) if response.status == 401 else response


def _read_credential(scheme: SecurityScheme, request: HttpRequest) -> str | None:
    """Return the credential in the request, or None."""
    if scheme.kind == "query":
        return dict(parse_qsl(request.query, keep_blank_values=True)).get(scheme.wire_name)
    if scheme.kind == "cookie":
        return dict(parse_cookies(request.get_header("Cookie"))).get(scheme.wire_name)
    if scheme.kind == "header":
        return request.get_header(scheme.wire_name)
    header = request.get_header("Authorization")
    if header is None:
        return None
    kind, _, value = header.partition(" ")
    if kind.lower() != scheme.kind:
        return None
    return value if scheme.kind == "bearer" else _unpack(value)


def _unpack(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, ValueError):
        return value


def _replace_credential(scheme: SecurityScheme, request: HttpRequest, value: str) -> HttpRequest:
    """Return the request with this credential instead of its own."""
    if scheme.kind == "query":
        pairs = parse_qsl(request.query, keep_blank_values=True)
        other_pairs = [pair for pair in pairs if pair[0] != scheme.wire_name]
        return attrs.evolve(request, query=urlencode([*other_pairs, (scheme.wire_name, value)]))
    if scheme.kind == "cookie":
        cookies = dict(parse_cookies(request.get_header("Cookie")))
        cookies[scheme.wire_name] = quote(value)
        return _replace_header(request, "Cookie", format_cookies(cookies.items()))
    if scheme.kind == "header":
        return _replace_header(request, scheme.wire_name, value)
    packed = value if scheme.kind == "bearer" else base64.b64encode(value.encode()).decode()
    return _replace_header(request, "Authorization", f"{scheme.kind.capitalize()} {packed}")


def _replace_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    other_headers = [pair for pair in request.headers if pair[0].lower() != name.lower()]
    return attrs.evolve(request, headers=(*other_headers, (name, value)))
