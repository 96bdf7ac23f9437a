"""The mutants of mutation testing, for `drift=` of a mock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from driftline.errors import UsageError
from driftline.faces import suggest_extra
from driftline.mock import Handle, Mock


@attrs.frozen
class MutantDrifts:
    """The mutants of a mock that differ from it, by id."""

    seed: int = 0

    def list_ids(self, mock: Mock) -> Sequence[str]:
        """Return the ids in the order of the spec's clauses."""
        return list(_index_mutants(mock))

    def handle(self, mock: Mock, drift: str) -> Handle:
        """Return the mock with one violated clause, on the rows of the mock."""
        handle: Handle = _index_mutants(mock)[drift].handle(mock, self.seed)
        return handle


def _index_mutants(mock: Mock) -> Mapping[str, Any]:
    try:  # at first use: mutants need more packages than the mock does
        from driftline.mutation.clauses import generate_mutants  # noqa: PLC0415
    except ImportError as error:
        message = f"drift= needs the contract suite ({error})"
        raise UsageError(message, suggest_extra("contract")) from None
    return {mutant.id: mutant for mutant in generate_mutants(mock.spec) if not mutant.equivalent}
