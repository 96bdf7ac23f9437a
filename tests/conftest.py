"""What holds for all tests."""

from __future__ import annotations

import gc

collect_ignore = ["example_project"]
"""Run by tests/plugin/test_installed.py, as a project of its own."""


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage need not go through it again and again."""
    gc.collect()
    gc.freeze()
