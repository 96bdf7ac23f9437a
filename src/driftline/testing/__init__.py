"""The mock for tests: what the pytest plugin uses, without pytest itself."""

from driftline.testing.mocked import DriftlineMock, MockedApi
from driftline.testing.received import Received
from driftline.testing.session import MockSession
from driftline.testing.settings import MockSettings, choose_settings, from_ini

__all__ = [
    "DriftlineMock",
    "MockSession",
    "MockSettings",
    "MockedApi",
    "Received",
    "choose_settings",
    "from_ini",
]
