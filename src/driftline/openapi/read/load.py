"""Finds and loads specs: one file, or a folder of files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from driftline.errors import Problem, UsageError
from driftline.files import read_below
from driftline.openapi.build import build
from driftline.openapi.lint.extensions import lint_effect, lint_lifecycle, lint_listing
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import split
from driftline.openapi.read.bundle import ReadFile
from driftline.openapi.read.overlay import read_layered
from driftline.openapi.read.reader import Source
from driftline.openapi.read.upgrade.document import read_document
from driftline.openapi.schema.walk import find_schema_at

SUFFIXES = (".yaml", ".yml", ".json")


def load(path: Path) -> Spec:
    """Load the spec in the file at `path`, which may be an overlay of another file.

    The spec has every operation of the document. Mistakes in the document are read leniently, and
    are among the spec's problems.

    Raises:
        SpecError: the file cannot be read, or is not an OpenAPI or Swagger document.
    """
    source = read_layered(path)
    return build_spec(source, read_files_below(source.folder))


def build_spec(source: Source, read_file: ReadFile | None = None) -> Spec:
    """Build the spec of a document of any version, and change its data in place.

    `read_file` reads other files by their path relative to the document's folder.

    Raises:
        SpecError: the document is not OpenAPI or Swagger.
    """
    return drop_unusable_extensions(build(read_document(source, read_file)))


def read_files_below(folder: Path) -> ReadFile:
    """Return a function that reads files below a folder, and no others."""
    return partial(read_below, folder)


def find(folder: Path, names: Sequence[str] = ()) -> list[Path]:
    """Return the spec files of `folder`, sorted.

    If `names` is not empty, only those of these APIs.

    Raises:
        UsageError: the folder, a spec in it, or an API of one of the names does not exist.
    """
    if not folder.is_dir():
        hint = "Run driftline in a project, or pass --specs DIR."
        raise UsageError(f"no such directory: {folder}", hint)
    paths = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}
    if not paths:
        raise UsageError(f"no specs in {folder}", "Add one with: driftline add SOURCE --name API")
    for name in names:
        if name not in paths:
            choices = ", ".join(paths)
            raise UsageError(f"unknown API {name!r}", f"Choose one of: {choices}.")
    return [path for stem, path in paths.items() if not names or stem in names]


def drop_unusable_extensions(spec: Spec) -> Spec:
    """Return a spec without listings that have no rows, and without references to them.

    Their lint messages become problems of the spec. A lifecycle with missing fields is removed from
    the document.
    """
    problems = list(_drop_lifecycles(spec))
    operations: list[Operation] = []
    for operation in spec.operations:
        if operation.listing is None or _has_rows(spec, operation):
            operations.append(operation)
        else:
            problems += lint_listing(spec, operation)
            operations.append(attrs.evolve(operation, listing=None))
    spec = attrs.evolve(spec, operations=tuple(operations))
    listings = {op.id for op in operations if op.listing is not None}
    for index, operation in enumerate(operations):
        effect = operation.effect
        if effect is not None and effect.of and effect.of not in listings:
            problems += lint_effect(spec, operation)
            operations[index] = attrs.evolve(operation, effect=None)
    problems = [*dict.fromkeys((*spec.problems, *problems))]
    return attrs.evolve(spec, operations=tuple(operations), problems=tuple(problems))


def _has_rows(spec: Spec, operation: Operation) -> bool:
    success, listing = operation.success, operation.listing
    body = success.json.schema_pointer if success and success.json else ""
    return bool(body and listing and find_schema_at(spec, body, listing.items + "/0"))


def _drop_lifecycles(spec: Spec) -> Iterator[Problem]:
    problems = list(lint_lifecycle(spec))
    schemas: Any = spec.get_node("/components/schemas")
    for name in {split(problem.location.pointer)[2] for problem in problems}:
        del schemas[name]["x-lifecycle"]
    yield from problems
