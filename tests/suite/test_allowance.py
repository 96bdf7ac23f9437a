"""The requests of fuzzing are shared by what there is to break."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from driftline.suite.fuzzing.allowance import AVERAGE, LEAST, MOST, SMALL, compute_allowance

from .documents import load_document, operation


@pytest.mark.parametrize("count", [SMALL, 3 * SMALL])
def test_an_operation_with_more_parameters_gets_more_requests(tmp_path: Path, count: int) -> None:
    """In a large document, as many as there are on average; in a small one, all get the maximum."""
    many = [{"name": f"p{n}", "in": "query", "schema": {"type": "integer"}} for n in range(9)]
    paths = {
        f"/a{n}": {"get": operation(f"a{n}", {}, parameters=[] if n else many)}
        for n in range(count)
    }
    spec = load_document(tmp_path, paths)
    fuzzed: Counter[str] = Counter()
    allowances: list[int] = []
    for each in spec.operations:
        allowances.append(compute_allowance(spec, each, fuzzed))
        fuzzed[each.id] += allowances[-1]
    assert fuzzed.total() <= max(AVERAGE, MOST if count == SMALL else 0) * count
    assert allowances[0] == MOST
    assert min(allowances) >= (MOST if count == SMALL else LEAST)
