"""What the commands share: the APIs they are about, and where these are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from driftline.openapi import Spec, find, load
from driftline.project import Project
from driftline.transaction import recover

__all__ = ["add_apis_argument", "add_specs_option", "load_specs", "place"]


def add_apis_argument(command: Callable[..., Any]) -> Callable[..., Any]:
    """The argument `[API …]`, as `names`."""
    return click.argument("names", metavar="[API]...", nargs=-1)(command)


def add_specs_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option `--specs DIR`, as `specs`."""
    return click.option(
        "--specs",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Where the specs are, if not in specs/ of this project.",
    )(command)


def place(specs: Path | None) -> Project:
    """Return the project that this folder is in, or the one that `specs` belongs to.

    What a killed `driftline add` began there is finished first.
    """
    project = Project.find() if specs is None else Project(specs.resolve().parent)
    recover(project.root)
    return project


def load_specs(project: Project, specs: Path | None, names: Sequence[str]) -> list[Spec]:
    """The specs of the APIs `names`, or all."""
    folder = project.specs if specs is None else specs.resolve()
    return [load(path) for path in find(folder, names)]
