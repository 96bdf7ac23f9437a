"""Adds an API: fetches and reads its document, proposes an overlay, generates and lints."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.add.proposals.dropped import DroppedProposal
from driftline.add.proposals.propose import propose
from driftline.add.source.document import FetchedDocument, read_document
from driftline.add.source.fetch import open_place
from driftline.add.source.web import WebReader
from driftline.add.staging import Stage, check_name, find_existing, stage_project
from driftline.add.text import format_overlay
from driftline.errors import Problem, SpecError, UsageError
from driftline.generate import name_package
from driftline.generate.render import render
from driftline.markup import format_count
from driftline.openapi import Spec, load
from driftline.openapi.lint.rules import lint
from driftline.project import Project
from driftline.transaction import recover

Tell = Callable[[str], None]


def _ignore_step(step: str) -> None:
    """Discard the progress."""


class EmptyDocument(Exception):
    """A document without operations, from which no client can be generated."""


@attrs.frozen
class StagedApi:
    """A generated API that is not in the project yet, with its problems."""

    stage: Stage
    spec: Spec
    document: FetchedDocument
    problems: Sequence[Problem]
    """The problems that lint finds."""
    widened_types: Sequence[Problem]
    """Types of the client that are wider than those of the document."""
    dropped_proposals: Sequence[DroppedProposal] = ()
    """Proposals that the document's own mock does not pass with."""
    is_own: bool = False
    """Whether proposals are taken as meant."""


def find_project(specs: Path | None = None) -> tuple[Project, Path]:
    """Return the project of the current folder, or the folder itself, and its folder of specs.

    The file moves of a killed run are completed first.
    """
    if specs is not None:
        specs = specs.resolve()
        recover(specs.parent)
        return Project(specs.parent), specs
    try:
        project = Project.find()
    except UsageError:
        project = Project(Path.cwd())
    recover(project.root)
    return project, project.specs


@contextmanager
def prepare_api(
    source: str,
    name: str,
    project: Project,
    specs: Path,
    *,
    is_own: bool = False,
    report_step: Tell = _ignore_step,
    reader: WebReader | None = None,
) -> Generator[StagedApi]:
    """Build an API in a stage; nothing in the project changes until `stage.move`.

    For an API that `is_own`, proposals count as confirmed, and are not marked as assumed.

    Raises:
        UsageError: the name is invalid or taken, or the source does not exist.
        SpecError: the source is not a readable document.
        EmptyDocument: the document has no operations.
        GenerationError: the client could not be generated.
    """
    existing_path = find_existing(specs, check_name(name))
    if existing_path is not None:
        hint = "Update it with --update, or choose another name."
        raise UsageError(f"{specs.name}/{existing_path.name} already exists", hint)
    report_step("reading")
    with open_place(source, reader=reader) as fetched:
        document = read_document(fetched)
    check_operations(document)
    report_step("trying proposals on the mock")
    proposals = propose(document, name, is_own=is_own)
    overlay = format_overlay(name, document, proposals.actions, is_own=is_own)
    with stage_project(project, name) as stage:
        staged_api = build_api(stage, document, overlay, report_step)
        yield attrs.evolve(staged_api, dropped_proposals=proposals.dropped_proposals, is_own=is_own)


def check_operations(document: FetchedDocument) -> None:
    """Raise `EmptyDocument` for a document without operations, with the reason."""
    if document.spec.operations:
        return
    data = document.source.data
    reason = "its paths have no operations" if data.get("paths") else "it has no paths"
    if data.get("webhooks"):
        reason += "; webhooks are requests from the API to you"
    raise EmptyDocument(f"no operations in {document.fetched.origin}: {reason}")


def build_api(
    stage: Stage, document: FetchedDocument, overlay: str, report_step: Tell
) -> StagedApi:
    """Write an API to the stage, and generate its client there."""
    stage.write(overlay, document.list_files(stage.name))
    try:
        spec = load(stage.overlay)
    except SpecError as error:
        raise SpecError(_relocate_problems(stage, error.problems)) from None
    report_step(f"generating a client for {format_count(len(spec.operations), 'operation')}")
    stage.project.generated.mkdir()
    widened = render(spec, stage.project.generated / name_package(spec))
    return StagedApi(stage, spec, document, _relocate_problems(stage, lint(spec)), widened)


def _relocate_problems(stage: Stage, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return the problems with the final paths of their files, instead of those in the stage."""
    return tuple(problem.relative_to(stage.project.root) for problem in problems)
