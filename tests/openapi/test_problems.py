"""Every id of a problem is documented, and every documented id is used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner

from driftline.cli.commands.explain import command
from driftline.openapi.lint.problem_kinds import load_problem_kinds

SOURCE = Path(__file__).parents[2] / "src" / "driftline"
# What makes a problem: the id is the first string among its arguments.
MAKERS = frozenset({"Problem", "warn", "error", "drop", "slip", "YamlError"})
BUILT = {
    *("info.title-missing", "info.version-missing", "example.invalid", "default.invalid"),
    *("openapi.description-missing", "openapi.schema-missing"),
    "client.widened.recursive-alias",
}
"""Ids that are put together from parts."""


def _ids(tree: ast.AST) -> Iterator[str]:
    known = load_problem_kinds()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known:
            yield node.value


def _yield_ids(tree: ast.AST) -> Iterator[str]:
    """Yield the ids that are given to what makes problems, known or not."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in MAKERS or name.startswith(("_problem", "_warning", "_error", "_degrade")):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
            first = next((text for text in texts if isinstance(text, str)), "")
            group, _, rest = first.partition(".")
            if group.isidentifier() and rest and " " not in first and "/" not in first:
                yield first


def _trees() -> Iterator[ast.AST]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def test_every_id_is_documented_and_used() -> None:
    """What code gives as an id has an entry, and each entry is given somewhere."""
    trees = list(_trees())
    assert {name for tree in trees for name in _yield_ids(tree)} <= load_problem_kinds().keys()
    used = {name for tree in trees for name in _ids(tree)} | BUILT
    assert set(load_problem_kinds()) == used


def test_entries_are_sorted_sentences() -> None:
    """One line without a full stop, and sentences with one; in alphabetical order."""
    assert list(load_problem_kinds()) == sorted(load_problem_kinds())
    for kind in load_problem_kinds().values():
        assert not kind.summary.endswith(".")
        assert kind.meaning.endswith(".")
        assert kind.hint.endswith(".")


def test_explain_knows_them() -> None:
    """By its id, and all in a list."""
    one = CliRunner().invoke(command, ["ref.dangling"])
    assert one.exit_code == 0
    shown, kind = " ".join(one.output.split()), load_problem_kinds()["ref.dangling"]
    assert kind.meaning in shown
    assert kind.hint in shown
    listed = CliRunner().invoke(command, ["--problems"])
    assert all(name in listed.output for name in load_problem_kinds())
    data = CliRunner().invoke(command, ["--problems", "--format", "json"])
    assert '"ref.dangling"' in data.output
