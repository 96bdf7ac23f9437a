"""The two arguments of the command: files, folders, or either at a git revision.

specs/shop.yaml        a file             v1:specs/shop.yaml   that file at a revision
specs                  a folder           v1                   what the other side names, at a
                                                               revision; or else specs/
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from driftline.changes.wire.source.document import Document
from driftline.changes.wire.source.git import Repository
from driftline.errors import UsageError
from driftline.openapi import (
    SUFFIXES,
    ReadFile,
    Source,
    Spec,
    apply_layers,
    parse,
    read_document,
    read_files_below,
    read_layered,
)
from driftline.project import Project

_REMEDY: Final = "Pass a file, a directory, REV or REV:PATH."


@attrs.frozen
class ComparedDocuments:
    """The documents of either side, and what the sides are called."""

    old: tuple[Document, ...]
    new: tuple[Document, ...]
    old_name: str
    new_name: str


@attrs.frozen
class _DiskPath:
    """A file or folder on the disk."""

    path: Path

    def __str__(self) -> str:
        return self.path.as_posix()

    @property
    def is_folder(self) -> bool:
        return self.path.is_dir()

    def list_files(self) -> list[Path]:
        if not self.is_folder:
            return [self.path]
        return sorted(path for path in self.path.iterdir() if path.suffix in SUFFIXES)

    def document(self, path: Path, name: str) -> Document:
        return read_file(path, name)


@attrs.frozen
class _RevisionPath:
    """A file or folder of a repository at a revision."""

    repository: Repository
    revision: str
    path: PurePosixPath

    def __str__(self) -> str:
        return f"{self.revision}:{self.path}"

    @property
    def is_folder(self) -> bool:
        return self.repository.is_folder(self.revision, self.path)

    def list_files(self) -> list[Path]:
        if not self.is_folder:
            return [Path(self.path)]
        names = self.repository.list_folder(self.revision, self.path)
        paths = (Path(self.path) / name for name in names)
        return [path for path in paths if path.suffix in SUFFIXES]

    def document(self, path: Path, name: str) -> Document:
        inner = PurePosixPath(path.as_posix())
        return read_committed(self.repository, self.revision, inner, name)


_Place = _DiskPath | _RevisionPath


def find_sides(old: str | None = None, new: str | None = None) -> ComparedDocuments:
    """Return the two sides. Without `new`, it is the content of the disk; without both, `old` is
    the last commit.

    Raises:
        UsageError: nothing has that name.
        SpecError: a file is not an OpenAPI 3 document.
    """
    repository = Repository.find(Path.cwd())
    sources = _resolve_both(repository, old, new)
    files = [source.list_files() for source in sources]
    folders = [source.is_folder for source in sources]
    if folders == [True, False]:
        files[0] = [_find_counterpart(files[0], files[1][0], sources[0])]
    elif folders == [False, True]:
        files[1] = [_find_counterpart(files[1], files[0][0], sources[1])]
    for searched_source, source_files in zip(sources, files, strict=True):
        if not source_files:
            raise UsageError(
                f"no document in {searched_source}", "Add <api>.yaml, or pass another directory."
            )
    name = files[1][0].stem if not all(folders) else ""
    sides = [
        tuple(source.document(path, name or path.stem) for path in side_files)
        for source, side_files in zip(sources, files, strict=True)
    ]
    return ComparedDocuments(sides[0], sides[1], str(sources[0]), str(sources[1]))


def _find_counterpart(files: list[Path], other_file: Path, source: _Place) -> Path:
    match = next((path for path in files if path.stem == other_file.stem), None)
    if match is None:
        raise UsageError(
            f"no document named {other_file.stem} in {source}", "Pass a file on both sides."
        )
    return match


def _resolve_both(repository: Repository | None, old: str | None, new: str | None) -> list[_Place]:
    """Return both places; a revision without a path takes that of the other side."""
    read_old = _read(repository, old) if old is not None else None
    read_new = _read(repository, new) if new is not None else None
    if new is None and isinstance(read_old, _DiskPath):  # as `git diff FILE`
        read_old, read_new = None, read_old
    path = next(
        (candidate for candidate in map(_get_path, (read_new, read_old)) if candidate), None
    )
    found_old = read_old if isinstance(read_old, _DiskPath | _RevisionPath) else None
    if found_old is None:
        revision = read_old if isinstance(read_old, str) else "HEAD"
        found_old = _build_revision(repository, revision, path)
    if isinstance(read_new, str):
        return [found_old, _build_revision(repository, read_new, path)]
    return [found_old, read_new or _find_current(repository, found_old)]


def _get_path(source: _Place | str | None) -> Path | PurePosixPath | None:
    return None if source is None or isinstance(source, str) else source.path


def _read(repository: Repository | None, argument: str) -> _Place | str:
    """Return what an argument names; a revision alone stays a text."""
    if Path(argument).exists():
        return _DiskPath(Path(argument))
    revision, colon, path = argument.partition(":")
    if repository is None:
        raise UsageError(
            f"no such file or directory, and not in a git repository: {argument!r}", _REMEDY
        )
    if revision.startswith("-") or not revision or not repository.has_revision(revision):
        raise UsageError(f"{argument!r} is not a file, a directory or a git revision", _REMEDY)
    if not colon:
        return revision
    revision_path = _RevisionPath(repository, revision, repository.resolve_path(path))
    repository.is_folder(revision, revision_path.path)  # raises if it is neither
    return revision_path


def _build_revision(
    repository: Repository | None, revision: str, path: Path | PurePosixPath | None
) -> _RevisionPath:
    """Return what the other side names, or else specs/, at a revision."""
    if repository is None:
        raise UsageError("not a git repository, or git is not installed", "Pass OLD and NEW.")
    if not isinstance(path, Path):
        inner = path if path is not None else repository.relativize(Project.find().specs)
    else:
        inner = repository.relativize(path)
    if inner is None:
        raise UsageError(f"{path} is not in this git repository", "Write REV:PATH.")
    return _RevisionPath(repository, revision, inner)


def _find_current(repository: Repository | None, old: _Place) -> _DiskPath:
    """Return the current file or folder on the disk for an old one in a revision."""
    if repository is None or isinstance(old, _DiskPath):
        raise UsageError("nothing to compare with", "Pass OLD and NEW.")
    path = repository.root / old.path
    if not path.exists():
        raise UsageError(f"{old.path} no longer exists", "Pass NEW.")
    try:
        return _DiskPath(path.relative_to(Path.cwd()))
    except ValueError:
        return _DiskPath(path)


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
