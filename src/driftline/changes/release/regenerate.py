"""Regenerates clients, and reports what that changes for client code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import attrs

from driftline.changes.release.outcome import File, Outcome, ReleaseSide, relativize
from driftline.changes.release.version import bump, read_version
from driftline.changes.wire import Document
from driftline.changes.wire.change_rules import load_change_rules
from driftline.changes.wire.report import DiffReport
from driftline.changes.wire.source.git import Repository
from driftline.changes.wire.source.sources import build_document, read_committed, read_file
from driftline.errors import DriftlineError, Problem
from driftline.generate import Difference, generate
from driftline.openapi import CLIENT_DOCUMENT, Spec
from driftline.project import Project

Done = Literal["added", "removed", "changed"]
_DONE: Final[dict[str, Done]] = {"missing": "added", "extra": "removed", "different": "changed"}


def regenerate(
    project: Project,
    specs: Sequence[Spec],
    problems: list[Problem] | None = None,
    *,
    package: bool = False,
) -> Outcome:
    """Regenerate generated/, and compare it with the clients that it replaces.

    `problems` receives the types that are wider than in the specs. With `package`, each
    client gets a pyproject.toml, if it has none.

    Raises:
        GenerationError: a client could not be generated; every tree is as it was.
    """
    empty_report = DiffReport(old="", new="", apis=(), changes=())
    effects = [Outcome(wire=empty_report, python=empty_report, apis=())]

    def note_effects(stale: Sequence[Spec], fresh: Path) -> None:
        effects.append(_compare_effects(project, stale, fresh))

    differences = generate(project, specs, note_effects, problems, package=package)
    return attrs.evolve(effects[-1], files=tuple(map(_describe_file, differences)))


def _describe_file(difference: Difference) -> File:
    return File(_DONE[difference.kind], f"generated/{difference.path}")


def _compare_effects(project: Project, specs: Sequence[Spec], fresh: Path) -> Outcome:
    from driftline.changes.release.effects import compare_sides  # noqa: PLC0415 - not if there is nothing to do

    names = [spec.name for spec in specs]
    rules = load_change_rules(project.root)
    effects = compare_sides(*_build_sides(project, specs, fresh), names, rules)
    outcome = Outcome(
        wire=effects.wire, python=effects.python, apis=tuple(names), unknown=effects.unknown
    )
    try:
        version = read_version(project.root).version
        step = bump((change.severity for change in outcome.changes), version) if version else None
    except DriftlineError as error:  # the clients are made all the same
        return attrs.evolve(outcome, unknown=(*outcome.unknown, f"the next version: {error}"))
    return attrs.evolve(outcome, bump=step)


def _build_sides(
    project: Project, specs: Sequence[Spec], fresh: Path
) -> tuple[ReleaseSide, ReleaseSide]:
    """Return the current clients of generated/, and the new ones in `fresh`."""
    before = project.generated
    repository = Repository.find(project.root)
    old: dict[str, Document] = {}
    unavailable: dict[str, str] = {}
    for spec in specs:
        if not (before / spec.client_package).is_dir():
            continue
        document = _find_earlier(spec, before / spec.client_package / CLIENT_DOCUMENT, repository)
        if document is None:
            unavailable[spec.name] = "the previous document of its client is unknown"
        else:
            old[spec.name] = document
    new = {spec.name: build_document(spec, relativize) for spec in specs}
    folder = relativize(project.specs).as_posix()
    committed = bool(old) and all(
        str(old_document.path).startswith("HEAD:") for old_document in old.values()
    )
    display_path = relativize(project.generated).as_posix()
    return (
        ReleaseSide(
            f"HEAD:{folder}" if committed else "before", old, before, "before", unavailable
        ),
        ReleaseSide(folder, new, fresh, display_path),
    )


def _find_earlier(spec: Spec, record: Path, repository: Repository | None) -> Document | None:
    """Return the document that the client was generated from.

    It is the last committed spec, if that matches, because a spec has better lines.
    """
    committed = _read_committed(spec, repository)
    display_path = Path("before", spec.client_package, CLIENT_DOCUMENT)
    try:
        recorded_document = (
            read_file(record, spec.name, lambda _: display_path) if record.is_file() else None
        )
    except DriftlineError:
        recorded_document = None
    if recorded_document is None or (
        committed is not None and committed.data == recorded_document.data
    ):
        return committed
    return recorded_document


def _read_committed(spec: Spec, repository: Repository | None) -> Document | None:
    inner = repository.relativize(spec.path) if repository else None
    if repository is None or inner is None:
        return None
    try:
        return read_committed(repository, "HEAD", inner, spec.name)
    except DriftlineError:
        return None
