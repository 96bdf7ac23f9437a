"""Setup for tests that run pytest inside pytest."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import pytest
import revox_client
import roark_client
import zudu_client


@pytest.fixture(scope="session", autouse=True)
def loaded_clients() -> None:
    """Import all modules of the clients, as an in-process pytest run forgets what it imported.

    Importing them again would create other classes than those that are already in use.
    """
    for client in (revox_client, roark_client, zudu_client):
        for module in pkgutil.walk_packages(client.__path__, f"{client.__name__}."):
            import_module(module.name)
