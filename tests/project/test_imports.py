"""Who may import whom: the layers of the design, read from the source."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "driftline"
GENERATED = ROOT / "generated"

# A package of driftline, and what else of driftline its modules may import (itself always). A name
# is a module, and stands for what is below it; `module:` is that module alone.
BASE = ("driftline:", "driftline.errors")
SHARED = (
    *BASE,
    "driftline.checks.coverage.evidence",
    "driftline.checks.finding",
    "driftline.project",
    "driftline.redaction:",
    "driftline.shard",
    "driftline.openapi",
)
ALLOWED = {
    "__init__": (),
    "errors": (),
    "coverage": ("driftline.errors",),
    "files": (),
    "findings": ("driftline.checks.coverage.evidence", "driftline.errors"),
    "log_commands": (),
    "journal": ("driftline.files",),
    "marks": (),
    "media": (),
    "printing": ("driftline.markup",),
    "problems": (),
    "project": ("driftline.errors",),
    "rules": (),
    "redaction": (),
    "shard": ("driftline.errors",),
    "spec": ("driftline.errors", "driftline.media"),
    "transaction": ("driftline.errors",),
    "runtime": ("driftline:", "driftline.media", "driftline.redaction:"),
    "mock": SHARED,
    "diff": (
        *BASE,
        "driftline.rules",
        "driftline.markup",
        "driftline.terminal",
        "driftline.project",
        "driftline.openapi",
    ),
    "add": (
        *SHARED,
        "driftline.suite.http.deadline",
        "driftline.changes.wire",
        "driftline.generate",
        "driftline.transaction",
    ),
    "generate": (*SHARED, "driftline.runtime:", "driftline.runtime.errors:"),
    "contract": (
        *SHARED,
        "driftline.mock:",
        "driftline.runtime:",
        "driftline.runtime.transport.deadline",
        "driftline.runtime.retries",
    ),
    "drift": (
        *SHARED,
        "driftline.markup",
        "driftline.checks.catalogue",
        "driftline.suite.operation_filter",
        "driftline.suite.registry",
        "driftline.suite.run",
        "driftline.suite.http.session",
        "driftline.suite.run_state",
        "driftline.suite.http.target",
        "driftline.generate:",
        "driftline.files",
        "driftline.journal",
        "driftline.mock:",
        "driftline.terminal",
    ),
    "drill": (
        *SHARED,
        "driftline.suite.registry",
        "driftline.suite.run",
        "driftline.files",
        "driftline.journal",
        "driftline.mock:",
        "driftline.mock.http.arguments",
        "driftline.mock.fake.data",
        "driftline.mock.http.messages",
        "driftline.mock.http.rejection",
        "driftline.terminal",
    ),
    "observe": (
        *SHARED,
        "driftline.checks.coverage",
        "driftline.suite.examinations.ordering",
        "driftline.suite.examinations.walker",
        "driftline.checks.request_arguments",
        "driftline.checks.request",
        "driftline.checks.response",
        "driftline.checks.listing.page_rules",
        "driftline.suite.samples",
        "driftline.suite.examinations.selection",
        "driftline.checks.exchange",
        "driftline.suite.http.session",
        "driftline.checks.reproduce.commands",
        "driftline.checks.collector",
        "driftline.suite.http.target",
        "driftline.checks.outgoing",
        "driftline.report.redacted",
        "driftline.report.report",
        "driftline.markup",
    ),
    "ci": (
        *BASE,
        "driftline.log_commands",
        "driftline.report.fingerprint",
        "driftline.report.previous",
        "driftline.report.phrases",
        "driftline.files",
        "driftline.checks.finding",
        "driftline.markup",
        "driftline.openapi.pointer",
    ),
    "drifts": ("driftline.errors", "driftline.mock:"),
    "testing": (*SHARED, "driftline.mutation.loader", "driftline.mock:", "driftline.runtime:"),
    "pytest_plugin": ("driftline.errors", "driftline.testing:"),
    "release": (
        *BASE,
        "driftline.rules",
        "driftline.changes.wire",
        "driftline.generate:",
        "driftline.markup",
        "driftline.terminal",
        "driftline.project",
        "driftline.openapi",
    ),
    "cli": ("driftline",),
    "__main__": ("driftline.cli",),
}
# The third-party packages of the layers that applications install, or that must stay free of HTTP.
THIRD_PARTY = {
    "runtime": {"anyio", "attrs", "attr", "httpx", "httpx_aiohttp", "msgspec"},
    "spec": {
        *("attrs", "jsonpath_rfc9535", "jsonschema_rs", "msgspec"),
        *("rstr", "yaml"),
    },
    "errors": {"attrs"},
    "media": set[str](),
    "coverage": {"attrs"},
    "findings": {"attrs"},
    "printing": {"rich"},
    "problems": {"attrs"},
    "project": {"attrs"},
    "redaction": set[str](),
    "shard": {"attrs"},
    "__init__": set[str](),
    "generated": {"attrs", "attr", "httpx"},
}


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, `from a import b` as `a` or `a.b`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 3, path
            module = node.module or ""
            if node.level:
                package = path.parts[len(path.parts) - 1 - node.level]
                module = ".".join(filter(None, (f".{package}", module)))
            for alias in node.names:
                below = SOURCE.parent.joinpath(*module.split("."), alias.name)
                is_module = below.is_dir() or below.with_suffix(".py").is_file()
                yield f"{module}.{alias.name}" if is_module else module


def package_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def allows(rule: str, module: str) -> bool:
    if rule.endswith(":"):
        return module == rule[:-1]
    return module == rule or module.startswith(f"{rule}.")


def test_every_package_has_its_rule() -> None:
    """A new package has to say what it stands on."""
    assert {package_of(path) for path in modules()} == ALLOWED.keys()


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_stands_on(package: str) -> None:
    """By public names where the rule says so: nobody imports another's insides."""
    own = f"driftline.{package}"
    wrong = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in modules()
        if package_of(path) == package
        for module in imports(path)
        if module.partition(".")[0] == "driftline"
        and not any(allows(rule, module) for rule in (own, *ALLOWED[package]))
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(THIRD_PARTY.keys() - {"generated"}))
def test_what_comes_from_elsewhere(package: str) -> None:
    """The runtime needs httpx and attrs only; the spec package knows no HTTP library."""
    allowed = THIRD_PARTY[package] | sys.stdlib_module_names | {"driftline"}
    found = {
        module.partition(".")[0]
        for path in modules()
        if package_of(path) == package
        for module in imports(path)
        if not module.startswith(".")
    }
    assert found <= allowed


def test_generated_clients_stand_on_the_runtime_alone() -> None:
    """Of driftline only `driftline.runtime`; of others httpx, attrs and the standard library."""
    allowed = THIRD_PARTY["generated"] | sys.stdlib_module_names
    wrong: list[str] = []
    for path in GENERATED.rglob("*.py"):
        own = path.relative_to(GENERATED).parts[0]
        for module in imports(path):
            first = module.partition(".")[0]
            if first in {"", own, *allowed} or allows("driftline.runtime", module):
                continue
            wrong.append(f"{path.relative_to(ROOT)} imports {module}")
    assert wrong == []


def test_no_vendor_is_known_to_the_source() -> None:
    """All vendor knowledge is in specs/: no file of src/ names one."""
    names = "|".join(path.stem for path in (ROOT / "specs").iterdir() if path.suffix != ".md")
    pattern = re.compile(names, re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sorted(SOURCE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
