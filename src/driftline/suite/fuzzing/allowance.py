"""How many requests fuzzing may send for an operation of a large document."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from driftline.openapi import Operation, Spec, list_value_paths

SMALL: Final = 10
"""Up to this many operations are fuzzed without a common limit."""
AVERAGE, LEAST, MOST = 23, 12, 120
"""Generated requests of an operation."""
_MOST_FIELDS: Final = 20
"""The maximum number of fields of a body that count, since a nested one has hundreds."""


def compute_allowance(spec: Spec, operation: Operation, fuzzed: Mapping[str, int]) -> int:
    """Return how many requests fuzzing may have sent for an operation.

    In a large document, what is left of the operations before is available, too, and an operation
    with many parameters and fields gets more than one with few, as it has more rules to break.
    In a small document, each operation gets the maximum.
    """
    if len(spec.operations) <= SMALL:
        return MOST
    inputs = _count_inputs(spec)
    share = AVERAGE * len(inputs) / sum(inputs.values())
    total = share * sum(inputs[name] for name in {*fuzzed, operation.id})
    return min(max(round(total) - sum(fuzzed.values()), LEAST), MOST)


@lru_cache(maxsize=16)
def _count_inputs(spec: Spec) -> Mapping[str, int]:
    """Return the number of parameters and fields of each operation, and one for the operation."""
    counts: dict[str, int] = {}
    for operation in spec.operations:
        media = operation.body.json if operation.body else None
        fields = list_value_paths(spec, media.schema_pointer) if media else ()
        counts[operation.id] = 1 + len(operation.parameters) + min(len(fields), _MOST_FIELDS)
    return counts
