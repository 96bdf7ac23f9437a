"""The mock for tests: what the pytest plugin uses, without pytest itself."""

from driftline.testing.mocked import (
    DriftlineMock as DriftlineMock,
    MockedApi as MockedApi,
)
from driftline.testing.received import Received as Received
from driftline.testing.session import MockSession as MockSession
from driftline.testing.settings import (
    MockSettings as MockSettings,
    choose_settings as choose_settings,
    from_ini as from_ini,
)

__all__ = [
    "DriftlineMock",
    "MockSession",
    "MockSettings",
    "MockedApi",
    "Received",
    "choose_settings",
    "from_ini",
]
