"""The pytest plugin of `driftline[mock]`: the fixture `driftline_mock` and related fixtures.

pytest imports this module at each start, so the mock is imported only with the first test that
uses it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import pytest

if TYPE_CHECKING:
    from driftline.testing import DriftlineMock, MockSession

_MARKER = (
    "driftline(*apis, rows, seed, faults, env, waits, on_unmatched, on_invalid): "
    "serve these APIs to the test"
)
_INI: Mapping[str, tuple[Literal["args", "paths", "string"], str]] = {
    "apis": ("args", "APIs that driftline_mock serves; default: all of driftline_specs"),
    "specs": ("paths", "directories of specs, searched before the installed clients"),
    "rows": ("string", "number of initial rows in each listing (default: 20)"),
    "seed": ("string", "seed for mock data (default: 0)"),
    "on_unmatched": ("string", "fail or allow: requests that match no operation (default: fail)"),
    "on_invalid": ("string", "fail or allow: requests that violate the spec (default: fail)"),
}
_MOCK: pytest.StashKey[DriftlineMock] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options."""
    for name, (kind, description) in _INI.items():
        default: str | list[str] = "" if kind == "string" else []
        parser.addini(f"driftline_{name}", f"mock: {description}", kind, default)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Add the fixture to each test with the marker."""
    for item in items:
        if not isinstance(item, pytest.Function) or item.get_closest_marker("driftline") is None:
            continue
        if "driftline_mock" not in item.fixturenames:
            item.fixturenames.insert(0, "driftline_mock")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test that sent invalid requests; list the received requests of a failed test."""
    try:
        result = yield
    except BaseException:  # a failed test raises none that is an Exception
        mock = item.stash.get(_MOCK, None)
        if mock is not None:
            messages = filter(None, (mock.take_complaint(), mock.list_received()))
            item.add_report_section("call", "driftline", "\n\n".join(messages))
        raise
    mock = item.stash.get(_MOCK, None)
    complaint = mock.take_complaint() if mock is not None else ""
    if complaint:
        pytest.fail(complaint, pytrace=False)
    return result


@pytest.fixture(scope="session")
def _driftline_session() -> Iterator[MockSession]:
    try:
        from driftline.testing import MockSession  # noqa: PLC0415 - see above
    except ImportError as error:
        from driftline.faces import suggest_extra  # noqa: PLC0415 - see above

        _stop(f"the mock is not installed: {error}\n  {suggest_extra('mock')}")
    session = MockSession()
    yield session
    session.close()


@pytest.fixture
def driftline_mock(
    request: pytest.FixtureRequest, _driftline_session: MockSession
) -> Iterator[DriftlineMock]:
    """Mock the APIs that the marker `driftline` names, with rows of this test alone.

    Sets the environment variables of base URLs and credentials for programs with their own client.
    """
    from driftline.errors import DriftlineError  # noqa: PLC0415
    from driftline.testing import choose_settings, from_ini  # noqa: PLC0415

    item: pytest.Item = request.node
    try:
        ini = {name: item.config.getini(f"driftline_{name}") for name in _INI}
        marks = [(mark.args, mark.kwargs) for mark in item.iter_markers("driftline")]
        settings = choose_settings(from_ini(ini), marks)
        mocking = _driftline_session.open_mock(settings)
    except DriftlineError as error:
        _stop(f"{item.nodeid}: {error}")
    with ExitStack() as stack:
        try:
            mock = stack.enter_context(mocking)
            variables = _driftline_session.build_environment(mock)
        except DriftlineError as error:
            _stop(f"{item.nodeid}: {error}")
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in variables.items():
            patch.setenv(name, value)
        item.stash[_MOCK] = mock
        yield mock
    del item.stash[_MOCK]
    complaint = mock.take_complaint()
    if complaint:
        pytest.fail(complaint, pytrace=False)


@pytest.fixture
def driftline_client(driftline_mock: DriftlineMock) -> Any:
    """Return the typed client of the only API, connected to the mock without a port."""
    return driftline_mock.client()


@pytest.fixture
def driftline_async_client(driftline_mock: DriftlineMock) -> Any:
    """Return the async client of the only API, connected to the mock without a port."""
    return driftline_mock.async_client()


@pytest.fixture(scope="session")
def driftline_url(_driftline_session: MockSession) -> str:
    """Return the URL of the port, the same for all tests; each API is below its name."""
    return _driftline_session.port.get_url()


def _stop(message: str) -> NoReturn:
    raise pytest.fail.Exception(message, pytrace=False) from None
