"""Writes the clients of a project, each tree completely or not at all, and compares them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import attrs

from driftline.errors import GenerationError, Problem
from driftline.generate.packaging import keep_project_files, write_project_file
from driftline.generate.render import render
from driftline.openapi import Spec
from driftline.project import Project
from driftline.transaction import Move, commit, open_scratch, open_stage

Changed = Callable[[Sequence[Spec], Path], object]


@attrs.frozen
class Difference:
    """A file of generated/ that is out of date; `path` is relative to generated/."""

    api: str
    kind: Literal["missing", "extra", "different"]
    path: str


def name_package(spec: Spec) -> str:
    """Return the package of an API's client: `pet_store_client` for `pet-store`.

    Raises:
        GenerationError: the name of the spec's file is not valid for a package.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", spec.name):
        message = f"{spec.path.name} is not a valid name for a package"
        raise GenerationError(
            spec.name, message, "Use lowercase letters, digits and single hyphens."
        )
    return spec.client_package


def generate(
    project: Project,
    specs: Sequence[Spec],
    on_change: Changed | None = None,
    problems: list[Problem] | None = None,
    *,
    package: bool = False,
) -> list[Difference]:
    """Bring generated/ up to date and report what changed. A failure leaves every tree unchanged.

    `on_change` is called before anything is written, with the specs whose client changes and the
    folder with the new clients. `problems` receives the types that are wider than the specs. With
    `package`, each client gets a pyproject.toml if it has none.

    Raises:
        GenerationError: a client could not be generated.
        UsageError: generated/ is a symbolic link.
    """
    with open_stage(project.root) as stage:
        _render(project, specs, stage, problems)
        if package:
            for spec in specs:
                write_project_file(spec, stage / name_package(spec))
        changes = list(_compare(project, specs, stage))
        names = {difference.api for difference in changes}
        stale = [spec for spec in specs if spec.name in names]
        if stale and on_change is not None:
            on_change(stale, stage)
        packages = [name_package(spec) for spec in stale]
        target = project.generated.relative_to(project.root)
        commit(stage, [Move(name, (target / name).as_posix()) for name in packages])
    return changes


def compare(project: Project, specs: Sequence[Spec]) -> list[Difference]:
    """Return the differences that `generate` would resolve: missing, extra and changed files."""
    with open_scratch() as folder:
        _render(project, specs, folder, None)
        return list(_compare(project, specs, folder))


def _render(
    project: Project, specs: Sequence[Spec], folder: Path, problems: list[Problem] | None
) -> None:
    """Write the clients of `specs`, each with the project's own files, to a folder."""
    for spec in specs:
        name = name_package(spec)
        widened = render(spec, folder / name)
        keep_project_files(project.generated / name, folder / name)
        if problems is not None:
            problems += widened


def _compare(project: Project, specs: Sequence[Spec], fresh: Path) -> Iterator[Difference]:
    for spec in specs:
        name = name_package(spec)
        yield from _find_differences(spec.name, project.generated / name, fresh / name)


def _list_files(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their path there, without what Python compiles."""
    files: dict[str, Path] = {}
    pending = [("", folder)] if folder.is_dir() else []
    while pending:
        prefix, inner = pending.pop()
        with os.scandir(inner) as entries:  # a client of 1,000 operations has 1,700 files
            for entry in entries:
                path = Path(entry.path)
                if entry.is_file():
                    files[prefix + entry.name] = path
                elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                    pending.append((f"{prefix}{entry.name}/", path))
    return files


def _find_differences(api: str, old: Path, new: Path) -> Iterator[Difference]:
    have, want = _list_files(old), _list_files(new)
    for path in sorted(have.keys() | want.keys()):
        name = f"{new.name}/{path}"
        if path not in have:
            yield Difference(api, "missing", name)
        elif path not in want:
            yield Difference(api, "extra", name)
        elif have[path].read_bytes() != want[path].read_bytes():
            yield Difference(api, "different", name)
