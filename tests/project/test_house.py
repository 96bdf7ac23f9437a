"""Project rules that no linter checks: sizes, faces, docstrings of tests, and warnings."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from .sources import Function, filter_functions, list_nodes, parse_module

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"
MODULES = sorted(SOURCE.rglob("*.py"))
TESTS = sorted([*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "contract_tests").rglob("*.py")])
LONGEST_MODULE = 320
LONGEST_FUNCTION = 45


def relativize(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def count_code_lines(path: Path) -> int:
    """Return the number of code lines, without blank lines, comments and docstrings."""
    skipped_types = {
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
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
        if token.type not in skipped_types
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in list_nodes(path):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def list_functions(path: Path) -> Iterator[Function]:
    return filter_functions(list_nodes(path))


def test_modules_have_a_bounded_number_of_lines() -> None:
    """A module has about 300 lines of code at most."""
    # A package's face only lists names.
    modules = [path for path in MODULES if "load_later(__name__" not in path.read_text()]
    sizes = {relativize(path): count_code_lines(path) for path in modules}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions_have_a_bounded_number_of_lines() -> None:
    """A function has about 40 lines at most, including signature and docstring."""
    long = {
        f"{relativize(path)}:{node.lineno} {node.name}": size
        for path in MODULES
        for node in list_functions(path)
        if (size := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def name_module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def list_faces() -> Iterator[tuple[str, str]]:
    """Yield each package with each name that its `__init__` imports from its modules."""
    for path in MODULES:
        if path.name == "__init__.py":
            package = name_module(path)
            body = parse_module(path).body
            conditional_bodies = (
                statement.body for statement in body if isinstance(statement, ast.If | ast.With)
            )
            for node in (*body, *chain.from_iterable(conditional_bodies)):
                if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(f"{package}."):
                    yield from ((package, alias.name) for alias in node.names)


def test_public_names_are_exported_once() -> None:
    """The faces in docs/api.md have an `__all__` that equals the names they import; others have
    none.
    """
    listing = {
        name_module(path): path
        for path in MODULES
        if re.search(r"^__all__\b", path.read_text(), re.MULTILINE)
    }
    documented_faces = re.findall(
        r"^::: ([\w.]+)$", (ROOT / "docs" / "api.md").read_text(), re.MULTILINE
    )
    assert set(listing) == {face for face, _ in list_faces()} & set(documented_faces)
    for face, path in listing.items():
        names = {name for package, name in list_faces() if package == face}
        assert set(import_module(face).__all__) == names, relativize(path)


@pytest.mark.parametrize("package", sorted({package for package, _ in list_faces()}))
def test_each_public_name_can_be_loaded(package: str) -> None:
    """Every name of a face can be loaded, and an unknown name cannot."""
    module: Any = import_module(package)
    names = [name for face, name in list_faces() if face == package]
    assert [name for name in names if not hasattr(module, name)] == []
    assert not hasattr(module, "no_such_name")


def test_only_transaction_creates_temporary_folders() -> None:
    """Only `transaction` creates temporary folders, so that the next run removes those of a killed
    one.
    """
    makers = re.compile(r"mkdtemp|mkstemp|gettempdir|TemporaryDirectory|NamedTemporaryFile")
    modules_with_makers = {relativize(path) for path in MODULES if makers.search(path.read_text())}
    assert modules_with_makers == {"src/driftline/transaction.py"}


def test_every_test_has_a_docstring() -> None:
    """Every test function and every module of tests has a docstring."""
    silent = [
        f"{relativize(path)}:{node.lineno} {node.name}"
        for path in TESTS
        for node in list_functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    silent += [relativize(path) for path in TESTS if not ast.get_docstring(parse_module(path))]
    assert silent == []


def test_no_test_sleeps() -> None:
    """No test sleeps."""
    sleepy = [
        relativize(path)
        for path in TESTS
        for node in list_nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "sleep"
    ]
    assert sleepy == []


def test_every_warning_is_an_error() -> None:
    """Warnings are errors in all tests."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"] == ["error"]


def test_every_entry_of_the_slow_tests_exists() -> None:
    """Every folder, file and test in the list of slow tests exists."""
    source = (
        (ROOT / "tests" / "conftest.py").read_text().partition("SLOW = ")[2].partition("\n)")[0]
    )
    slow_names = [name.partition("::") for name in re.findall(r'"([\w/.:]+)"', source)]
    assert len(slow_names) > 10
    assert [name for name, _, _ in slow_names if not (ROOT / "tests" / name).exists()] == []
    tests = [(name, test) for name, _, test in slow_names if test]
    missing_tests = [n for n, t in tests if f"def {t}(" not in (ROOT / "tests" / n).read_text()]
    assert missing_tests == []
