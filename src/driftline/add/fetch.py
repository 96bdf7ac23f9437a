"""Gets a document as it is, byte for byte: from a file, a URL, or an installed package."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Final

import attrs
import httpx

from driftline.errors import UsageError

__all__ = ["MAX_BYTES", "Fetched", "fetch"]

MAX_BYTES: Final = 50_000_000
MAX_SECONDS: Final = 60.0
MAX_REDIRECTS: Final = 5
PACKAGE: Final = "package:"
_SMALLER: Final = "Name a smaller one; a part of the API in a file of its own will do."


@attrs.frozen
class Fetched:
    """A document: what it is called, as it may be shown and kept, and where it was in the web."""

    content: bytes
    origin: str
    url: str | None = None


def fetch(place: str, *, client: httpx.Client | None = None) -> Fetched:
    """What is at a path, at an http or https URL, or at `package:<package>/<path>`.

    Raises:
        UsageError: there is nothing, or too much, or a web page.
    """
    if place.startswith(PACKAGE):
        return Fetched(_file(_in_package(place)), place)
    scheme, separator, _ = place.partition("://")
    if not separator:
        return Fetched(_file(Path(place)), place)
    if scheme.lower() not in {"http", "https"}:
        raise UsageError(f"{scheme}:// is not read", "Name a file, or an http or https URL.")
    return _web(place, client)


def _file(path: Path) -> bytes:
    if not path.is_file():
        what = f"{path} is a folder" if path.is_dir() else f"there is no file {path}"
        raise UsageError(what, "Name an OpenAPI document: a file, a URL, or package:NAME/PATH.")
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path} has more than {MAX_BYTES // 10**6} MB", _SMALLER)
    return path.read_bytes()


def _in_package(place: str) -> Path:
    """The path of a file in a package, which is not imported for that."""
    name, _, inner = place.removeprefix(PACKAGE).partition("/")
    remedy = "Write package:NAME/PATH, as in package:shop_sdk/openapi.json."
    if not name.isidentifier() or not inner:
        raise UsageError(f"{place} names no file of a package", remedy)
    found = find_spec(name)
    folders = list(found.submodule_search_locations or ()) if found else []
    if not folders:
        raise UsageError(f"there is no package {name} here", "Install it, or name a file.")
    for folder in map(Path, folders):
        path = folder.joinpath(*PurePosixPath(inner).parts)
        if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            return path
    raise UsageError(f"the package {name} has no file {inner}", remedy)


def _web(place: str, client: httpx.Client | None) -> Fetched:
    try:
        url = httpx.URL(place)
    except httpx.InvalidURL as error:
        raise UsageError(f"this is no URL: {error}", "Write it out.") from None
    if not url.host:
        raise UsageError(f"{_shown(url)} names no host", "Write the URL out.")
    try:
        content, last = _got(url, client)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        what = f"{_shown(url)} cannot be fetched: {said}"
        raise UsageError(what, "Try again, or download it and name the file.") from None
    return Fetched(content, _shown(url), _shown(last))


def _shown(url: httpx.URL) -> str:
    """Without what may be a secret: user, password, query."""
    return str(url.copy_with(username=None, password=None, query=None, fragment=None))


@contextmanager
def _opened(client: httpx.Client | None) -> Generator[httpx.Client]:
    if client is not None:
        yield client
        return
    with httpx.Client(timeout=httpx.Timeout(20.0), follow_redirects=False) as made:
        yield made


def _got(url: httpx.URL, client: httpx.Client | None) -> tuple[bytes, httpx.URL]:
    """The content, and the URL that it was at in the end."""
    deadline = monotonic() + MAX_SECONDS
    accept = "application/json, application/yaml, text/yaml, */*;q=0.5"
    headers = {"Accept": accept, "User-Agent": "driftline"}
    with _opened(client) as opened:
        for _ in range(MAX_REDIRECTS + 1):
            with opened.stream("GET", url, headers=headers) as response:
                if response.has_redirect_location:
                    url = _next(url, response.headers["Location"])
                    continue
                if response.status_code != 200:
                    what = f"{_shown(url)} answered {response.status_code}"
                    raise UsageError(what, "Check the URL, or download it and name the file.")
                return _body(response, url, deadline), url
    what = f"{_shown(url)} redirects more than {MAX_REDIRECTS} times"
    raise UsageError(what, "Name the last place itself.")


def _next(url: httpx.URL, location: str) -> httpx.URL:
    found = url.join(location)
    safe = found.scheme in ({"https"} if url.scheme == "https" else {"http", "https"})
    if not safe or not found.host:
        what = f"{_shown(url)} redirects to {found.scheme}://, which is not followed"
        raise UsageError(what, "Name the last place itself.")
    return found


def _body(response: httpx.Response, url: httpx.URL, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MAX_BYTES:
            raise UsageError(f"{_shown(url)} has more than {MAX_BYTES // 10**6} MB", _SMALLER)
        if monotonic() > deadline:
            what = f"{_shown(url)} took more than {MAX_SECONDS:.0f} s"
            raise UsageError(what, "Try again, or download it and name the file.")
        parts.append(part)
    return b"".join(parts)
