"""Releases a project: its next version, and what the changelog says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import attrs

from driftline.changes.release.base import Base, released_last
from driftline.changes.release.bump import Bump, Part, bump, later
from driftline.changes.release.changelog import released, versions
from driftline.changes.release.effects import Effects, effects
from driftline.changes.release.outcome import File, Outcome
from driftline.changes.release.side import Side, relative
from driftline.changes.release.version import Kept, kept
from driftline.changes.wire.source.read import read_file
from driftline.errors import UsageError
from driftline.generate import compare
from driftline.openapi import Spec
from driftline.openapi.model import client_package
from driftline.project import Project

__all__ = ["CHANGELOG", "Release", "changed_since", "release"]

CHANGELOG: Final = "CHANGELOG.md"


@attrs.frozen
class Release:
    """What has changed since `since`, and the files that say so, with their new text."""

    since: str
    outcome: Outcome
    texts: Mapping[Path, str]


def release(
    project: Project,
    specs: Sequence[Spec],
    *,
    since: str | None = None,
    least: Part | None = None,
    day: str = "",
) -> Release:
    """What is to be written; nothing is. Without a change, and `least`, that is nothing.

    Raises:
        UsageError: a client is not what its spec gives, or there is nothing to compare with.
        FileError: pyproject.toml cannot be used.
    """
    _fresh(project, specs)
    now = kept(project.root)
    with released_last(project, since) as base:
        names = _names(base, specs)
        told = effects(base.side, _today(project, specs), names)
        changed = _other(base.side.clients, project.generated)
    apis = {change.api for report in (told.wire, told.python) for change in report.changes}
    apis |= {name for name in names if client_package(name) in changed}
    outcome = Outcome(
        wire=told.wire,
        python=told.python,
        apis=tuple(name for name in names if name in apis),
        unknown=told.unknown,
    )
    if not apis and least is None:
        return Release(base.name, outcome, {})
    step = _bump(now, base, outcome, _text(project.root / CHANGELOG), least or "patch")
    texts = _texts(project, now, step, outcome, day or date.today().isoformat())
    files = tuple(
        File("changed" if file.is_file() else "added", relative(file).as_posix()) for file in texts
    )
    return Release(base.name, attrs.evolve(outcome, bump=step, files=files), texts)


def changed_since(project: Project, specs: Sequence[Spec], since: str) -> Effects:
    """What the specs and clients of today change against those of `since`.

    Raises:
        UsageError: a client is not what its spec gives, or there is nothing of that name.
    """
    _fresh(project, specs)
    with released_last(project, since) as base:
        return effects(base.side, _today(project, specs), _names(base, specs))


def _names(base: Base, specs: Sequence[Spec]) -> list[str]:
    return list(dict.fromkeys((*base.side.documents, *(spec.name for spec in specs))))


def _fresh(project: Project, specs: Sequence[Spec]) -> None:
    stale = list(dict.fromkeys(each.api for each in compare(project, specs)))
    if stale:
        what = f"generated/ is not what the specs give: {', '.join(stale)}"
        raise UsageError(what, f"Run: driftline generate {' '.join(stale)}")


def _today(project: Project, specs: Sequence[Spec]) -> Side:
    documents = {spec.name: read_file(spec.path, spec.name, relative) for spec in specs}
    shown = relative(project.generated).as_posix()
    return Side(relative(project.specs).as_posix(), documents, project.generated, shown)


def _other(old: Path, new: Path) -> set[str]:
    """The packages of which a file is another, or came or went."""
    sides = [
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        for folder in (old, new)
    ]
    paths = sides[0].keys() | sides[1].keys()
    return {path.parts[0] for path in paths if sides[0].get(path) != sides[1].get(path)}


def _bump(now: Kept, base: Base, outcome: Outcome, text: str, least: Part) -> Bump:
    """From what was released last; a later version that is kept already stays."""
    old = base.version or _version_in(base.name) or next(iter(versions(text)), "0.0.0")
    step = bump((change.severity for change in outcome.changes), old, least)
    if now.version and later(now.version, step.new):
        step = Bump(step.part, old, now.version, f"{step.why}; {now.version} is there already")
    return step


def _texts(project: Project, now: Kept, step: Bump, outcome: Outcome, day: str) -> dict[Path, str]:
    """What is another text now."""
    path = project.root / CHANGELOG
    text = _text(path)
    pending = now.version if now.version != step.old else ""
    texts = now.with_version(step.new)
    texts[path] = released(text, outcome.entry, step.new, day, pending)
    return {file: new for file, new in texts.items() if _text(file) != new}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8") if file.is_file() else ""
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8", "Mend it.") from None


def _version_in(name: str) -> str:
    """`v1.4.0` is a tag of 1.4.0."""
    found = re.search(r"\d+(\.\d+)+\S*$", name)
    return found[0] if found else ""
