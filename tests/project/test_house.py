"""The house rules that no linter holds: sizes, `__all__`, docstrings of tests, warnings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
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
    # A package's face only lists names.
    modules = [path for path in MODULES if "load_later(__name__" not in path.read_text()]
    sizes = {relative(path): code_lines(path.read_text()) for path in modules}
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


def name_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def list_definitions(path: Path) -> set[str]:
    """The public classes and functions of a module; pytest finds a plugin's by their names."""
    tree = ast.parse(path.read_text())
    names = {node.name for node in tree.body if isinstance(node, ast.ClassDef | Function)}
    hooks = {name for name in names if name.startswith("pytest_") or path.stem == "plugin"}
    return {name for name in names - hooks if not name.startswith("_")}


@cache
def list_imports() -> dict[str, set[str]]:
    """By module: the names that other modules import from it; modules are no such names."""
    names: dict[str, set[str]] = {name_of(path): set() for path in MODULES}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in names:
                found = {alias.name for alias in node.names} - {"__version__"}
                names[node.module] |= {n for n in found if f"{node.module}.{n}" not in names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_all_names_what_is_public(path: Path) -> None:
    """`__all__` has every public class and function, whatever else is imported, and no ghost."""
    module: Any = import_module(name_of(path))
    listed = getattr(module, "__all__", [])
    assert len(set(listed)) == len(listed)
    assert [name for name in listed if not hasattr(module, name)] == []
    assert (list_definitions(path) | list_imports()[name_of(path)]) - set(listed) == set()


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
    """In the settings of tests; one is ignored: a socket that the wrong test is blamed for."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"] == [
        "error",
        "ignore:unclosed <socket:ResourceWarning",
    ]


def test_what_is_slow_is_there() -> None:
    """Every folder and file that tests/conftest.py names."""
    text = (ROOT / "tests" / "conftest.py").read_text().partition("SLOW = ")[2].partition("\n)")[0]
    named = [name.partition("::") for name in re.findall(r'"([\w/.:]+)"', text)]
    assert len(named) > 10
    assert [name for name, _, _ in named if not (ROOT / "tests" / name).exists()] == []
    tests = [(name, test) for name, _, test in named if test]
    gone = [n for n, t in tests if f"def {t}(" not in (ROOT / "tests" / n).read_text()]
    assert gone == []
