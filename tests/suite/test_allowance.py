"""Fuzzing divides its requests among the operations by their number of parameters and fields."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from driftline.suite.fuzzing.allowance import AVERAGE, LEAST, MOST, SMALL, compute_allowance

from .documents import build_operation, load_document


@pytest.mark.parametrize("count", [SMALL, 3 * SMALL])
def test_an_operation_with_more_parameters_gets_more_requests(tmp_path: Path, count: int) -> None:
    """In a large document, operations with more inputs get more requests; in a small one, all get
    the maximum.
    """
    parameters = [{"name": f"p{n}", "in": "query", "schema": {"type": "integer"}} for n in range(9)]
    paths = {
        f"/a{n}": {"get": build_operation(f"a{n}", {}, parameters=[] if n else parameters)}
        for n in range(count)
    }
    spec = load_document(tmp_path, paths)
    request_counts: Counter[str] = Counter()
    allowances: list[int] = []
    for operation in spec.operations:
        allowances.append(compute_allowance(spec, operation, request_counts))
        request_counts[operation.id] += allowances[-1]
    assert request_counts.total() <= max(AVERAGE, MOST if count == SMALL else 0) * count
    assert allowances[0] == MOST
    assert min(allowances) >= (MOST if count == SMALL else LEAST)
