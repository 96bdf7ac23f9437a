"""What holds for all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

# pytester forgets the modules that its inner session imported first. httpx would keep the exception
# classes of a forgotten httpcore and no longer recognize those of the next one.
import httpcore as _httpcore  # noqa: F401
import pytest
from examples import count_examples
from hypothesis import HealthCheck, settings

from driftline.cli import collect_garbage_rarely

# A loaded machine is slow, and that is not what a property is about. In CI, the examples are always
# the same few; elsewhere, new ones are tried each time.
settings.register_profile(
    "driftline",
    max_examples=count_examples(50),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("driftline")
TESTS = Path(__file__).parent
SLOW = (
    # Other processes, servers and programs: browsers, wheels, vendors' packages, type checkers.
    *("acceptance/", "bench/", "browser/", "history/", "vendors/"),
    *("add/test_transaction.py", "cli/test_process.py", "mocks/test_files.py"),
    *("mutation/test_run.py", "mutation/test_workers.py", "plugin/test_installed.py"),
    *(
        "project/test_workflows.py",
        "readme/test_add.py",
        "readme/test_migration.py",
        "readme/test_tutorials.py",
        "readme/test_site.py",
    ),
    *("report/test_same_bytes.py", "security/test_attack.py", "suite/test_shared.py"),
    # Whole runs of the suite, and work that takes about a second.
    *("generate/test_types.py", "mocks/test_pages.py", "runtime/test_mutated_bodies.py"),
    *("suite/test_restless.py", "suite/test_run.py"),
    "generate/test_operations.py::test_the_client_passes_a_type_checker",
    "generate/test_generate.py::test_a_hostile_spec_type_checks_and_runs",
    "plugin/test_plugin.py::test_plugin_and_contract_suite_work_in_one_session",
    "runtime/test_secrets.py::test_no_echo_of_a_credential_is_repeated",
    "security/test_redaction.py::test_redaction_is_linear_in_hostile_strings",
)
"""Where the tests are that `-m "not slow"` leaves out; a test elsewhere has the marker itself."""
collect_ignore = ["example_project"]
"""Run by tests/plugin/test_installed.py, as a project of its own."""


def pytest_configure() -> None:
    """Let all runs of mypy share what it has read of the libraries."""
    os.environ.setdefault("MYPY_CACHE_DIR", str(TESTS.parent / ".cache" / "mypy"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow: by its place, or since it runs a pytest of its own."""
    for item in items:
        test_path = item.nodeid.removeprefix("tests/") if item.path.is_relative_to(TESTS) else ""
        if test_path.startswith(SLOW) or "pytester" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Look for garbage rarely, as the commands do, and never in what was imported."""
    gc.collect()
    gc.freeze()
    collect_garbage_rarely()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Name the test that leaves the process in another folder: those after it would fail."""
    yield
    current_folder = Path.cwd()
    if current_folder != item.config.invocation_params.dir:
        os.chdir(item.config.invocation_params.dir)
        pytest.fail(f"the test leaves the current folder at {current_folder}")
