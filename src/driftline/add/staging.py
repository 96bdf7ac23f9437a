"""A project as it will be, beside the one that is: moved there when all is done, or not at all."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.errors import UsageError
from driftline.project import Project
from driftline.spec.load import SUFFIXES

__all__ = ["Stage", "existing", "fit", "staged"]

SOURCES = "sources"


@attrs.frozen
class Stage:
    """A folder with a specs/ and a generated/ of its own, in which one API is made."""

    project: Project
    name: str

    @property
    def overlay(self) -> Path:
        return self.project.specs / f"{self.name}.yaml"

    def source(self, suffix: str) -> Path:
        return self.project.specs / SOURCES / f"{self.name}{suffix}"

    def write(self, overlay: str, content: bytes, suffix: str) -> None:
        """The document as it came, and the overlay."""
        self.source(suffix).write_bytes(content)
        self.overlay.write_text(overlay, encoding="utf-8")

    def move(self, project: Project, specs: Path, package: str) -> None:
        """Puts everything where it belongs; the overlay last, which is what makes it an API."""
        (specs / SOURCES).mkdir(parents=True, exist_ok=True)
        for path in (self.project.specs / SOURCES).iterdir():
            path.replace(specs / SOURCES / path.name)
        client = self.project.generated / package
        if client.is_dir():
            project.generated.mkdir(exist_ok=True)
            old = project.generated / package
            if old.exists():
                shutil.move(old, self.project.root / "old")
            client.rename(old)
        self.overlay.replace(specs / self.overlay.name)


def fit(name: str) -> str:
    """The name of an API.

    Raises:
        UsageError: it makes no name of a file and a package.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", name) or len(name) > 60:
        remedy = "Use small letters, digits and single hyphens, as in pet-store."
        raise UsageError(f"{name!r} makes no name of an API", remedy)
    return name


def existing(specs: Path, name: str) -> Path | None:
    """The file of an API that is there already."""
    found = (specs / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((path for path in found if path.exists()), None)


@contextmanager
def staged(project: Project, name: str) -> Generator[Stage]:
    """A stage in the project's folder, so that things can be moved; it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".driftline-add-", dir=project.root) as folder:
        inner = Project(Path(folder))
        (inner.specs / SOURCES).mkdir(parents=True)
        yield Stage(inner, name)
