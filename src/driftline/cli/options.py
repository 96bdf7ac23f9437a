"""Arguments and options that several commands share, and how they find the project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from driftline.openapi import Spec, find, load
from driftline.project import Project
from driftline.transaction import recover

Decorator = Callable[..., Any]


def add_apis_argument(command: Decorator) -> Decorator:
    """Add the argument `[API …]`, as `names`."""
    return click.argument("names", metavar="[API]...", nargs=-1)(command)


def add_specs_option(command: Decorator) -> Decorator:
    """Add the option `--specs DIR`, as `specs`."""
    return click.option(
        "--specs",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Directory of the specs. [default: specs/ of the project]",
    )(command)


def add_seed_option(command: Decorator) -> Decorator:
    """Add the option `--seed N`, as `seed`."""
    return click.option(
        "--seed",
        metavar="N",
        type=int,
        default=0,
        show_default=True,
        help="Seed for mock data and generated requests.",
    )(command)


def add_shard_option(command: Decorator) -> Decorator:
    """Add the option `--shard I/N`, as `shard`."""
    return click.option(
        "--shard",
        metavar="I/N",
        default="1/1",
        show_default=True,
        help="Run only shard I of N.",
    )(command)


def add_not_covered_option(command: Decorator) -> Decorator:
    """Add the option `--not-covered`, as `not_covered`."""
    return click.option(
        "--not-covered",
        is_flag=True,
        help="List every clause of the specs that was not covered.",
    )(command)


def add_live_limits(command: Decorator) -> Decorator:
    """Add `--max-requests N` and `--rate N`, which limit what is sent to a live server."""
    limit = click.option(
        "--max-requests",
        metavar="N",
        type=click.IntRange(1),
        help="Maximum number of requests to each live server. [default: 2000]",
    )
    rate = click.option(
        "--rate",
        metavar="N",
        type=click.IntRange(1),
        help="Maximum requests per second to a live server. [default: 10]",
    )
    return limit(rate(command))


def find_project(specs: Path | None) -> Project:
    """Return the project of the current directory, or the project that `specs` belongs to.

    A transaction of `driftline add` that was interrupted there is completed first.
    """
    project = Project.find() if specs is None else Project(specs.resolve().parent)
    recover(project.root)
    return project


def load_specs(project: Project, specs: Path | None, names: Sequence[str]) -> list[Spec]:
    """Return the specs of the APIs `names`, or all specs if there are no names."""
    folder = project.specs if specs is None else specs.resolve()
    return [load(path) for path in find(folder, names)]
