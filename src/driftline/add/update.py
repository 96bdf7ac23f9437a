"""Updates an API to a newer document, keeps its overlay, and reports the changes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from driftline.add.merge import MergeResult, merge_actions
from driftline.add.naming.names import is_name
from driftline.add.plan import Action
from driftline.add.proposals.propose import propose
from driftline.add.run import StagedApi, build_api, check_operations
from driftline.add.source.document import FetchedDocument, read_document, read_kept
from driftline.add.source.fetch import open_place
from driftline.add.source.web import WebReader
from driftline.add.staging import check_name, find_existing, stage_project
from driftline.add.text import OWN
from driftline.changes import (
    ComparedDocuments,
    DiffReport,
    Document as Compared,
    load_change_rules,
    report,
)
from driftline.errors import UsageError
from driftline.openapi import (
    apply_layers,
    apply_overlay,
    build_spec,
    is_overlay,
    read_base,
    read_files_below,
)
from driftline.openapi.read.reader import Source, read
from driftline.project import Project


@attrs.frozen
class StagedUpdate:
    """An updated API that is not in the project yet."""

    added: StagedApi
    changes: DiffReport
    actions: MergeResult
    idle: Sequence[Action]
    is_same_source: bool

    @property
    def is_same(self) -> bool:
        """Whether the update changes nothing, not even edits of the stored document."""
        has_new_actions = bool(self.actions.new or self.actions.needless)
        return self.is_same_source and not has_new_actions and not self.changes.changes


@contextmanager
def prepare_update(
    source: str | None,
    name: str,
    project: Project,
    specs: Path,
    *,
    is_own: bool = False,
    report_step: Callable[[str], None],
    reader: WebReader | None = None,
) -> Generator[StagedUpdate]:
    """Build the API with the current document of `source` or of its original source.

    Proposals count as confirmed if `is_own`, or if they did when the API was added.

    Raises:
        UsageError: the API does not exist, or was not added from a document.
        SpecError: the document cannot be read, or an action no longer applies.
        GenerationError: no client could be made.
    """
    path = _read_overlay(specs, name)
    overlay = read(path)
    origin = _read_origin(path, overlay)
    overlay_before = _ignore_edits(overlay)
    report_step("reading")
    with open_place(source or str(origin["from"]), reader=reader) as fetched:
        document = read_document(fetched)
    check_operations(document)
    report_step("trying proposals on the mock")
    was_own = bool(overlay.data.get(OWN))
    is_own |= was_own
    earlier_names = _read_names(overlay_before)
    propose_for = partial(propose, name=name, earlier_names=earlier_names, trial_results={})
    before = propose_for(read_kept(overlay_before, fetched.url), is_own=was_own)
    after = propose_for(document, is_own=is_own)
    merge = merge_actions(overlay, document, before.actions, after.actions, is_own=is_own)
    with stage_project(project, name) as stage:
        staged_api = build_api(stage, document, merge.text, report_step)
        dropped_proposals = after.dropped_proposals
        yield StagedUpdate(
            added=attrs.evolve(staged_api, dropped_proposals=dropped_proposals, is_own=is_own),
            changes=_compare_changes(overlay_before, stage.overlay),
            actions=merge,
            idle=_list_idle(stage.overlay, merge),
            is_same_source=_is_same(document, origin),
        )


def _read_origin(path: Path, overlay: Source) -> Any:
    """Return the original source of an overlay's document, and its SHA-256."""
    origin = overlay.data.get("x-source")
    if origin is None:
        hint = "Write x-source: {from: …, sha256: …} into the overlay, or add the API again."
        raise UsageError(f"{path.name}: no x-source, so the document cannot be fetched again", hint)
    return origin


def _ignore_edits(overlay: Source) -> Source:
    """Return the overlay without the digests of its document, so that it accepts an edited one.

    The edits are among the changes that the update reports, and end with it.
    """
    data = {key: value for key, value in overlay.data.items() if key != "x-source"}
    return attrs.evolve(overlay, data=data)


def _read_names(overlay: Source) -> dict[str, str]:
    """Return the current names of operations, which an update keeps."""
    source = _apply_actions(overlay)
    operations = build_spec(source, read_files_below(source.folder)).operations
    return {
        f"{operation.method} {operation.path_key}": operation.id
        for operation in operations
        if is_name(operation.id)
    }


def _is_same(document: FetchedDocument, origin: dict[str, str]) -> bool:
    return {**document.origin, "from": origin["from"]} == origin


def _read_overlay(specs: Path, name: str) -> Path:
    path = find_existing(specs, check_name(name))
    if path is None:
        raise UsageError(f"unknown API {name!r}", "Add the API first: leave out --update.")
    if not is_overlay(read(path)):
        message = f"{path.name} is a document, not an overlay"
        raise UsageError(message, "Edit the file, or add the document under another name.")
    return path


def _apply_actions(overlay: Source) -> Source:
    """Return the document of an overlay with its actions applied."""
    return apply_layers(overlay, read_files_below(overlay.path.parent))


def _compare_changes(overlay: Source, new: Path) -> DiffReport:
    """Return the changes of a newer document, with both documents at their final paths."""
    old = overlay.path

    def show(path: Path) -> Path:
        folder = next(
            (candidate for candidate in (new.parent, old.parent) if path.is_relative_to(candidate)),
            None,
        )
        return Path(old.parent.name) / path.relative_to(folder) if folder else path

    sources = _apply_actions(overlay), _apply_actions(read(new))
    sides = [Compared.build(source, old.stem, show=show) for source in sources]
    rules = load_change_rules(old.parent.parent)
    return report(ComparedDocuments((sides[0],), (sides[1],), "before", "now"), rules)


def _list_idle(path: Path, merge: MergeResult) -> list[Action]:
    """Return the hand-written actions that no longer match."""
    overlay = read(path)
    base = read_base(overlay, read_files_below(path.parent))
    actions = [merge.actions[index] for index in apply_overlay(base, overlay).idle]
    return [action for action in actions if action in merge.by_hand]
