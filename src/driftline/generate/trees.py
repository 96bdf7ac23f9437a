"""Writes the clients of a project, each tree as a whole or not at all, and compares them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import attrs

from driftline.errors import GenerationError, Problem
from driftline.generate.packaging import keep_project_files, write_project_file
from driftline.generate.render import render
from driftline.openapi import Spec
from driftline.project import Project

__all__ = ["Changed", "Difference", "compare", "generate", "package_name"]

Changed = Callable[[Sequence[Spec], Path], object]


@attrs.frozen
class Difference:
    """A file of generated/ that is not what the spec gives; `path` is relative to generated/."""

    api: str
    kind: Literal["missing", "extra", "different"]
    path: str


def package_name(spec: Spec) -> str:
    """`pet-store` is `pet_store_client`.

    Raises:
        GenerationError: the spec's file name makes no Python name.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", spec.name):
        what = f"{spec.path.name} is not a valid name for a package"
        raise GenerationError(spec.name, what, "Use lowercase letters, digits and single hyphens.")
    return spec.client_package


def generate(
    project: Project,
    specs: Sequence[Spec],
    changed: Changed | None = None,
    problems: list[Problem] | None = None,
    *,
    package: bool = False,
) -> list[Difference]:
    """Bring generated/ up to date and say what changed. A failure leaves every tree as it was.

    `changed` is called when all is done, with the specs whose client is another now and a folder
    in which these are as they were before; those that are new are not in it. `problems` gets what
    the clients have wider types for than the specs say. With `package`, each client gets a
    pyproject.toml of its own, if it has none.

    Raises:
        GenerationError: a client could not be generated.
    """
    changes: list[Difference] = []
    project.generated.mkdir(exist_ok=True)
    with _fresh(specs, project, project.generated, problems) as fresh:
        before = fresh / "before"
        before.mkdir()
        for spec in specs:
            name = package_name(spec)
            if package:
                write_project_file(spec, fresh / name)
            differences = list(_differences(spec.name, project.generated / name, fresh / name))
            if differences:
                _swap(fresh / name, project.generated / name, before / name)
            changes += differences
        if changes and changed is not None:
            stale = {difference.api for difference in changes}
            changed([spec for spec in specs if spec.name in stale], before)
    return changes


def compare(project: Project, specs: Sequence[Spec]) -> list[Difference]:
    """What `generate` would change, both ways: missing, extra and different files."""
    with _fresh(specs, project, None) as fresh:
        return [
            difference
            for spec in specs
            for name in [package_name(spec)]
            for difference in _differences(spec.name, project.generated / name, fresh / name)
        ]


@contextmanager
def _fresh(
    specs: Sequence[Spec],
    project: Project,
    beside: Path | None,
    problems: list[Problem] | None = None,
) -> Generator[Path]:
    """A temporary folder with the clients of `specs`; `beside` a path, to be renamed from there."""
    with tempfile.TemporaryDirectory(prefix=".driftline-", dir=beside) as folder:
        for spec in specs:
            name = package_name(spec)
            widened = render(spec, Path(folder) / name)
            keep_project_files(project.generated / name, Path(folder) / name)
            if problems is not None:
                problems += widened
        yield Path(folder)


def _swap(new: Path, old: Path, aside: Path) -> None:
    if old.exists():
        old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        if aside.exists():
            aside.rename(old)
        raise


def _files(folder: Path) -> dict[str, Path]:
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _differences(api: str, old: Path, new: Path) -> Iterator[Difference]:
    have, want = _files(old), _files(new)
    for path in sorted(have.keys() | want.keys()):
        name = f"{new.name}/{path}"
        if path not in have:
            yield Difference(api, "missing", name)
        elif path not in want:
            yield Difference(api, "extra", name)
        elif have[path].read_bytes() != want[path].read_bytes():
            yield Difference(api, "different", name)
