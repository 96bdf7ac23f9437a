"""Gets a document as it is, byte for byte: from a file, a URL, or an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from driftline.add.web import WebReader, show_url, url_of
from driftline.errors import UsageError

__all__ = ["MAX_BYTES", "Fetched", "fetch"]

MAX_BYTES: Final = 50_000_000
PACKAGE: Final = "package:"
_SMALLER: Final = "Name a smaller one; a part of the API in a file of its own will do."


@attrs.frozen
class Fetched:
    """A document: what it is called, as it may be shown and kept, and where it was in the web."""

    content: bytes
    origin: str
    url: str | None = None


def fetch(place: str, *, reader: WebReader | None = None) -> Fetched:
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
    return _web(place, reader)


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


def _web(place: str, reader: WebReader | None) -> Fetched:
    url = url_of(place)
    if reader is not None:
        download = reader.read(url)
    else:
        with WebReader.open() as opened:
            download = opened.read(url)
    return Fetched(download.content, show_url(url), show_url(download.url))
