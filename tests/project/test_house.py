"""The house rules that no linter holds: sizes, `__all__`, docstrings of tests, warnings."""

from __future__ import annotations

import ast
import io
import tokenize
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted([*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "contract_tests").rglob("*.py")])
LONGEST_MODULE = 320
LONGEST_FUNCTION = 45
Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_lines(text: str) -> int:
    """How many lines hold code: no blank line, comment or docstring counts."""
    skipped = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.ENCODING,
    }
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in skipped
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def test_modules_can_be_read_in_one_go() -> None:
    """About 300 lines of code each."""
    sizes = {relative(path): code_lines(path.read_text()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions_fit_on_a_screen() -> None:
    """About 40 lines each, with signature and docstring."""
    long = {
        f"{relative(path)}:{node.lineno} {node.name}": size
        for path in MODULES
        for node in functions(path)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def public_names(tree: ast.Module) -> set[str]:
    """What a module defines itself, and does not hide by an underscore."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if not name.startswith("_")}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_all_names_what_is_there(path: Path) -> None:
    """`__all__` is sorted, names only what exists, and leaves out no public class."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    module: Any = import_module(".".join(parts).removesuffix(".__init__"))
    listed = getattr(module, "__all__", None)
    tree = ast.parse(path.read_text())
    classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    if listed is None:
        assert not public_names(tree)
        return
    assert len(set(listed)) == len(listed)
    assert [name for name in listed if not hasattr(module, name)] == []
    exported = {name for name in classes if not name.startswith("_")} - set(listed)
    assert {name for name in exported if used_elsewhere(name, path)} == set()


def used_elsewhere(name: str, home: Path) -> bool:
    """Whether another module imports the name from `home`."""
    parts = home.relative_to(SOURCE.parent).with_suffix("").parts
    module = ".".join(parts).removesuffix(".__init__")
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == module
        and name in {alias.name for alias in node.names}
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_every_test_says_what_it_proves() -> None:
    """A docstring for each test function and each module of tests."""
    silent = [
        f"{relative(path)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    silent += [
        relative(path) for path in TESTS if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_test_sleeps() -> None:
    """Waiting is for events, not for time."""
    sleepy = [
        relative(path)
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    ]
    assert sleepy == []


def test_every_warning_is_an_error() -> None:
    """In the tests' settings, with nothing ignored."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]
