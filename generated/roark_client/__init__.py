# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
"""A typed client for Roark, from specs/roark.yaml."""

from . import errors, models
from .client import AsyncRoark, Roark

__all__ = ["AsyncRoark", "Roark", "errors", "models"]
