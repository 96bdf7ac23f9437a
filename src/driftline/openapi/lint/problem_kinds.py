"""The ids of problems and their meanings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import attrs


@attrs.frozen
class ProblemKind:
    """An id of problems: `summary` is one line without a full stop, the others are sentences."""

    id: str
    summary: str
    meaning: str
    hint: str


@cache
def load_problem_kinds() -> Mapping[str, ProblemKind]:
    """Return all ids of problems, in alphabetical order."""
    text = files("driftline.openapi.lint").joinpath("problem_kinds.toml").read_text("utf-8")
    return {name: ProblemKind(name, **entry) for name, entry in tomllib.loads(text).items()}
