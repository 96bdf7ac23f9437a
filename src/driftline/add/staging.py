"""A staging area for an API: it is moved into the project as a whole, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.errors import UsageError
from driftline.files import DEVICES
from driftline.generate import keep_project_files
from driftline.openapi import SUFFIXES
from driftline.project import Project
from driftline.transaction import Move, commit, open_stage

SOURCES = "sources"


@attrs.frozen
class Stage:
    """A temporary folder with specs/ and generated/, in which one API is built."""

    project: Project
    name: str

    @property
    def overlay(self) -> Path:
        return self.project.specs / f"{self.name}.yaml"

    def write(self, overlay: str, files: Mapping[str, bytes]) -> None:
        """Write the overlay and the files of the document, by their paths below sources/."""
        for path, content in files.items():
            target = self.project.specs / SOURCES / path
            target.parent.mkdir(parents=True, exist_ok=True)
            _write(target, content)
        _write(self.overlay, overlay.encode())

    def move(self, project: Project, specs: Path, package: str) -> None:
        """Move all files into the project, the overlay last, since it makes the API visible."""
        inner, root = self.project.root, project.root
        specs_path = specs.relative_to(root).as_posix()
        moves: list[Move] = []
        staged = {path.name for path in (self.project.specs / SOURCES).iterdir()}
        for name in sorted(staged | self._list_stale(specs)):
            new = f"specs/{SOURCES}/{name}" if name in staged else ""
            moves.append(Move(new, f"{specs_path}/{SOURCES}/{name}"))
        if (self.project.generated / package).is_dir():
            keep_project_files(project.generated / package, self.project.generated / package)
            moves.append(Move(f"generated/{package}", f"generated/{package}"))
        moves.append(Move(f"specs/{self.overlay.name}", f"{specs_path}/{self.overlay.name}"))
        commit(inner, moves)

    def _list_stale(self, specs: Path) -> set[str]:
        """Return the stored files of an earlier document of this API."""
        names = [self.name, *(self.name + suffix for suffix in SUFFIXES)]
        return {name for name in names if os.path.lexists(specs / SOURCES / name)}


def check_name(name: str) -> str:
    """Return the name of an API.

    Raises:
        UsageError: it is not valid as the name of a file and a package.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name) or len(name) > 60:
        hint = "Use lowercase letters, digits and single hyphens, for example pet-store."
        raise UsageError(f"{name!r} is not a valid API name", hint)
    if name in DEVICES:
        hint = f"Choose another name, for example {name}-api."
        raise UsageError(f"{name!r} is not a valid API name: Windows allows no such file", hint)
    return name


def find_existing(specs: Path, name: str) -> Path | None:
    """Return the file of an existing API, or None."""
    paths = (specs / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((path for path in paths if os.path.lexists(path)), None)


@contextmanager
def stage_project(project: Project, name: str) -> Generator[Stage]:
    """Create a stage in the project's folder, and remove it afterwards."""
    with open_stage(project.root) as folder:
        inner = Project(folder)
        (inner.specs / SOURCES).mkdir(parents=True)
        yield Stage(inner, name)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
