"""The mock in users' tests: what the pytest plugin gives, without pytest itself."""

from driftline.testing.mocked import DriftlineMock, MockedApi
from driftline.testing.received import Received
from driftline.testing.session import Session
from driftline.testing.settings import Settings, chosen, from_ini

__all__ = ["DriftlineMock", "MockedApi", "Received", "Session", "Settings", "chosen", "from_ini"]
