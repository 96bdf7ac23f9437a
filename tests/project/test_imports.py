"""Imports follow the layers of the design and use only allowed packages."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .sources import list_nodes

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"
GENERATED_CLIENTS = ROOT / "generated"

# Each layer may import the layers below it, and nothing beside or above it but what LEVEL names.
LAYERS = (
    {
        "__init__",
        "cookies",
        "errors",
        "faces",
        "file_formats",
        "files",
        "journal",
        "link_header",
        "total_header",
        "log_commands",
        "markup",
        "printable",
        "media",
        "project",
    }
    | {"redaction", "rules", "shard", "terminal", "transaction"},
    {"openapi", "runtime"},
    {"checks", "generate", "mock"},
    {"report", "suite"},
    {"history"},
    {"add", "changes", "check", "mutation", "observe"},
    {"accept"},
    {"ci", "testing"},
    {"cli", "pytest_plugin"},
    {"__main__"},
)
# What a package may import of its own layer, and why.
LEVEL = {
    "add": {"changes"},  # --update says what the new document changes
    "file_formats": {"media"},
    "files": {"errors", "transaction"},
    "journal": {"files"},
    "project": {"errors", "files"},
    "report": {"suite"},  # the columns of a report are those of the registry
    "shard": {"errors"},
    "terminal": {"printable"},
    "transaction": {"errors"},
}
# What applications install stands on little, whatever the layers allow.
RUNTIME = {"faces", "link_header", "total_header", "printable", "media", "redaction", "__init__"}
# The third-party packages of the layers that applications install, or that must stay free of HTTP.
THIRD_PARTY = {
    "runtime": {"anyio", "attrs", "attr", "httpx", "httpx_aiohttp", "msgspec"},
    "openapi": {"attrs", "jsonpath_rfc9535", "jsonschema_rs", "msgspec", "yaml"},
    "errors": {"attrs"},
    "faces": set[str](),
    "link_header": set[str](),
    "total_header": set[str](),
    "markup": set[str](),
    "printable": set[str](),
    "media": set[str](),
    "terminal": {"rich"},
    "problems": {"attrs"},
    "project": {"attrs", "jsonschema_rs"},
    "redaction": set[str](),
    "shard": {"attrs"},
    "__init__": set[str](),
    "generated": {"attrs", "attr", "httpx"},
}


def list_imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports; `from a import b` yields `a` or a module `a.b`."""
    for node in list_nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 3, path
            module = node.module or ""
            if node.level:
                package = path.parts[len(path.parts) - 1 - node.level]
                module = ".".join(filter(None, (f".{package}", module)))
            for alias in node.names:
                imported_path = SOURCE.parent.joinpath(*module.split("."), alias.name)
                is_module = imported_path.is_dir() or imported_path.with_suffix(".py").is_file()
                yield f"{module}.{alias.name}" if is_module else module


def find_package(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def list_modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def allows(rule: str, module: str) -> bool:
    return module == rule or module.startswith(f"{rule}.")


def get_layer(package: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if package in layer)


def list_imported_packages(path: Path) -> Iterator[str]:
    """Yield each other package of driftline that a module imports."""
    for module in list_imports(path):
        first, _, inner_module = module.partition(".")
        package = inner_module.partition(".")[0] or "__init__"
        if first == "driftline" and package != find_package(path):
            yield package


def test_every_package_has_its_layer() -> None:
    """Every package is in exactly one layer, and every package of the layers exists."""
    layered_packages = [package for layer in LAYERS for package in layer]
    assert len(layered_packages) == len(set(layered_packages))
    assert {find_package(path) for path in list_modules()} == set(layered_packages)


def test_imports_go_downwards() -> None:
    """A module imports only packages of lower layers, and those that LEVEL allows."""
    upward_imports = [
        f"{path.relative_to(ROOT)} imports {package}"
        for path in list_modules()
        for package in list_imported_packages(path)
        if get_layer(package) >= get_layer(find_package(path))
        and package not in LEVEL.get(find_package(path), set())
    ]
    assert upward_imports == []


def test_every_allowed_import_exists() -> None:
    """Every import that LEVEL allows exists."""
    found_imports = {
        (find_package(p), package) for p in list_modules() for package in list_imported_packages(p)
    }
    allowed_imports = {
        (package, other_package)
        for package, other_packages in LEVEL.items()
        for other_package in other_packages
    }
    assert allowed_imports <= found_imports


def test_the_runtime_imports_only_small_modules() -> None:
    """The runtime imports only the small modules that an application installs."""
    imported_modules = {
        package
        for path in list_modules()
        if find_package(path) == "runtime"
        for package in list_imported_packages(path)
    }
    assert imported_modules <= RUNTIME


# Modules that other packages import a name from: a package has two of that name, or a module is
# called so.
PAST_THE_FACE = {
    "driftline.changes.release.make",
    "driftline.generate.render",
    "driftline.openapi.lint.rules",
    "driftline.openapi.read.reader",
    "driftline.report.files",
    "driftline.report.terminal",
}


def test_other_packages_are_imported_through_their_face() -> None:
    """Modules of other packages are imported through their `__init__`, or as whole modules."""
    bypasses = {
        f"{path.relative_to(ROOT)} imports {node.module}"
        for path in list_modules()
        for node in list_nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module
        for first, package, *rest in [[*node.module.split("."), "", ""]]
        if first == "driftline" and any(rest) and package != find_package(path)
        for name in node.names
        if node.module not in PAST_THE_FACE
        and not SOURCE.parent.joinpath(*node.module.split("."), f"{name.name}.py").is_file()
    }
    assert bypasses == set()


def test_checks_are_pure() -> None:
    """The checks package imports no HTTP client, pytest or generator of requests."""
    sending = {"httpx", "httpcore", "pytest", "schemathesis", "hypothesis", "uvicorn"}
    impure_imports = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in list_modules()
        if find_package(path) == "checks"
        for module in list_imports(path)
        if module.partition(".")[0] in sending
    ]
    assert impure_imports == []


@pytest.mark.parametrize("package", sorted(THIRD_PARTY.keys() - {"generated"}))
def test_third_party_imports_are_listed_per_package(package: str) -> None:
    """Each package imports only the third-party packages that THIRD_PARTY lists."""
    allowed_packages = THIRD_PARTY[package] | sys.stdlib_module_names | {"driftline"}
    imported_packages = {
        module.partition(".")[0]
        for path in list_modules()
        if find_package(path) == package
        for module in list_imports(path)
        if not module.startswith(".")
    }
    assert imported_packages <= allowed_packages


def test_generated_clients_import_only_the_runtime() -> None:
    """Generated clients import only `driftline.runtime`, httpx, attrs and the standard library."""
    allowed_packages = THIRD_PARTY["generated"] | sys.stdlib_module_names
    wrong_imports: list[str] = []
    for path in GENERATED_CLIENTS.rglob("*.py"):
        own_package = path.relative_to(GENERATED_CLIENTS).parts[0]
        for module in list_imports(path):
            first = module.partition(".")[0]
            if first in {"", own_package, *allowed_packages} or allows("driftline.runtime", module):
                continue
            wrong_imports.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong_imports == []


def test_the_source_names_no_vendor() -> None:
    """No file of src/ contains the name of a vendor."""
    names = "|".join(path.stem for path in (ROOT / "specs").iterdir() if path.suffix != ".md")
    pattern = re.compile(names, re.IGNORECASE)
    mentions = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert mentions == []
