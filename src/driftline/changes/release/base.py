"""The last release of the project: a git revision, or a folder."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import attrs

from driftline.changes.release.outcome import ReleaseSide
from driftline.changes.release.version import FILE, read_version
from driftline.changes.wire import Document
from driftline.changes.wire.source.git import Repository
from driftline.changes.wire.source.sources import read_file
from driftline.errors import DriftlineError, Location, SpecError, UsageError
from driftline.generate import generate
from driftline.openapi import CLIENT_DOCUMENT, SUFFIXES, find, load, name_client_package
from driftline.project import Project
from driftline.transaction import open_scratch

_REMEDY = "Pass --since with a tag, a commit, or a directory with the earlier project."


@attrs.frozen
class Base:
    """The last release: its name, version, specs and clients."""

    name: str
    version: str
    side: ReleaseSide


@contextmanager
def open_base(
    project: Project, since: str | None, home: PurePosixPath, tag_prefix: str = ""
) -> Generator[Base]:
    """Yield the revision that `since` names, or the last tag of a version.

    `home` is the folder of the distribution, relative to the project, and `tag_prefix` what its
    tags begin with.

    A client that was not committed is generated from the spec of that revision.

    Raises:
        UsageError: the revision, folder or tag does not exist.
    """
    if since is not None and Path(since).is_dir():
        with open_scratch() as folder:
            then = Project(Path(since).resolve())
            yield _build_base(then, since, f"{since}/", folder, home)
        return
    repository = Repository.find(project.root)
    if repository is None:
        hint = "Run the command in a git checkout." if since else _REMEDY
        raise UsageError("not a git repository, or git is not installed", hint)
    revision = since or repository.find_last_tag(tag_prefix)
    if not revision:
        kind = f"tag {tag_prefix}VERSION" if tag_prefix else "version tag"
        raise UsageError(f"no {kind} before this commit", _REMEDY)
    if revision.startswith("-") or not repository.has_revision(revision):
        hint = "Pass a tag, a commit, or a directory with the earlier project."
        raise UsageError(f"{revision!r} is neither a directory nor a git revision", hint)
    with open_scratch() as folder:
        then = Project(folder / "then")
        _write(repository, revision, project, then.root)
        yield _build_base(then, revision, f"{revision}:", folder, home)


def _write(repository: Repository, revision: str, project: Project, folder: Path) -> None:
    """Write the relevant files of a revision to a folder; nothing is checked out."""
    inner = repository.relativize(project.root) or PurePosixPath()
    for part in ("specs", "generated", FILE):
        for path in repository.list_tree(revision, inner / part):
            target = folder / path.relative_to(inner)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(repository.read_content(revision, path))


def _build_base(then: Project, name: str, prefix: str, folder: Path, home: PurePosixPath) -> Base:
    """Build the base from a folder; `prefix` precedes the paths of that revision."""

    def show(path: Path) -> Path:
        inside = path.is_relative_to(then.root)
        return Path(f"{prefix}{path.relative_to(then.root).as_posix()}") if inside else path

    paths = sorted(then.specs.iterdir()) if then.specs.is_dir() else []
    documents: dict[str, Document] = {}
    unavailable: dict[str, str] = {}
    for path in paths:
        if path.suffix not in SUFFIXES:
            continue
        try:
            documents[path.stem] = _read(then, path, show)
        except DriftlineError as error:
            unavailable[path.stem] = str(error).partition("\n")[0]
    clients = (
        then.generated
        if then.generated.is_dir()
        else _generate_clients(then, list(documents), folder)
    )
    version = read_version(then.root / home).version
    return Base(
        name,
        version,
        ReleaseSide(f"{prefix}specs", documents, clients, f"{prefix}generated", unavailable),
    )


def _read(then: Project, path: Path, show: Callable[[Path], Path]) -> Document:
    """Return the spec at `path`, or else the document that its client was generated from.

    Raises:
        SpecError: neither can be read.
    """
    try:
        return read_file(path, path.stem, show)
    except SpecError as error:
        record = then.generated / name_client_package(path.stem) / CLIENT_DOCUMENT
        if not record.is_file():
            problems = [attrs.evolve(p, location=_move(p.location, show)) for p in error.problems]
            raise SpecError(tuple(problems)) from None
        return read_file(record, path.stem, show)


def _move(location: Location, show: Callable[[Path], Path]) -> Location:
    return attrs.evolve(location, file=show(location.file))


def _generate_clients(then: Project, names: Sequence[str], folder: Path) -> Path:
    """Generate the clients from the specs of that revision."""
    scratch_project = Project(folder / "made")
    scratch_project.generated.mkdir(parents=True)
    if names:
        generate(scratch_project, [load(path) for path in find(then.specs, names)])
    return scratch_project.generated
