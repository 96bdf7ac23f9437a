"""The tests of a contract suite: what each is about, and what the check that it makes is called.

Apart from the plugin, which pytest has to be the first to import.
"""

from __future__ import annotations

from typing import Any

import pytest

from driftline.checks import SUBSETS
from driftline.suite.run_state import Subject
from driftline.suite.runner import Plan

HARNESS = "driftline_run"
"""The attribute of another plugin that holds the run, if the options are not to make it."""
PLANNED = "planned"
"""The fixture by which a test stands for every registered check of every operation."""


def is_registered(item: pytest.Item) -> bool:
    """Return whether a test stands for registered checks, and is not one of the project's own."""
    return PLANNED in getattr(item, "fixturenames", ())


def find_check_name(item: pytest.Item) -> str:
    """Return what the check that a test makes is called."""
    planned = _get_parameters(item).get(PLANNED)
    if isinstance(planned, Plan):
        return planned.check.name
    return item.name.partition("[")[0].removeprefix("test_").replace("_", " ")


def find_subject(item: pytest.Item) -> Subject | None:
    """Return the operation that a test is about; None if it is to be skipped."""
    # Where no operation belongs to a test, pytest makes one of it with a placeholder, to skip it.
    parameters = _get_parameters(item)
    planned = parameters.get(PLANNED)
    if isinstance(planned, Plan):
        return planned.subject
    return next(
        (parameters[n] for n in SUBSETS if isinstance(parameters.get(n), Subject)),
        None,
    )


def _get_parameters(item: pytest.Item) -> dict[str, Any]:
    return getattr(getattr(item, "callspec", None), "params", {})
