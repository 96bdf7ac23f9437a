# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
"""A typed client for Zudu, from specs/zudu.yaml."""

from . import errors, models
from .client import AsyncZudu, Zudu

__all__ = ["AsyncZudu", "Zudu", "errors", "models"]
