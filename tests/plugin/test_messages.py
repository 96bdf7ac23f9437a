"""Messages of the pytest plugin for failing tests and mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from driftline.testing import MockSettings, choose_settings, from_ini

pytest_plugins = ["pytester"]
Run = Callable[..., pytest.RunResult]
HEAD = """
import os
import httpx
import pytest
from roark_client import Roark, errors
pytestmark = pytest.mark.driftline("roark")
def get(path, **options):
    return httpx.get(os.environ["ROARK_BASE_URL"] + path, **options)
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Return a function that runs a file of tests in-process with strict settings."""

    def run_tests(code: str, *ini: str) -> pytest.RunResult:
        pytester.makepyfile(HEAD + code)
        pytester.makeini("\n".join(("[pytest]", "addopts = --strict-markers -W error", *ini)))
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:schemathesis")

    return run_tests


def read_output(result: pytest.RunResult) -> str:
    """Return the printed output without trailing spaces."""
    return "\n".join(line.rstrip() for line in result.outlines)


def test_an_unmatched_request_fails_the_test(run: Run) -> None:
    """An unmatched request fails the test and lists
    the request, reason and available operations.
    """
    result = run("""
def test_it():
    get("/v1/calls?token=s3cret")
    httpx.post(os.environ["ROARK_BASE_URL"] + "x/y", json={"password": "s3cret", "a": 1})
""")
    result.assert_outcomes(failed=1)
    assert "s3cret" not in read_output(result).partition("test_it ___")[2]
    assert """\
The mock received 2 requests that match no operation:
  1. GET /v1/calls?token=*** -> 404 (no operation)
     no operation has this path
  2. POST /roarkx/y -> 404 (no operation) {"password": "***", "a": 1}
     unknown API; available: /roark
Operations below /roark:
  call.list            GET    /v1/call
  call.create          POST   /v1/call
  callAnalysis.create  POST   /v1/call-analysis
If the test intends this, add @pytest.mark.driftline(on_unmatched="allow").
""" in read_output(result)


def test_an_invalid_request_fails_the_test(run: Run) -> None:
    """An invalid request fails the test even if the
    code catches the error; injected faults do not.
    """
    result = run("""
def test_it():
    with Roark() as roark, pytest.raises(errors.BadRequest):
        roark.call.list(limit=5000)
def test_fault(driftline_mock):
    driftline_mock.fault("roark/call.list: 400")
    assert driftline_mock.client(Roark) and get("/v1/call").status_code == 400
def test_wrong_credential():
    with Roark(bearer_token="wrong") as roark, pytest.raises(errors.Unauthorized):
        roark.call.list()
@pytest.mark.driftline(on_invalid="allow")
def test_allowed():
    with Roark() as roark, pytest.raises(errors.BadRequest):
        roark.call.list(limit=5000)
""")
    result.assert_outcomes(failed=1, passed=3)
    assert """\
The mock received 1 request that violates the spec:
  1. GET /v1/call?limit=5000 -> 400 (roark/call.list)
     query parameter 'limit': 5000 is greater than the maximum of 100
If the test intends this, add @pytest.mark.driftline(on_invalid="allow").
""" in read_output(result)


def test_a_marker_overrides_the_policy_of_the_ini_file(run: Run) -> None:
    """The ini file sets a policy for all tests, and a marker overrides it."""
    result = run(
        """
def test_allowed():
    assert get("/nothing").status_code == 404
@pytest.mark.driftline(on_unmatched="fail")
def test_forbidden():
    assert get("/nothing").status_code == 404
""",
        "driftline_on_unmatched = allow",
    )
    result.assert_outcomes(failed=1, passed=1)


def test_a_wrong_number_of_requests_lists_those_received(run: Run) -> None:
    """A wrong number of requests lists those received, without secrets."""
    result = run("""
def test_never(driftline_mock):
    with Roark() as roark:
        roark.call.list(limit=2)
    driftline_mock.received_once("call.create")
def test_twice(driftline_mock, driftline_client):
    driftline_client.call.list(limit=1)
    driftline_client.call.list(limit=1)
    driftline_mock.received_once("roark/call.list")
def test_none(driftline_mock, driftline_client):
    driftline_client.call.list()
    driftline_mock.received_none()
def test_headers(driftline_mock, driftline_client):
    driftline_client.call.list()
    assert not driftline_mock.received_once("call.list").headers
def test_no_json(driftline_mock, driftline_client):
    driftline_client.call.list()
    driftline_mock.received_once("call.list").json
""")
    result.assert_outcomes(failed=5)
    output = read_output(result)
    assert (
        """\
E       AssertionError: expected call.create once, but it was never received
E       Received, 1 request:
E         1. GET /v1/call?limit=2 -> 200 (roark/call.list)
"""
        in output
    )
    assert "expected roark/call.list once, but it was received twice" in output
    assert "expected no requests" in output
    assert (
        "GET /v1/call -> 200 (roark/call.list): the body is not JSON (0 bytes, no media type)"
        in output
    )
    assert "mock-roark-bearer-token" not in output


def test_a_failed_test_shows_what_was_received(run: Run) -> None:
    """A failed test shows the received requests, and lists an unmatched one only once."""
    result = run("""
