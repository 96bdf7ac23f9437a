"""Takes a newer document in: the overlay stays, and what changes for callers is told."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.add.document import Document, read_document
from driftline.add.fetch import fetch
from driftline.add.merge import Merged, merged
from driftline.add.plan import Action
from driftline.add.propose import propose
from driftline.add.run import Added, made
from driftline.add.staging import check_name, find_existing, stage_project
from driftline.add.web import WebReader
from driftline.diff.document import Document as Compared
from driftline.diff.report import Report, report
from driftline.diff.sources import Both
from driftline.errors import UsageError
from driftline.project import Project
from driftline.spec.overlay import applied, base_of, is_overlay, read_layered
from driftline.spec.reader import Source, parse, read

__all__ = ["Updated", "updating"]


@attrs.frozen
class Updated:
    """An API that is made anew, and waits to be kept."""

    added: Added
    changes: Report
    actions: Merged
    idle: Sequence[Action]
    is_same: bool


@contextmanager
def updating(
    place: str | None,
    name: str,
    project: Project,
    specs: Path,
    *,
    tell: Callable[[str], None],
    reader: WebReader | None = None,
) -> Generator[Updated]:
    """The API with the document of today, from where it came from or from `place`.

    Raises:
        UsageError: there is no such API, or it was not added from a document.
        SpecError: the document cannot be read, or an action can no longer be done.
        GenerationError: no client could be made.
    """
    path = _overlay(specs, name)
    overlay = read(path)
    old = base_of(overlay, lambda inner: (path.parent / inner).read_bytes())
    known = overlay.data.get("x-source")
    if known is None:
        remedy = "Write x-source: {from: …, sha256: …} into it, or add it anew."
        raise UsageError(f"{path.name} does not say where its document is from", remedy)
    tell("reading")
    document = read_document(fetch(place or str(known["from"]), reader=reader))
    tell("normalising")
    url = document.fetched.url
    before = propose(old, name, url).actions
    proposal = propose(document.source, name, url)
    text = path.read_text(encoding="utf-8")
    both = merged(overlay, text, document, before, proposal.actions)
    with stage_project(project, name) as stage:
        added = made(stage, document, proposal, both.text, tell)
        yield Updated(
            added=added,
            changes=_changes(path, stage.overlay),
            actions=both,
            idle=_idle(stage.overlay, document, both),
            is_same=document.sha256 == known["sha256"] and not both.new and not both.needless,
        )


def _overlay(specs: Path, name: str) -> Path:
    path = find_existing(specs, check_name(name))
    if path is None:
        raise UsageError(f"there is no API named {name!r}", "Add it, without --update.")
    if not is_overlay(read(path)):
        what = f"{path.name} is written by hand, and extends no document"
        raise UsageError(what, "Edit it, or add the document by another name.")
    return path


def _changes(old: Path, new: Path) -> Report:
    sides = [Compared.of(read_layered(path), old.stem) for path in (old, new)]
    return report(Both((sides[0],), (sides[1],), "before", "now"), "breaking")


def _idle(path: Path, document: Document, both: Merged) -> list[Action]:
    """What was done by hand and finds nothing any more."""
    text = document.fetched.content.decode("utf-8").removeprefix("\ufeff")
    base: Source = parse(path.with_suffix(document.suffix), text)
    found = applied(base, read(path)).idle
    actions = [both.actions[index] for index in found]
    return [action for action in actions if action in both.by_hand]
