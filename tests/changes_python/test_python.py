"""Changes of a client for Python callers: each ID is found, and not for its near-twin."""

from __future__ import annotations

from pathlib import Path

import pytest
from griffe import find_breaking_changes

from changes_python.clients import build_package, compare_clients, compare_relevant, edit_clients
from changes_python.python_cases import CASES, UNDONE
from driftline.changes import PYTHON_RULES
from driftline.changes.python.griffe_reader import Package


@pytest.fixture(scope="module")
def before(client: Path) -> Package:
    """Return the client before it is regenerated."""
    return build_package(client)


@pytest.mark.parametrize("name", CASES)
def test_each_change_is_found_and_its_near_twin_is_not(
    name: str, before: Package, tmp_path: Path
) -> None:
    """The change has its ID, the message that `explain` shows, and a location in both clients.

    Every break that griffe finds is reported as well. Reading only the relevant modules gives the
    same changes.
    """
    changed_client, twin = (
        build_package(edit_clients(before.folder, tmp_path / str(number), edits))
        for number, edits in enumerate(CASES[name])
    )
    pairs = [(before, changed_client), (before, twin)]
    if name in UNDONE:
        pairs = [(after, old) for old, after in pairs]
    changes = [change for change in compare_clients(*pairs[0]) if change.id == f"python.{name}"]
    assert changes
    rule = PYTHON_RULES[f"python.{name}"]
    assert rule.example in {f"{change.uses[0]}: {change.message}" for change in changes}
    for change in changes:
        assert (change.severity, change.direction) == (rule.severity, rule.direction)
        assert change.message
        assert "\n" not in change.message
        assert change.uses
        for location, side in zip((change.old, change.new), pairs[0], strict=True):
            path = side.folder.joinpath(*location.file.parts[1:])
            assert 1 <= location.line <= max(1, len(path.read_text(encoding="utf-8").splitlines()))
    assert f"python.{name}" not in {change.id for change in compare_clients(*pairs[1])}
    assert _list_missed(*pairs[0]) == []
    for pair in pairs:
        assert compare_relevant(*pair) == compare_clients(*pair)


def _list_missed(old: Package, new: Package) -> list[str]:
    """Return what griffe calls breaking and the comparison does not report."""
    breaking_changes = [
        change for change in compare_clients(old, new) if change.severity == "breaking"
    ]
    reported_pointers = {
        location.pointer for change in breaking_changes for location in (change.old, change.new)
    }
    reported_pointers |= {
        f"shop_client.{use.operation}" for change in breaking_changes for use in change.uses
    }
    breakages = find_breaking_changes(old.root, new.root)
    # What both clients have is told with the plain one's place.
    paths = [breakage.obj.path.replace(".Async", ".") for breakage in breakages]
    return [
        path
        for path in paths
        if not any(
            path.startswith(reported_pointer) or reported_pointer.startswith(path)
            for reported_pointer in reported_pointers
        )
    ]


def test_every_id_has_a_case() -> None:
    """Every ID has a case, and every case an ID."""
    assert {f"python.{name}" for name in CASES} == PYTHON_RULES.keys()