def test_it():
    assert get("/nothing").status_code == 200
""")
    result.assert_outcomes(failed=1)
    output = read_output(result)
    assert "Captured driftline call" in output
    assert output.count("The mock received 1 request that matches no operation:") == 1
    assert "Received, 1 request:" in output


def test_an_unmatched_request_of_a_teardown_is_an_error(run: Run) -> None:
    """An unmatched request of a fixture's teardown is an error of the teardown."""
    result = run("""
@pytest.fixture
def clearing(driftline_mock):
    yield
    get("/nothing")
def test_it(clearing):
    pass
""")
    result.assert_outcomes(passed=1, errors=1)
    assert "ERROR at teardown of test_it" in read_output(result)


MISTAKES = {
    'driftline("roarrk")': "unknown API 'roarrk'\n  Install the package roarrk_client, ",
    'driftline("roark", row=3)': (
        "unknown argument 'row' of @pytest.mark.driftline\n  Use rows. Arguments: names of APIs, "
    ),
    'driftline("roark", rows="3")': "driftline(rows): '3'\n  Use a whole number from 0.",
    "driftline(7)": "driftline(apis): (7,)\n  Use names of APIs.",
    'driftline("roark", on_invalid=False)': '(on_invalid): False\n  Use "fail" or "allow".',
    'driftline("roark", faults="roark/call.lst: 429")': (
        "matches no operation\n  Use one of: "
        "roark/call.list, roark/call.create, roark/callAnalysis.create."
    ),
}


def test_a_mistake_in_a_marker_is_one_error(run: Run) -> None:
    """A mistake in a marker is one error that names the test and the valid values."""
    tests = [
        f"@pytest.mark.{mark}\ndef test_{number}(driftline_mock): pass"
        for number, mark in enumerate(MISTAKES)
    ]
    result = run("\n".join(tests))
    result.assert_outcomes(errors=len(MISTAKES))
    blocks = re.split(r"_+ ERROR at setup of test_\d _+", read_output(result))[1:]
    for number, (block, expected_message) in enumerate(zip(blocks, MISTAKES.values(), strict=True)):
        first_lines = block.partition("\n=====")[0].strip()
        assert first_lines.count("\n") == 1
        assert f"::test_{number}: " in first_lines
        assert expected_message in first_lines


def test_an_invalid_ini_setting_is_one_error(run: Run) -> None:
    """An invalid ini setting is one error with the expected value."""
    result = run("def test_it(): pass", "driftline_rows = many")
    assert "invalid value of driftline_rows: 'many'\n  Use a whole number from 0." in read_output(
        result
    )
    with pytest.raises(Exception, match="invalid value of driftline_on_invalid: 'no'"):
        from_ini({"on_invalid": "no"})
    assert from_ini({"rows": "", "apis": []}) == MockSettings()
    assert from_ini({"rows": "5", "apis": ["a"]}) == MockSettings(rows=5, apis=("a",))


def test_without_an_api_the_error_shows_where_to_name_one(run: Run) -> None:
    """Without an API the error shows both places to name one."""
    result = run("pytestmark = []\ndef test_it(driftline_mock): pass")
    result.assert_outcomes(errors=1)
    hint = 'Write @pytest.mark.driftline("NAME"), or driftline_apis = NAME in pytest\'s settings.'
    assert hint in read_output(result)


def test_an_unknown_name_in_a_test_lists_the_valid_names(run: Run) -> None:
    """An unknown operation, API or listing raises an error with the valid names."""
    result = run("""
from driftline.errors import UsageError
def said(does):
    with pytest.raises(UsageError) as caught:
        does()
    return str(caught.value)
@pytest.mark.driftline("roark", "zudu")
def test_it(driftline_mock):
    mock = driftline_mock
    assert "Use call.create." in said(lambda: mock.received_none("call.crate"))
    assert 'Choose one: driftline_mock["roark"].' in said(lambda: mock.client())
    assert '@pytest.mark.driftline("roark", "zudu", "revox")' in said(lambda: mock["revox"])
    assert "Choose one of: call.list." in said(lambda: mock["roark"].rows("calls"))
    assert "/status" in said(lambda: mock["roark"].put("call.list", status="GONE"))
    assert mock.received_none() is None
""")
    result.assert_outcomes(passed=1)


def test_the_closest_marker_counts() -> None:
    """The closest marker wins for each argument."""
    marks = [(("b",), {"rows": 1}), (("a", "c"), {"rows": 2, "seed": 3, "faults": "503"})]
    assert choose_settings(MockSettings(seed=9), marks) == MockSettings(
        apis=("b",), rows=1, seed=3, faults=("503",)
    )
