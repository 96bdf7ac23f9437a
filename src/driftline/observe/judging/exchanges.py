"""Converts recorded entries to exchanges of the contract suite, and redacts them."""

from __future__ import annotations

from functools import cache, lru_cache
from urllib.parse import quote

import attrs

from driftline.checks import (
    Exchange,
    ExchangeTexts,
    Outgoing,
    build_outgoing,
    format_curl,
    format_python,
    parse_pairs,
)
from driftline.observe.matching import RequestMatch
from driftline.observe.readers import RecordedEntry
from driftline.openapi import Operation, Spec
from driftline.redaction import (
    MASK,
    Redactor,
    find_body_secrets,
    find_header_secrets,
    is_secret_header,
    is_secret_parameter,
    redact_body,
    redact_tokens,
)
from driftline.suite import Target

# Headers that say what a request is about, beside those that the spec names.
KEPT = frozenset({"content-type", "accept"})


@attrs.frozen(eq=False)
class JudgedExchange(Exchange):
    """A recorded exchange, with its secrets.

    `has_body` and `has_headers` are False if the recording lacks those of the response.
    """

    secrets: tuple[str, ...] = attrs.field(default=(), repr=False)
    has_body: bool = True
    has_headers: bool = True

    @property
    def excerpt(self) -> str:
        return super().excerpt if self.has_body else "(body not recorded)"


def build_recorded_exchange(match: RequestMatch, entry: RecordedEntry, file: str) -> JudgedExchange:
    """Return the exchange of an entry."""
    request = Outgoing(
        entry.method, match.path, match.query, entry.request_headers, entry.request_body
    )
    return JudgedExchange(
        operation=match.operation.id,
        request=request,
        base_url=match.base_url,
        status=entry.status,
        headers=entry.headers,
        body=entry.body or b"",
        elapsed=entry.seconds,
        number=entry.number,
        source=f"{file}, entry {entry.number}",
        secrets=tuple(_collect_secrets(match, entry)),
        has_body=entry.body is not None,
        has_headers=entry.has_headers,
    )


def _collect_secrets(match: RequestMatch, entry: RecordedEntry) -> list[str]:
    credential_names = {scheme.wire_name.lower() for scheme in match.spec.security_schemes.values()}
    credentials = [
        value for name, value in entry.request_headers if name.lower() in credential_names
    ]
    credentials += [
        value for name, value in _parse_pairs(match.query) if name.lower() in credential_names
    ]
    page_parameters = _list_page_parameters(match.operation)
    query = [
        v
        for n, v in _parse_pairs(match.query)
        if is_secret_parameter(n) and n.lower() not in page_parameters
    ]
    secrets = [
        *credentials,
        *query,
        *find_header_secrets(
            pair for pair in entry.request_headers if pair[0].lower() not in page_parameters
        ),
        *find_header_secrets(entry.headers),
        *find_body_secrets(entry.request_body),
        *find_body_secrets(entry.body or b""),
    ]
    return list(dict.fromkeys(filter(None, secrets)))


def _parse_pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_pairs(query)
    except ValueError:
        return []


def _list_page_parameters(operation: Operation) -> frozenset[str]:
    """Return the parameters that request a page, in lower case; they are never secrets."""
    names = operation.listing.page.parameters if operation.listing else ()
    return frozenset(name.lower() for name in names)


@cache
def _build_target(spec: Spec) -> Target:
    """Return a target with placeholders for credentials, so that commands name the variables."""
    placeholders = {
        name: f"driftline-{name}" + (":password" if scheme.kind == "basic" else "")
        for name, scheme in spec.security_schemes.items()
    }
    return Target(spec=spec, base_url="", credentials=placeholders)


def _redact_request(spec: Spec, operation: Operation, exchange: JudgedExchange) -> Outgoing:
    """Return the documented parts of the request, with placeholders for credentials."""
    request = exchange.request
    documented_request = build_outgoing(
        spec, operation, {}, credentials=_build_target(spec).choose_credentials(operation)
    )
    credential_names = {scheme.wire_name.lower() for scheme in spec.security_schemes.values()}
    header_names = {p.name.lower() for p in operation.parameters if p.location == "header"} | KEPT
    cursors = _list_page_parameters(operation)
    headers = [
        (
            name,
            MASK
            if is_secret_header(name) and name.lower() not in cursors
            else _clean(value, exchange),
        )
        for name, value in request.headers
        if name.lower() in header_names - credential_names
    ]
    pairs = [
        (name, MASK) if is_secret_parameter(name) and name.lower() not in cursors else (name, value)
        for name, value in _parse_pairs(request.query)
        if name.lower() not in credential_names
    ]
    query = "&".join(
        f"{quote(_clean(name, exchange), safe='[]')}={quote(_clean(value, exchange), safe=',*')}"
        for name, value in pairs
    )
    body = redact_body(request.body) if request.body else b""
    return Outgoing(
        method=request.method,
        path=_clean(request.path, exchange),
        query="&".join(filter(None, (query, documented_request.query))),
        headers=(*headers, *documented_request.headers),
        body=_clean(body.decode("utf-8", "replace"), exchange).encode(),
    )


def _clean(string: str, exchange: Exchange | None) -> str:
    """Return the string without secrets of the exchange, or anything that looks like one."""
    if not isinstance(exchange, JudgedExchange):
        return redact_tokens(string, MASK)
    return redact_tokens(_build_redactor(exchange.secrets)(string), MASK)


@lru_cache(maxsize=64)
def _build_redactor(secrets: tuple[str, ...]) -> Redactor:
    """Return the redactor for the strings of an exchange."""
    return Redactor(dict.fromkeys(secrets, MASK))


def drop_body(exchange: JudgedExchange) -> JudgedExchange:
    """Return the exchange without body and headers, which are not needed after judging."""
    return attrs.evolve(exchange, body=b"", headers=())


class _Commands:
    """Formats exchanges of one API as commands."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec

    def format_curl(self, exchange: Exchange) -> str:
        request = self._redact(exchange)
        if request is None:
            return ""
        return format_curl(_build_target(self._spec).redactor, exchange.base_url, request)

    def format_python(self, exchange: Exchange) -> str:
        request = self._redact(exchange)
        if request is None:
            return ""
        target = _build_target(self._spec)
        return format_python(
            self._spec, exchange.operation, request, target.choose_credentials, target.redactor
        )

    def _redact(self, exchange: Exchange) -> Outgoing | None:
        operation = self._spec.find_operation(exchange.operation)
        if operation is None or not isinstance(exchange, JudgedExchange):
            return None
        return _redact_request(self._spec, operation, exchange)


def build_exchange_texts(spec: Spec) -> ExchangeTexts:
    """Return the functions that show exchanges of this API."""
    commands = _Commands(spec)
    return ExchangeTexts(_clean, commands.format_curl, commands.format_python)
