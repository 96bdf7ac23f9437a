"""Prepares a release: its version and changelog entry."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

import attrs

from driftline.changes.release.base import Base, open_base
from driftline.changes.release.changelog import insert_release, list_versions
from driftline.changes.release.effects import ReleaseEffects, compare_sides
from driftline.changes.release.outcome import File, Outcome, ReleaseSide, relativize
from driftline.changes.release.version import (
    FILE,
    Bump,
    Part,
    VersionFiles,
    bump,
    is_later,
    read_version,
)
from driftline.changes.wire.change_rules import load_change_rules
from driftline.changes.wire.source.sources import build_document
from driftline.errors import UsageError
from driftline.generate import PROJECT_FILES, compare
from driftline.openapi import Spec, name_client_package
from driftline.project import Project

CHANGELOG: Final = "CHANGELOG.md"


@attrs.frozen
class Release:
    """The changes since `since`, and the files to write."""

    since: str
    outcome: Outcome
    contents: Mapping[Path, str]


def release(
    project: Project,
    specs: Sequence[Spec],
    *,
    api: str = "",
    since: str | None = None,
    minimum: Part | None = None,
    day: str = "",
) -> Release:
    """Return the next release; write nothing. Without a change, and `minimum`, it is empty.

    With `api`, the client of that API is released, with the version and the changelog in its own
    folder, and tags such as `shop-client-v1.2.0`; without, the project is.

    Raises:
        UsageError: a client is out of date, or an earlier release to compare with is missing.
        FileError: pyproject.toml cannot be used.
    """
    _require_fresh(project, specs)
    home = _find_home(project, api)
    now = read_version(project.root / home)
    prefix = f"{api}-client-" if api else ""
    with open_base(project, since, home, prefix) as base:
        names = [api] if api else _list_apis(base, specs)
        rules = load_change_rules(project.root)
        effects = compare_sides(base.side, _build_current_side(project, specs), names, rules)
        changed_packages = _list_changed_packages(base.side.clients, project.generated)
    apis = {change.api for report in (effects.wire, effects.python) for change in report.changes}
    apis |= {name for name in names if name_client_package(name) in changed_packages}
    outcome = Outcome(
        wire=effects.wire,
        python=effects.python,
        apis=tuple(name for name in names if name in apis),
        unknown=effects.unknown,
    )
    if not apis and minimum is None:
        return Release(base.name, outcome, {})
    folder, day = project.root / home, day or date.today().isoformat()
    step = _bump(now, base, outcome, _read_text(folder / CHANGELOG), minimum or "patch")
    contents = _build_texts(folder, now, step, outcome, day)
    files = tuple(
        File("changed" if file.is_file() else "added", relativize(file).as_posix())
        for file in contents
    )
    return Release(base.name, attrs.evolve(outcome, bump=step, files=files), contents)


def compare_with_base(project: Project, specs: Sequence[Spec], since: str) -> ReleaseEffects:
    """Return the changes to the current specs and clients since `since`.

    Raises:
        UsageError: a client is out of date, or `since` does not exist.
    """
    _require_fresh(project, specs)
    with open_base(project, since, PurePosixPath()) as base:
        current, rules = _build_current_side(project, specs), load_change_rules(project.root)
        return compare_sides(base.side, current, _list_apis(base, specs), rules)


def _find_home(project: Project, api: str) -> PurePosixPath:
    """Return the folder of pyproject.toml and changelog, relative to the project.

    Raises:
        UsageError: the client is not a distribution.
    """
    if not api:
        return PurePosixPath()
    home = PurePosixPath("generated", name_client_package(api))
    if not (project.root / home / FILE).is_file():
        raise UsageError(f"no {FILE} in {home}", f"Run: driftline generate {api} --package")
    return home


def _list_apis(base: Base, specs: Sequence[Spec]) -> list[str]:
    return list(dict.fromkeys((*base.side.documents, *(spec.name for spec in specs))))


def _require_fresh(project: Project, specs: Sequence[Spec]) -> None:
    stale = list(dict.fromkeys(difference.api for difference in compare(project, specs)))
    if stale:
        message = f"generated/ is out of date: {', '.join(stale)}"
        raise UsageError(message, f"Run: driftline generate {' '.join(stale)}")


def _build_current_side(project: Project, specs: Sequence[Spec]) -> ReleaseSide:
    documents = {spec.name: build_document(spec, relativize) for spec in specs}
    display_path = relativize(project.generated).as_posix()
    return ReleaseSide(
        relativize(project.specs).as_posix(), documents, project.generated, display_path
    )


def _list_changed_packages(old: Path, new: Path) -> set[str]:
    """Return the packages with changed, added or removed files."""
    sides = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in PROJECT_FILES and "__pycache__" not in path.parts
        }
        for folder in (old, new)
    ]
    paths = sides[0].keys() | sides[1].keys()
    return {path.parts[0] for path in paths if sides[0].get(path) != sides[1].get(path)}


def _bump(now: VersionFiles, base: Base, outcome: Outcome, changelog: str, minimum: Part) -> Bump:
    """Return the bump from the last release; a later version in the project is kept."""
    old = base.version or _parse_tag(base.name) or next(iter(list_versions(changelog)), "0.0.0")
    step = bump((change.severity for change in outcome.changes), old, minimum)
    if now.version and is_later(now.version, step.new):
        step = Bump(step.part, old, now.version, f"{step.why}; {now.version} is already set")
    return step


def _build_texts(
    home: Path, now: VersionFiles, step: Bump, outcome: Outcome, day: str
) -> dict[Path, str]:
    """Return the files that change, with their new text."""
    path = home / CHANGELOG
    changelog = _read_text(path)
    pending = now.version if now.version != step.old else ""
    contents = now.replace_version(step.new)
    contents[path] = insert_release(changelog, outcome.entry, step.new, day, pending)
    return {file: new for file, new in contents.items() if _read_text(file) != new}


def _read_text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else ""
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8", "Save the file as UTF-8.") from None


def _parse_tag(name: str) -> str:
    """Return the version of a tag such as `v1.4.0`."""
    match = re.search(r"\d+(\.\d+)+\S*$", name)
    return match[0] if match else ""
