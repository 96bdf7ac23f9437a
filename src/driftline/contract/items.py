"""The tests of a contract suite: what each is about, and what the check that it makes is called.

Apart from the plugin, which pytest has to be the first to import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from driftline.contract.links import leads_on
from driftline.contract.state import Subject
from driftline.spec.model import Operation, Spec

__all__ = ["HARNESS", "SUBSETS", "check_of", "name_of", "subject_of"]

HARNESS = "driftline_run"
"""The attribute of another plugin that holds the run, if the options are not to make it."""

SUBSETS: dict[str, Callable[[Spec, Operation], bool]] = {
    "operation": lambda _, operation: True,
    "reading": lambda _, operation: operation.is_read,
    "listing": lambda _, operation: operation.listing is not None,
    "secured": lambda _, operation: bool(operation.security) and () not in operation.security,
    "creating": lambda _, operation: (
        operation.effect is not None and operation.effect.kind == "create"
    ),
    "answering": lambda _, operation: (
        operation.success is not None and operation.success.json is not None
    ),
    "linked": leads_on,
}
"""By the name of an argument: which operations a test with it is about."""


def check_of(item: pytest.Item) -> tuple[str, str]:
    """The operation and name of the check that a test makes; no operation if it is skipped."""
    subject = subject_of(item)
    return (subject.operation.id if subject else "", name_of(item))


def name_of(item: pytest.Item) -> str:
    """What the check that a test makes is called."""
    return item.name.partition("[")[0].removeprefix("test_").replace("_", " ")


def subject_of(item: pytest.Item) -> Subject | None:
    """The operation that a test is about; None if it is to be skipped."""
    # Where no operation belongs to a test, pytest makes one of it with a placeholder, to skip it.
    params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return next((params[n] for n in SUBSETS if isinstance(params.get(n), Subject)), None)
