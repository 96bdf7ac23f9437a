"""Shared by the tests of a process: specs, mocks and the port."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import attrs

from driftline.errors import UsageError
from driftline.mock import Mock
from driftline.openapi import CLIENT_DOCUMENT, Spec, find, load, name_client_package
from driftline.testing.mocked import DriftlineMock
from driftline.testing.recording_site import SharedPort
from driftline.testing.settings import MockSettings

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class MockSession:
    """Gives each test its own mock at the cost of a reset."""

    def __init__(self) -> None:
        self.port = SharedPort()
        self._mocks: dict[tuple[Path, int, int], Mock] = {}

    @contextmanager
    def open_mock(self, settings: MockSettings) -> Generator[DriftlineMock]:
        """Open the mock of one test, with its initial rows and faults.

        Raises:
            UsageError: unknown API, or a fault rule matches nothing.
            SpecError: a spec is not sound.
            TargetError: no port can be opened.
        """
        specs = load_named(settings.apis, settings.specs)
        mocks = {spec.name: self._mock(spec, settings) for spec in specs}
        mocked = DriftlineMock(mocks, settings, self.port.get_url)
        with self.port.serve_site(mocked.site):
            try:
                yield mocked
            finally:
                mocked.close()

    def build_environment(self, mocked: DriftlineMock) -> Mapping[str, str]:
        """Return the variables that connect a program with its own client to the mock."""
        variables: dict[str, str] = {}
        for api in mocked.values() if mocked.settings.env else ():
            spec = api.mock.spec
            variables |= {server.env: api.url for server in spec.servers if server.env}
            variables |= api.mock.credential_variables
        if variables and any(
            os.environ.get(form) for name in _PROXIES for form in (name, name.upper())
        ):
            for name in ("no_proxy", "NO_PROXY"):
                variables[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1")))
        return variables

    def _mock(self, spec: Spec, settings: MockSettings) -> Mock:
        key = (spec.path, settings.rows, settings.seed)
        if key not in self._mocks:
            self._mocks[key] = Mock(spec, rows=settings.rows, seed=settings.seed)
        mock = self._mocks[key]
        mock.reset()
        return mock

    def close(self) -> None:
        """Close the port and delete all rows."""
        self.port.close()
        for mock in self._mocks.values():
            mock.close()
        self._mocks.clear()


def load_named(names: Sequence[str], folders: Sequence[Path]) -> list[Spec]:
    """Load the specs of these names; without a name, all of the folders.

    A spec comes from the first folder that has it, or else from the installed client of the API,
    which contains the document that it was generated from.

    Raises:
        UsageError: a folder or spec does not exist.
        SpecError: a spec is invalid.
    """
    paths_by_name = {path.stem: path for folder in reversed(folders) for path in find(folder)}
    if not names and not paths_by_name:
        raise UsageError(
            "no API selected for driftline_mock",
            'Write @pytest.mark.driftline("NAME"), or driftline_apis = NAME in pytest\'s settings.',
        )
    return [
        _load(paths_by_name.get(name) or _find_document(name, paths_by_name), name)
        for name in names or sorted(paths_by_name)
    ]


def _find_document(name: str, paths_by_name: Mapping[str, Path]) -> Path:
    package = name_client_package(name)
    module = find_spec(package) if package.isidentifier() else None
    for folder in (module.submodule_search_locations or ()) if module else ():
        path = Path(folder, CLIENT_DOCUMENT)
        if path.is_file():
            return path
    advice = (
        f"Use one of: {', '.join(sorted(paths_by_name))}; or install"
        if paths_by_name
        else "Install"
    )
    raise UsageError(
        f"unknown API {name!r}", f"{advice} the package {package}, or set driftline_specs."
    )


@cache
def _load(path: Path, name: str) -> Spec:
    return attrs.evolve(load(path), name=name)
