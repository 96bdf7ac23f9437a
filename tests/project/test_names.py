"""Class names are unique, functions begin with verbs, and names use the words of the glossary."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bench.shape import is_exempt, is_participle_first

from .sources import filter_functions, list_nodes

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"
# Public names that are documented and read well where they stand.
PARTICIPLES = {
    # Beside `optional`: what a field of a generated model is, as attrs names its own.
    "runtime/decode/fields.py: required",
    # Assertions about `mock.received`, the list of the requests that came.
    "testing/mocked.py: received_none",
    "testing/mocked.py: received_once",
    "testing/mocked.py: received_times",
}
# Each with the word that stands for the idea.
GLOSSARY = {
    "anew": "again",
    "answer": "response, respond",
    "answers": "responses",
    "gravest": "most_severe",
    "mend": "repair",
    "moment": "timestamp",
    "refusal": "rejection",
    "refuse": "reject",
    "refused": "rejected",
    "told": "reported",
    "trouble": "fault",
    "unseen": "uncovered",
}
# Names of locals, parameters and fields that say nothing of what they hold.
VAGUE = {
    *("asked", "each", "found", "given", "kept", "made", "named", "place", "remedy", "said"),
    *("shown", "spot", "taken", "told", "wanted", "way", "what"),
}


def walk_modules(folder: Path = SOURCE) -> Iterator[tuple[str, Sequence[ast.AST]]]:
    """Yield the path of every module below a folder, from there, with its nodes."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix(), list_nodes(path)


def list_public_names(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names of functions, classes, parameters and annotated fields."""
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            yield node.name
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    yield statement.target.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
            yield from (argument.arg for argument in list_parameters(node))


def list_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Sequence[ast.arg]:
    """Return the named parameters of a function."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def split_words(name: str) -> set[str]:
    """Return the words of a name in snake case or camel case."""
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def test_class_names_are_unique() -> None:
    """No two classes have the same name."""
    modules = defaultdict[str, list[str]](list)
    for module, nodes in walk_modules():
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                modules[node.name].append(module)
    assert {name: paths for name, paths in modules.items() if len(paths) > 1} == {}


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [(SOURCE, PARTICIPLES), *((ROOT / name, set()) for name in ("tests", "bench", "attack"))],
    ids=["src", "tests", "bench", "attack"],
)
def test_no_function_begins_with_a_bare_participle(folder: Path, allowed: set[str]) -> None:
    """A function name begins with a verb, not with a bare participle such as `_kept`."""
    bare = {
        f"{module}: {node.name}"
        for module, nodes in walk_modules(folder)
        for node in filter_functions(nodes)
        if not is_exempt(node) and is_participle_first(node.name.strip("_"))
    }
    assert bare == allowed


def test_names_use_the_words_of_the_glossary() -> None:
    """No function, class, parameter or field has a name with a word that the glossary replaces."""
    replaced_names = sorted(
        f"{module}: {name}: say {GLOSSARY[word]}"
        for module, nodes in walk_modules()
        for name in set(list_public_names(nodes))
        for word in split_words(name) & GLOSSARY.keys()
    )
    assert replaced_names == []


@pytest.mark.parametrize(
    "folder",
    [SOURCE, *(ROOT / name for name in ("tests", "contract_tests", "bench", "attack"))],
    ids=["src", "tests", "contract_tests", "bench", "attack"],
)
def test_locals_and_parameters_have_specific_names(folder: Path) -> None:
    """Locals and parameters have names such as `operation` and `findings`, not `each`."""
    vague = {
        f"{module}: {name} in {function.name}"
        for module, nodes in walk_modules(folder)
        for function in filter_functions(nodes)
        for node in ast.walk(function)
        if (name := bound_name(node)).strip("_") in VAGUE
    }
    assert vague == set()


def test_fields_have_specific_names() -> None:
    """Fields have specific names such as `_open_walks`, not `_open` or `_kept`."""
    vague = {
        f"{module}: {node.name}.{field}"
        for module, nodes in walk_modules()
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for field in list_fields(node)
        if field.strip("_") in VAGUE | {"held", "known", "left", "rest", "seen"}
    }
    assert vague == set()


def list_fields(node: ast.ClassDef) -> Iterator[str]:
    """Yield the annotated fields of a class and the attributes that its methods set."""
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
    for child in ast.walk(node):
        if isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Store):
            yield from [child.attr] if ast.unparse(child.value) == "self" else []


def bound_name(node: ast.AST) -> str:
    """Return the name that a node binds, or ""."""
    if isinstance(node, ast.arg):
        return node.arg
    return node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""
