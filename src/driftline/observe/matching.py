"""Finds the API and operation of a recorded request, by servers and path templates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import attrs

from driftline.errors import UsageError
from driftline.openapi import Operation, PathTemplate, Spec

_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"\{[^{}]*\}")


@attrs.frozen
class Address:
    """A parsed URL; `host_and_path` is host, port unless it is the default, and path."""

    origin: str
    host_and_path: str
    query: str


@attrs.frozen
class RequestMatch:
    """The operation of a request, with its base URL, the path below, and the query."""

    spec: Spec
    operation: Operation
    base_url: str
    path: str
    query: str


def parse_address(url: str) -> Address | None:
    """Parse a URL; return None if it is not an http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    if port and port not in _PORTS.values():
        host = f"{host}:{port}"
    return Address(f"{parts.scheme}://{host}", host + (parts.path or "/"), parts.query)


class Matcher:
    """Knows the base URLs of the specs and of `urls`, and the paths below them."""

    def __init__(self, specs: Sequence[Spec], urls: Mapping[str, Sequence[str]]) -> None:
        self.bases = [
            (spec, base) for spec in specs for base in _list_bases(spec, urls.get(spec.name, ()))
        ]
        patterns = [(spec, _compile_base(base)) for spec, base in self.bases]
        # The longer base first: one may be the beginning of another.
        self._patterns = sorted(patterns, key=lambda pair: -len(pair[1].pattern))
        self._paths = {spec.name: list(_list_paths(spec)) for spec in specs}

    def match(self, method: str, address: Address) -> RequestMatch | None:
        """Return the operation of a request, or None."""
        of_method = (
            candidate
            for candidate in self._matches(address)
            if candidate.operation.method == method
        )
        return next(of_method, None)

    def has_path(self, address: Address) -> bool:
        """Return whether any operation has this path, with any method."""
        return any(True for _ in self._matches(address))

    def _matches(self, address: Address) -> Iterator[RequestMatch]:
        for spec, base in self._patterns:
            begun = base.match(address.host_and_path)
            rest = address.host_and_path[begun.end() :] if begun else ""
            if begun is None or not rest.startswith("/"):
                continue
            host, _, path = begun[0].partition("/")
            scheme = address.origin.partition("://")[0]
            base_url = f"{scheme}://{host}" + (f"/{path}" if path else "")
            for operation, template in self._paths[spec.name]:
                if template.split(rest) is not None:
                    yield RequestMatch(spec, operation, base_url, rest, address.query)


def _list_bases(spec: Spec, urls: Sequence[str]) -> Iterator[str]:
    for url in urls:
        address = parse_address(url)
        if address is None or "@" in url.partition("://")[2].partition("/")[0]:
            # Not quoted: a password may be in it.
            message = (
                f"invalid --url of {spec.name}: expected an http(s) URL without user and password"
            )
            raise UsageError(message, f"Pass --url {spec.name}=https://host.")
        yield address.host_and_path.rstrip("/")
    for server in spec.servers:
        # A variable may stand where a port is, which no parser takes: any digit will do there.
        address = parse_address(_NAME.sub("0", server.url))
        if address is None:
            continue
        yield (
            _normalize_base(server.url)
            if _NAME.search(server.url)
            else address.host_and_path.rstrip("/")
        )


def _normalize_base(url: str) -> str:
    host, slash, path = url.partition("://")[2].rstrip("/").partition("/")
    return host.lower() + slash + path


def _list_paths(spec: Spec) -> Iterator[tuple[Operation, PathTemplate]]:
    """Yield operations with path templates; those with fewer variables first.

    `/a/new` before `/a/{id}`.
    """

    def rank_path(operation: Operation) -> tuple[int, int]:
        return len(_NAME.findall(operation.path)), -len(operation.path)

    for operation in sorted(spec.operations, key=rank_path):
        yield operation, PathTemplate(operation.path)


def _compile_base(template: str) -> re.Pattern[str]:
    return re.compile("[^/:]+".join(map(re.escape, _NAME.split(template))))
