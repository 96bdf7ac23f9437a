"""Documents from the web, within limits of bytes, headers, redirects and time."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import attrs
import httpx

from driftline.errors import UsageError
from driftline.suite import FAILURES, DeadlineTransport

ACCEPT: Final = "application/json, application/yaml, text/yaml, */*;q=0.5"
_CHUNK: Final = 65_536
_TOO_LARGE: Final = "Pass a smaller document, for example one part of the API."
_RETRY: Final = "Try again, or download it and pass the file."


@attrs.frozen
class FetchLimits:
    """The limits of all requests for one document together."""

    bytes: int = 50_000_000
    seconds: float = 60.0
    redirects: int = 5
    headers: int = 100
    header_bytes: int = 65_536


@attrs.frozen
class Download:
    """The content that a server sent, and its URL after redirects."""

    content: bytes
    url: httpx.URL


class WebReader:
    """Reads URLs; the limits of bytes and time apply to all of them together."""

    def __init__(self, limits: FetchLimits, client: httpx.Client) -> None:
        self._limits = limits
        self._client = client
        self._bytes_left = limits.bytes
        self._deadline = monotonic() + limits.seconds

    @classmethod
    @contextmanager
    def open(cls, limits: FetchLimits | None = None) -> Generator[WebReader]:
        """Open a reader whose requests time out even if a server sends its headers slowly."""
        limits = limits or FetchLimits()
        transport = DeadlineTransport(limits.seconds, is_total=True)
        with httpx.Client(transport=transport, follow_redirects=False, trust_env=False) as client:
            yield cls(limits, client)

    def read(self, url: httpx.URL, *, prefix: str | None = None) -> Download:
        """Return the content of `url`; redirects must stay below `prefix`.

        Raises:
            UsageError: the server does not return it, or it exceeds a limit.
        """
        try:
            return self._read(url, prefix)
        except (httpx.HTTPError, httpx.InvalidURL, *FAILURES) as error:
            message = str(error) or type(error).__name__
            raise UsageError(f"could not fetch {show_url(url)}: {message}", _RETRY) from None

    def _read(self, url: httpx.URL, prefix: str | None) -> Download:
        headers = {"Accept": ACCEPT, "Accept-Encoding": "gzip", "User-Agent": "driftline"}
        for _ in range(self._limits.redirects + 1):
            self._check_time(url)
            with self._client.stream("GET", url, headers=headers) as response:
                self._check_headers(response, url)
                if response.has_redirect_location:
                    url = _follow_redirect(url, response.headers["Location"], prefix)
                    continue
                if response.status_code != 200:
                    message = f"{show_url(url)} responded with {response.status_code}"
                    raise UsageError(message, "Check the URL, or download it and pass the file.")
                return Download(self._read_body(response, url), url)
        message = f"{show_url(url)} redirects more than {self._limits.redirects} times"
        raise UsageError(message, "Pass the last URL itself.")

    def _check_headers(self, response: httpx.Response, url: httpx.URL) -> None:
        raw = response.headers.raw
        size = sum(len(name) + len(value) for name, value in raw)
        if len(raw) > self._limits.headers or size > self._limits.header_bytes:
            raise UsageError(f"the response headers of {show_url(url)} are too large", _RETRY)

    def _check_time(self, url: httpx.URL) -> None:
        if monotonic() > self._deadline:
            message = f"{show_url(url)} took more than {self._limits.seconds:g} s"
            raise UsageError(message, _RETRY)

    def _read_body(self, response: httpx.Response, url: httpx.URL) -> bytes:
        parts: list[bytes] = []
        for part in _read_plain(response, url):
            self._bytes_left -= len(part)
            if self._bytes_left < 0:
                message = f"{show_url(url)} is larger than {self._limits.bytes // 10**6} MB"
                raise UsageError(message, _TOO_LARGE)
            self._check_time(url)
            parts.append(part)
        return b"".join(parts)


def parse_url(source: str) -> httpx.URL:
    """Return the URL that a user named.

    Raises:
        UsageError: it is invalid.
    """
    try:
        url = httpx.URL(source)
    except httpx.InvalidURL:
        raise UsageError("invalid URL", "Write the URL with scheme, host and path.") from None
    if not url.host:
        raise UsageError("invalid URL: no host", "Write the URL with scheme, host and path.")
    return url


def show_url(url: httpx.URL) -> str:
    """Return a URL without its possible secrets: user, password, query and fragment."""
    return str(url.copy_with(username=None, password=None, query=None, fragment=None))


def _follow_redirect(url: httpx.URL, location: str, prefix: str | None) -> httpx.URL:
    """Return the target of a redirect, which must not lead from https to http."""
    target = url.join(location)
    is_safe = target.scheme in ({"https"} if url.scheme == "https" else {"http", "https"})
    if not is_safe or not target.host:
        message = f"{show_url(url)} redirects to {target.scheme}://, which is not followed"
        raise UsageError(message, "Pass the last URL itself.")
    if prefix is not None and not show_url(target).startswith(prefix):
        message = f"{show_url(url)} redirects to another directory or host"
        raise UsageError(message, "Pass the last URL itself.")
    return target


def _read_plain(response: httpx.Response, url: httpx.URL) -> Iterator[bytes]:
    """Yield the body in chunks of limited size; at most one content coding is decoded."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"", "identity"}:
        yield from response.iter_raw(_CHUNK)
    elif coding in {"gzip", "x-gzip"}:
        yield from _read_gzip(response, url)
    else:
        raise UsageError(f"{show_url(url)} has an unsupported Content-Encoding", _RETRY)


def _read_gzip(response: httpx.Response, url: httpx.URL) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for part in response.iter_raw(_CHUNK):
            data = part
            while data:
                yield unpacker.decompress(data, _CHUNK)
                data = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise UsageError(f"{show_url(url)} is not valid gzip", _RETRY) from None
    if not unpacker.eof or unpacker.unused_data:
        raise UsageError(f"{show_url(url)} is an incomplete gzip stream", _RETRY)
