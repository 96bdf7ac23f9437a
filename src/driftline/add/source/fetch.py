"""Fetches the bytes of a document from a file, a URL, or an installed package."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

import attrs

from driftline.add.source.web import Download, WebReader, parse_url, show_url
from driftline.errors import UsageError
from driftline.openapi import read_files_below

MAX_BYTES: Final = 50_000_000
PACKAGE: Final = "package:"
_SMALLER: Final = "Pass a smaller document, for example one part of the API."
ReadFile = Callable[[str], bytes]


@attrs.frozen
class RawDocument:
    """An unparsed document: its bytes, its source without secrets, and its file name.

    `read_beside` reads another file by its path relative to the folder of this one, and never one
    outside of that folder.
    """

    content: bytes
    origin: str
    url: str | None = None
    file: str = "document"
    read_beside: ReadFile | None = attrs.field(default=None, eq=False)


@contextmanager
def open_place(source: str, *, reader: WebReader | None = None) -> Generator[RawDocument]:
    """Open a path, an http or https URL, or `package:<package>/<path>`.

    Raises:
        UsageError: the document does not exist, or is too large.
    """
    scheme, separator, _ = source.partition("://")
    if source.startswith(PACKAGE):
        yield _read_file(_find_in_package(source), source)
    elif not separator:
        yield _read_file(Path(source), source)
    elif scheme.lower() not in {"http", "https"}:
        message = f"unsupported scheme {scheme[:20]!r}"
        raise UsageError(message, "Pass a file or an http(s) URL.")
    elif reader is not None:
        yield _download(source, reader)
    else:
        with WebReader.open() as web_reader:
            yield _download(source, web_reader)


def _read_file(path: Path, source: str) -> RawDocument:
    if not path.is_file():
        message = f"{path} is a directory" if path.is_dir() else f"no such file: {path}"
        raise UsageError(message, "Pass an OpenAPI document: a file, a URL, or package:NAME/PATH.")
    if path.stat().st_size > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES // 10**6} MB", _SMALLER)
    return RawDocument(path.read_bytes(), source, None, path.name, read_files_below(path.parent))


def _find_in_package(source: str) -> Path:
    """Return the path of a file in a package without importing the package."""
    name, _, inner = source.removeprefix(PACKAGE).partition("/")
    hint = "Pass the file, for example package:shop_sdk/openapi.json."
    if not name.isidentifier() or not inner:
        raise UsageError(f"invalid package location {source!r}: expected package:NAME/PATH", hint)
    module_spec = find_spec(name)
    folders = list(module_spec.submodule_search_locations or ()) if module_spec else []
    if not folders:
        raise UsageError(f"package {name} is not installed", "Install it, or pass a file.")
    for folder in map(Path, folders):
        path = folder.joinpath(*PurePosixPath(inner).parts)
        if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
            return path
    raise UsageError(f"no file {inner} in the package {name}", hint)


def _download(source: str, reader: WebReader) -> RawDocument:
    url = parse_url(source)
    download = reader.read(url)
    name = PurePosixPath(download.url.path).name or "document"
    read_beside = _read_beside(download, reader)
    final_url = show_url(download.url)
    return RawDocument(download.content, show_url(url), final_url, name, read_beside)


def _read_beside(download: Download, reader: WebReader) -> ReadFile:
    """Return a function that reads files below the folder of a URL, within the reader's limits."""
    base = download.url.copy_with(query=None, fragment=None).join(".")
    prefix = show_url(base)

    def read_file(name: str) -> bytes:
        url = base.join(quote(name))
        if not show_url(url).startswith(prefix):
            raise OSError("it is outside of the directory")
        try:
            return reader.read(url, prefix=prefix).content
        except UsageError as error:
            raise OSError(error.message) from None

    return read_file
