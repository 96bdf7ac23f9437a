"""Every promise of SECURITY.md names an existing test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROMISED_TESTS = re.findall(r"`(tests/[\w/.]+)::(\w+)`", (ROOT / "SECURITY.md").read_text("utf-8"))


def test_each_promise_names_a_test() -> None:
    """Every promise in bold has an entry with the same words in the list of tests."""
    policy = (ROOT / "SECURITY.md").read_text("utf-8")
    section = policy.partition("## Promises")[2].partition("\n## ")[0]
    promises = [promise.rstrip(".") for promise in re.findall(r"^\*\*(.*?)\*\*", section, re.M)]
    assert len(promises) >= 7
    assert re.findall(r"^- (.+)\n    - `tests/", policy, re.MULTILINE) == promises


@pytest.mark.parametrize(("path", "name"), PROMISED_TESTS)
def test_every_test_that_a_promise_names_exists(path: str, name: str) -> None:
    """Every test that SECURITY.md names exists in its file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
