# Made by `driftline generate revox`. Do not edit: change specs/ and run it again.
"""A typed client for Revox, from specs/revox.yaml."""

from . import errors, models
from .client import AsyncRevox, Revox

__all__ = ["AsyncRevox", "Revox", "errors", "models"]
