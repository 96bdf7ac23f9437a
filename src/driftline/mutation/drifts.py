"""The drill's mutants, for a mock that is asked to drift from its spec."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from driftline.mock import Handle, Mock
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant


@attrs.frozen
class MutantDrifts:
    """Every way to break a clause that anybody could tell from the mock, by its ID."""

    seed: int = 0

    def list_ids(self, mock: Mock) -> Sequence[str]:
        """In the order of the spec's clauses."""
        return list(self._index_mutants(mock))

    def handle(self, mock: Mock, drift: str) -> Handle:
        """Return the mock with one clause broken; its rows are the mock's."""
        return self._index_mutants(mock)[drift].handle(mock, self.seed)

    def _index_mutants(self, mock: Mock) -> dict[str, Mutant]:
        return {
            mutant.id: mutant for mutant in generate_mutants(mock.spec) if not mutant.equivalent
        }
