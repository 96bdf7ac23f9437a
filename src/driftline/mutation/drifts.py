"""The mutants of mutation testing, for `drift=` of a mock."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from driftline.mock import Handle, Mock
from driftline.mutation.clauses import generate_mutants
from driftline.mutation.mutants import Mutant


@attrs.frozen
class MutantDrifts:
    """The mutants of a mock that differ from it, by id."""

    seed: int = 0

    def list_ids(self, mock: Mock) -> Sequence[str]:
        """Return the ids in the order of the spec's clauses."""
        return list(self._index_mutants(mock))

    def handle(self, mock: Mock, drift: str) -> Handle:
        """Return the mock with one violated clause, on the rows of the mock."""
        return self._index_mutants(mock)[drift].handle(mock, self.seed)

    def _index_mutants(self, mock: Mock) -> dict[str, Mutant]:
        return {
            mutant.id: mutant for mutant in generate_mutants(mock.spec) if not mutant.equivalent
        }
