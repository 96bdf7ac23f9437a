"""What driftline changes in other libraries is still there to be changed."""

from __future__ import annotations

import importlib

import pytest

from driftline.suite.fuzzing import schemathesis_tuning
from driftline.suite.fuzzing.schemathesis_tuning import MOST_CASES, tune


def test_every_changed_name_exists() -> None:
    """A new version that renames one of them would silently be slow again."""
    for module, name, replacement in schemathesis_tuning._CHANGES:
        owner = importlib.import_module(module)
        assert callable(getattr(owner, name))
        tune()
        assert getattr(owner, name) is replacement


def test_the_cases_of_a_huge_body_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making all of them takes longer than sending the few that are sent."""
    tune()
    generator = importlib.import_module("schemathesis.generation.drivers").CoverageGenerator
    monkeypatch.setattr(generator, "iterate_all", lambda _: iter(range(10 * MOST_CASES)))
    cases = list(generator.__new__(generator))
    assert cases == list(range(MOST_CASES))
