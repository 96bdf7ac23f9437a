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
COMPUTED_IDS = {
    *("info.title-missing", "info.version-missing", "example.invalid", "default.invalid"),
    *("openapi.description-missing", "openapi.schema-missing"),
    "client.widened.recursive-alias",
}
"""Ids that the code computes from parts."""


def _list_ids(tree: ast.AST) -> Iterator[str]:
    known_kinds = load_problem_kinds()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value in known_kinds
        ):
            yield node.value


def _yield_ids(tree: ast.AST) -> Iterator[str]:
    """Yield the ids passed to calls that create problems, documented or not."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in MAKERS or name.startswith(("_problem", "_warning", "_error", "_degrade")):
            constants = [a.value for a in node.args if isinstance(a, ast.Constant)]
            first = next((constant for constant in constants if isinstance(constant, str)), "")
            group, _, suffix = first.partition(".")
            if group.isidentifier() and suffix and " " not in first and "/" not in first:
                yield first


def _parse_modules() -> Iterator[ast.AST]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def test_every_id_is_documented_and_used() -> None:
    """Every id in the code has an entry, and every entry is used in the code."""
    trees = list(_parse_modules())
    assert {name for tree in trees for name in _yield_ids(tree)} <= load_problem_kinds().keys()
    used_ids = {name for tree in trees for name in _list_ids(tree)} | COMPUTED_IDS
    assert set(load_problem_kinds()) == used_ids


def test_entries_are_sorted_sentences() -> None:
    """A summary has no full stop, meanings and hints have one, and ids are sorted."""
    assert list(load_problem_kinds()) == sorted(load_problem_kinds())
    for kind in load_problem_kinds().values():
        assert not kind.summary.endswith(".")
        assert kind.meaning.endswith(".")
        assert kind.hint.endswith(".")


def test_explain_prints_a_problem_by_its_id() -> None:
    """`driftline explain` explains a problem by its id and lists all problems."""
    result = CliRunner().invoke(command, ["ref.dangling"])
    assert result.exit_code == 0
    output, kind = " ".join(result.output.split()), load_problem_kinds()["ref.dangling"]
    assert kind.meaning in output
    assert kind.hint in output
    list_result = CliRunner().invoke(command, ["--problems"])
    assert all(name in list_result.output for name in load_problem_kinds())
    data = CliRunner().invoke(command, ["--problems", "--format", "json"])
    assert '"ref.dangling"' in data.output
