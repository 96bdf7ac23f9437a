"""Extensions with dangling references are problems and affect nothing else."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from driftline.mock import HttpRequest, Mock
from driftline.openapi import Spec, load

SHOP = Path(__file__).with_name("shop.yaml").read_text("utf-8")
LIFE = "x-lifecycle: {field: /state, states: [NEW, PAID], begins: /made}\n      allOf:"
LIVING = SHOP.replace("    Order:\n      allOf:", f"    Order:\n      {LIFE}", 1)


def load_changed(folder: Path, old: str, new: str) -> Spec:
    assert old in LIVING
    path = folder / "shop.yaml"
    path.write_text(LIVING.replace(old, new, 1))
    return load(path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: read, of: order.list", "kind: read, of: nothing", "effect.listing-unknown"),
        ("of: order.list\n", "of: order.create\n", "effect.listing-unknown"),
        ("items: /orders", "items: /nothing", "effect.listing-unknown"),
        ("items: /orders", "items: /nothing", "extension.pointer-unresolved"),
        ("items: /orders", "items: /page/total", "listing.items-not-array"),
        ("items: /orders", "items: orders", "effect.listing-unknown"),
        ("field: /state, states", "field: /nothing, states", "extension.pointer-unresolved"),
        ("begins: /made", "begins: /nothing", "extension.pointer-unresolved"),
    ],
)
def test_a_reference_to_nothing_is_a_problem(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """The spec has an error for the reference, and its mock responds to each operation."""
    spec = load_changed(tmp_path, old, new)
    assert expected in {problem.id for problem in spec.problems if problem.severity == "error"}
    free = (attrs.evolve(operation, security=()) for operation in spec.operations)
    mock = Mock(attrs.evolve(spec, operations=tuple(free)), rows=3)
    row = "/orders/3c90c3cc-0d44-4b50-8888-8dd25736052a"
    body, headers = b'{"note": "hello"}', (("Content-Type", "application/json"),)
    for request in (
        HttpRequest("GET", "/orders", ""),
        HttpRequest("POST", "/orders", "", headers, body),
        HttpRequest("GET", row, ""),
    ):
        assert mock.handle(request).status < 500


def test_valid_extensions_are_kept(tmp_path: Path) -> None:
    """Valid extensions stay, including those unrelated to an invalid one."""
    spec = load_changed(tmp_path, "begins: /made", "begins: /nothing")
    extensions_by_id = {
        operation.id: (operation.listing is not None, operation.effect is not None)
        for operation in spec.operations
    }
    assert extensions_by_id == {
        "order.list": (True, False),
        "order.create": (False, True),
        "order.read": (False, True),
    }
