"""The pytest plugin: each test has its own rows, faults and environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytest_plugins = ["pytester"]
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:hypothesispytest")

APART = """
import os
import httpx
import pytest
from roark_client import Roark, errors
from roark_client.client import API

pytestmark = pytest.mark.driftline("roark")
BEFORE = dict(os.environ)

def test_1_changes_all_it_can(driftline_mock):
    assert os.environ["ROARK_BASE_URL"] == driftline_mock.url
    mock = driftline_mock.only.mock
    driftline_mock.fault("roark/call.list: 429")
    driftline_mock.put("call.list", title="mine", status="RINGING")
    driftline_mock.step(60)
    mock.clock.run(1000)
    assert httpx.get(driftline_mock.url + "/v1/call").status_code == 429
    with driftline_mock.fault("roark/call.list: 503"):
        pass
    httpx.put(driftline_mock.url.replace("/roark", "/_driftline/faults"), content="503")

def test_2_sees_nothing_of_it(driftline_mock):
    driftline_mock.received_none()
    assert list(driftline_mock.site.faults) == []
    assert len(driftline_mock.rows("call.list")) == 20
    assert "mine" not in {row.get("title") for row in driftline_mock.rows("call.list")}
    assert driftline_mock.only.mock.clock.speed == 0
    with Roark() as roark:
        assert roark.call.list().pagination.total == 20

@pytest.mark.driftline(rows=3, seed=1)
def test_3_other_rows(driftline_mock, driftline_client):
    kept = driftline_mock.snapshot()
    assert driftline_client.call.list().pagination.total == 3
    driftline_mock.put("call.list", title="one more")
    driftline_mock.load(kept)
    assert len(driftline_mock.rows("call.list")) == 3
    with driftline_mock.fault("roark/call.list: 503 retry-after=0"):
        with pytest.raises(errors.ServerError):
            driftline_client.call.list(retries=0)
    assert driftline_client.call.list()
    assert driftline_mock.received[1].faults == ("roark/call.list: 503 retry-after=0",)

@pytest.mark.driftline(env=False)
def test_4_no_surroundings(driftline_mock):
    assert os.environ["ROARK_BASE_URL"] == "http://before.example"
    assert httpx.get(driftline_mock.url + "/v1/call", trust_env=False).status_code == 401

def test_5_a_row_is_changed_by_its_id(driftline_mock):
    first = driftline_mock.rows("call.list")[0]
    driftline_mock.put("call.list", id=first["id"], title="other")
    assert driftline_mock.rows("call.list")[0] == {**first, "title": "other"}

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_6_async(driftline_mock, driftline_async_client, anyio_backend):
    driftline_mock.fault("latency=5s", "roark/call.list: drip=1s/100")
    assert (await driftline_async_client.call.list()).pagination.total == 20
test_6_async = pytest.mark.driftline(waits=False)(test_6_async)

def test_8_a_recording(driftline_mock, driftline_client):
    urls = [call.recording_url for call in driftline_client.call.list() if call.recording_url]
    assert httpx.get(urls[0]).content[:4] == b"RIFF"
    assert driftline_mock.received[-1].status == 200

class TestInAClass:
    def test_7(self, driftline_url):
        assert os.environ["ROARK_BASE_URL"] == f"{driftline_url}/roark"

@pytest.fixture(scope="module", autouse=True)
def surroundings():
    yield
    left = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"}
    assert left == {k: v for k, v in BEFORE.items() if k != "PYTEST_CURRENT_TEST"}
"""


def test_mock_state_is_isolated_per_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, clock, faults, requests and variables are isolated per test, sync and async."""
    monkeypatch.setenv("ROARK_BASE_URL", "http://before.example")
    monkeypatch.delenv("ROARK_API_BEARER_TOKEN", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    pytester.makepyfile(APART)
    result = pytester.runpytest_inprocess(*OPTIONS, "-W", "error", "--strict-markers")
    result.assert_outcomes(passed=9)


def test_the_specs_of_the_project_are_served(pytester: pytest.Pytester) -> None:
    """The project's specs are served, all by default, and take precedence over installed ones."""
    folder = pytester.mkdir("apis")
    source = (ROOT / "specs/zudu.yaml").read_text()
    (folder / "zudu.yaml").write_text(source.replace("title: Zudu", "title: Ours", 1))
    pytester.makeini("[pytest]\ndriftline_specs = apis\n")
    pytester.makepyfile("""
import pytest
def test_all(driftline_mock):
    assert list(driftline_mock) == ["zudu"]
    assert driftline_mock.only.mock.spec.title == "Ours"
@pytest.mark.driftline("roark")
def test_shipped(driftline_mock):
    assert list(driftline_mock) == ["roark"]
""")
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=2)


def test_a_session_without_a_mock_imports_only_the_plugin(pytester: pytest.Pytester) -> None:
    """A session without a mock imports only the plugin's module."""
    pytester.makeconftest("""
import sys
def pytest_unconfigure():
    print([name for name in sys.modules if name.split(".")[0] in {"driftline", "uvicorn"}])
""")
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess(*OPTIONS)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*'driftline', 'driftline.pytest_plugin']*"])


def test_a_missing_mock_extra_names_its_install_command(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the mock extra the error names the command to install it."""
    for name in [module for module in sys.modules if module.startswith("driftline.testing")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "driftline.mock", None)
    pytester.makepyfile("def test_it(driftline_mock): pass")
    result = pytester.runpytest_inprocess(*OPTIONS)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*Install driftline again with the extra 'mock', *"])


def test_plugin_and_contract_suite_work_in_one_session(tmp_path: Path) -> None:
    """The plugin and the contract suite work in one session."""
    shutil.copytree(ROOT / "specs", tmp_path / "specs")
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    suite = tmp_path / "contract_tests"
    shutil.copytree(ROOT / "contract_tests", suite)
    (suite / "test_mine.py").write_text("""
import pytest
@pytest.mark.driftline("zudu")
def test_mine(driftline_client):
    assert driftline_client.call.list()
""")
    arguments = [str(suite), "-k", "credentials or mine"]
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *OPTIONS[:2], "--api", "zudu", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
    )
    assert "2 passed" in process.stdout, process.stdout + process.stderr


def test_received_requests_have_parsed_queries_and_bodies(pytester: pytest.Pytester) -> None:
    """Received requests have parsed queries and JSON bodies of any length; `repr` hides secrets."""
    pytester.makepyfile("""
import httpx
import pytest
@pytest.mark.driftline("roark", on_invalid="allow")
def test_it(driftline_mock):
    query = {"a": ["1", "2"], "b": "", "api_key": "x"}
    with httpx.Client(transport=driftline_mock.transport) as client:
        client.post("https://any.example/v1/call", params=query, json={"long": "x" * 20000})
    (got,) = driftline_mock.received
    assert got.query == query
    assert got.json == {"long": "x" * 20000}
    assert (got.method, got.path, got.status) == ("POST", "/v1/call", 401)
    assert "api_key=***" in repr(got) and len(repr(got)) < 400
""")
    pytester.runpytest_inprocess(*OPTIONS).assert_outcomes(passed=1)
