"""Maps pytest items of a contract suite to checks and operations.

Separate from the plugin, since pytest has to import that module first.
"""

from __future__ import annotations

from typing import Any

import pytest

from driftline.checks import SUBSETS
from driftline.suite.run_state import Subject
from driftline.suite.runner import Plan

HARNESS = "driftline_run"
"""The attribute of a plugin with the run, if it is not built from options."""
PLANNED = "planned"
"""The fixture of the test that runs every registered check of every operation."""


def is_registered(item: pytest.Item) -> bool:
    """Return whether a test runs registered checks."""
    return PLANNED in getattr(item, "fixturenames", ())


def find_check_name(item: pytest.Item) -> str:
    """Return the name of a test's check."""
    plan = _get_parameters(item).get(PLANNED)
    if isinstance(plan, Plan):
        return plan.check.name
    return item.name.partition("[")[0].removeprefix("test_").replace("_", " ")


def find_subject(item: pytest.Item) -> Subject | None:
    """Return the operation of a test; None if the test is to be skipped."""
    # For a test without an operation, pytest creates an item with a placeholder, and skips it.
    parameters = _get_parameters(item)
    plan = parameters.get(PLANNED)
    if isinstance(plan, Plan):
        return plan.subject
    return next(
        (parameters[n] for n in SUBSETS if isinstance(parameters.get(n), Subject)),
        None,
    )


def _get_parameters(item: pytest.Item) -> dict[str, Any]:
    return getattr(getattr(item, "callspec", None), "params", {})
