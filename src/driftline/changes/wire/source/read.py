"""Reads documents to compare from the disk or from a git revision, with their overlays applied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

from driftline.changes.wire.source.document import Document
from driftline.changes.wire.source.git import Repository
from driftline.errors import UsageError
from driftline.openapi import (
    ReadFile,
    Source,
    Spec,
    apply_layers,
    parse,
    read_document,
    read_files_below,
    read_layered,
)


def build_document(spec: Spec, show: Callable[[Path], Path] | None = None) -> Document:
    """Return the document of a spec that has been read; `show` is as for `read_file`."""
    source = Source(spec.path, spec.document, spec.lines, spec.files, spec.problems)
    return Document.build(source, spec.name, show=show)


def read_file(path: Path, name: str = "", show: Callable[[Path], Path] | None = None) -> Document:
    """Return the document in the file at `path`, or the one that an overlay there extends.

    `show` maps each file on the disk to the path that locations name.

    Raises:
        SpecError: a file cannot be read, or is not an OpenAPI document.
    """
    source = read_layered(path)
    return Document.build(read_document(source, read_files_below(source.folder)), name, show=show)


def read_committed(
    repository: Repository, revision: str, path: PurePosixPath, name: str = ""
) -> Document:
    """Return the document that `path` holds at a git revision, with its overlay applied.

    Raises:
        UsageError: a file is missing at that revision.
        SpecError: a file is not an OpenAPI document.
    """

    def read_below(folder: PurePosixPath) -> ReadFile:
        def read_inner(name: str) -> bytes:
            try:
                return repository.read_content(revision, folder / name)
            except UsageError as error:
                raise OSError(error.message) from None

        return read_inner

    source = parse(Path(f"{revision}:{path}"), repository.read_file(revision, path))
    source = apply_layers(source, read_below(path.parent))
    folder = PurePosixPath(source.folder.as_posix().removeprefix(f"{revision}:"))
    return Document.build(read_document(source, read_below(folder)), name)
