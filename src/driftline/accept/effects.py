"""The effects of accepted edits: on the wire, in Python, and in client code."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.accept.callers import CallSite, find_broken_calls
from driftline.accept.plan import AcceptancePlan
from driftline.changes import (
    ReleaseEffects,
    ReleaseSide,
    compare_sides,
    load_change_rules,
    read_file,
    relativize,
)
from driftline.errors import Problem, SpecError
from driftline.files import reject_links
from driftline.generate import generate
from driftline.openapi import Spec, find, load
from driftline.openapi.lint.rules import lint
from driftline.project import Project
from driftline.transaction import open_stage


@attrs.frozen
class Effects:
    """Both comparisons, and the lines of client code that no longer type-check.

    `calls` is None where no code was read; `note` says why, if code was requested.
    """

    changes: ReleaseEffects
    calls: tuple[CallSite, ...] | None = None
    note: str = ""


@attrs.frozen
class StagedProject:
    """The project after the edits, in a temporary folder inside of the project."""

    project: Project
    specs: tuple[Spec, ...]
    folder: Path


@contextmanager
def stage_plan(project: Project, specs: Path, plan: AcceptancePlan) -> Generator[StagedProject]:
    """Write the changed specs and their clients to a temporary stage.

    Raises:
        SpecError: a spec would be invalid.
        GenerationError: a client cannot be generated.
    """
    with open_stage(project.root) as folder:
        staged = Project(folder)
        _copy_folder(specs, staged.specs)
        for path, content in plan.contents.items():
            reject_links(path)  # the target of a link is not part of the stage
            (staged.specs / path.relative_to(specs)).write_bytes(content.encode())
        staged_specs = tuple(load(path) for path in find(staged.specs, plan.apis))
        _reject_new_errors(specs, staged_specs)
        staged.generated.mkdir()
        generate(staged, staged_specs)
        yield StagedProject(staged, staged_specs, folder)


def _copy_folder(source: Path, target: Path) -> None:
    failures: list[OSError] = []

    def copy(old: str, new: str) -> None:
        try:
            shutil.copy2(old, new, follow_symlinks=False)
        except OSError as error:
            failures.append(error)
            raise

    try:
        shutil.copytree(source, target, symlinks=True, copy_function=copy)
    except shutil.Error:  # a list of texts without an errno
        raise failures[0] if failures else OSError(f"{source} could not be copied") from None


def _reject_new_errors(specs: Path, staged: Sequence[Spec]) -> None:
    """Raise `SpecError` if a spec has an error of lint that it did not have before."""
    for spec in staged:
        before = [load(path) for path in find(specs, [spec.name])]
        earlier_errors = {
            (p.id, p.location.pointer)
            for earlier_spec in before
            for p in _list_errors(earlier_spec)
        }
        new = [p for p in _list_errors(spec) if (p.id, p.location.pointer) not in earlier_errors]
        if new:
            raise SpecError(tuple(new))


def _list_errors(spec: Spec) -> list[Problem]:
    return [problem for problem in lint(spec) if problem.severity == "error"]


def measure_effects(
    project: Project, specs: Path, staged: StagedProject, callers: Sequence[Path] = ()
) -> Effects:
    """Compare the staged project with the current one."""

    def show(path: Path) -> Path:
        inside = path.is_relative_to(staged.project.specs)
        return relativize(specs / path.relative_to(staged.project.specs) if inside else path)

    names = [spec.name for spec in staged.specs]
    old = {
        name: read_file(path, name, relativize)
        for name, path in zip(names, find(specs, names), strict=True)
    }
    new = {spec.name: read_file(spec.path, spec.name, show) for spec in staged.specs}
    before = ReleaseSide("today", old, project.generated, relativize(project.generated).as_posix())
    after = ReleaseSide("accepted", new, staged.project.generated, "generated")
    changes = compare_sides(before, after, names, load_change_rules(project.root))
    if not callers:
        return Effects(changes)
    calls, note = find_broken_calls(project, staged.project.generated, callers)
    return Effects(changes, calls, note)
