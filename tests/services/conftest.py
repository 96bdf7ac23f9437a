"""Adds an option that plants every bug in every service, which takes an hour."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-bug", action="store_true", help="plant each bug in each service")
