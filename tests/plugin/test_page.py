"""docs/pytest.md: its tests pass, and its output is the actual one."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from driftline import pytest_plugin
from driftline.testing import MockSettings

PAGE = (Path(__file__).parents[2] / "docs" / "pytest.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
pytest_plugins = ["pytester"]


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    """The tests of the page pass with its settings."""
    code = [block for language, block in BLOCKS if language == "python"]
    *_, settings = (block for language, block in BLOCKS if language == "toml")
    pytester.makepyprojecttoml(settings)
    pytester.mkdir("specs").joinpath("own.yaml").write_text(
        (Path(__file__).parents[2] / "specs/zudu.yaml").read_text()
    )
    pytester.makepyfile(**{f"test_{number}": block for number, block in enumerate(code)})
    result = pytester.runpytest_inprocess("-W", "error", "-p", "no:schemathesis")
    count = sum(block.count("def test_") for block in code)
    # One of them is run in both event loops.
    result.assert_outcomes(passed=count + 1)


def test_the_failure_message_of_the_page_is_the_actual_one(pytester: pytest.Pytester) -> None:
    """The failure message of the page is the actual one."""
    (expected_failure,) = (block for _, block in BLOCKS if "that matches no operation:" in block)
    pytester.makepyfile("""
import os, httpx, pytest
@pytest.mark.driftline("roark")
def test_it():
    httpx.get(os.environ["ROARK_BASE_URL"] + "/v1/calls")
""")
    result = pytester.runpytest_inprocess("-p", "no:schemathesis")
    assert expected_failure in "\n".join(line.rstrip() for line in result.outlines)


def test_the_page_lists_every_marker_argument_and_setting() -> None:
    """The page lists every marker argument and setting with its default."""
    table = PAGE.partition("## Options")[2]
    documented_settings = dict(re.findall(r"^\| `(\w+)=(.*?)` \|", table, re.MULTILINE))
    fields = {field.name: field.default for field in attrs.fields(MockSettings)}
    assert documented_settings.keys() == fields.keys() - {"apis", "specs"}
    assert documented_settings.pop("faults") == "…"
    assert {name: str(fields[name]) for name in documented_settings} == {
        n: v.strip('"') for n, v in documented_settings.items()
    }
    ini = {f"driftline_{name}" for name in pytest_plugin._INI}
    assert set(re.findall(r"`(driftline_\w+)`", table)) == ini
