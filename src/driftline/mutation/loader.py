"""Loads the mutants of `drift=` at first use: they need more packages than the mock does."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from driftline.errors import UsageError
from driftline.mock import Handle, Mock


class LazyDrifts:
    """The drifts of mocks, loaded at first use."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def list_ids(self, mock: Mock) -> Sequence[str]:
        """Return the ids of all drifts of this mock."""
        return list(self._run().list_ids(mock))

    def handle(self, mock: Mock, drift: str) -> Handle:
        """Return the mock with that drift."""
        made: Handle = self._run().handle(mock, drift)
        return made

    def _run(self) -> Any:
        try:
            return import_module("driftline.mutation.drifts").MutantDrifts(self._seed)
        except ImportError as error:
            remedy = "Run: pip install 'driftline[contract]'"
            raise UsageError(f"drift= needs the contract suite ({error})", remedy) from None
