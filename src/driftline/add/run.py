"""Brings an API in: fetch, read, normalise, propose, lint, generate, and only then keep it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import attrs

from driftline.add.configuration import Configuration
from driftline.add.document import Document, read_document
from driftline.add.fetch import fetch
from driftline.add.plan import LeftOut
from driftline.add.propose import Proposal, propose
from driftline.add.staging import Stage, check_name, find_existing, stage_project
from driftline.add.text import overlay_text
from driftline.add.web import WebReader
from driftline.errors import Problem, UsageError
from driftline.generate import generate
from driftline.project import Project
from driftline.spec import Spec, load
from driftline.spec.lint import lint
from driftline.transaction import recover

__all__ = ["Added", "adding", "made", "project_at"]

Tell = Callable[[str], None]


def _silent(step: str) -> None:
    """Nobody is told."""


@attrs.frozen
class Added:
    """An API that is made, and waits to be kept: what was done to it, and what is left to mend."""

    stage: Stage
    spec: Spec
    document: Document
    operations: int
    left_out: Sequence[LeftOut]
    problems: Sequence[Problem]


def project_at(specs: Path | None = None) -> tuple[Project, Path]:
    """The project that this folder is in, or else this folder; and where its specs are."""
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
def adding(
    place: str,
    name: str,
    project: Project,
    specs: Path,
    *,
    configuration: Configuration | None = None,
    tell: Tell = _silent,
    reader: WebReader | None = None,
) -> Generator[Added]:
    """An API as it would be; `keep` keeps it, and without that nothing is changed.

    Raises:
        UsageError: the name is no good or taken, or there is nothing at the place.
        SpecError: what is there is no document that can be read.
        GenerationError: no client could be made.
    """
    taken = find_existing(specs, check_name(name))
    if taken is not None:
        hint = "Bring it up to date with --update, or choose another name."
        raise UsageError(f"there is {taken.name} in {specs.name}/ already", hint)
    tell(f"reading {place.partition('?')[0]}" if "@" not in place else "reading")
    document = read_document(fetch(place, reader=reader))
    tell("normalising")
    proposal = propose(document.source, name, document.fetched.url, configuration)
    with stage_project(project, name) as stage:
        text = overlay_text(name, document, proposal.actions)
        yield made(stage, document, proposal, text, tell)


def made(stage: Stage, document: Document, proposal: Proposal, text: str, tell: Tell) -> Added:
    """Writes an API to the stage, and generates its client there."""
    stage.write(text, {stage.name + document.suffix: document.fetched.content})
    spec = load(stage.overlay)
    problems = lint(spec)
    if spec.operations:
        tell("generating")
        generate(stage.project, [spec])
    return Added(
        stage=stage,
        spec=spec,
        document=document,
        operations=proposal.operations,
        left_out=proposal.left_out,
        problems=tuple(problems),
    )
