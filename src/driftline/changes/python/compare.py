"""What a regenerated client changes for those who call it from Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import griffe

from driftline.changes.python.calls import compare_clients
from driftline.changes.python.collector import Aliases, ChangeCollector
from driftline.changes.python.fields import compare_errors, compare_models
from driftline.changes.python.griffe_reader import Package
from driftline.changes.wire import Change, Use


def compare_packages(api: str, old: Package, new: Package) -> list[Change]:
    """Return every change, the most severe first.

    griffe reads both, and tells of breaking changes as well. It passes over types, values, other
    ways to call a method and all that is new, and takes an argument that is gone for one of
    `**options`: these are found here. What it finds beyond that is added under its own ids.

    Raises:
        UsageError: one of them is not a client of ours.
    """
    sides = (old.read_surface(), new.read_surface())
    found = ChangeCollector(api, Aliases(sides[0].aliases, sides[1].aliases))
    compare_clients(found, *sides)
    compare_models(found, *sides)
    compare_errors(found, *sides)
    _compare_others(found, old, new)
    return found.list_changes()


def _compare_others(found: ChangeCollector, old: Package, new: Package) -> None:
    """What only griffe has seen; the modules below api/ are the client's own."""
    told = set(_list_reported(found.list_changes(), new.name))
    for breakage in griffe.find_breaking_changes(old.root, new.root):
        path = breakage.obj.path
        inside = path.removeprefix(f"{new.name}.")
        if inside.startswith("api") or any(_is_reported(path, each) for each in told):
            continue
        use = [Use(inside, "")]
        if breakage.kind is griffe.BreakageKind.OBJECT_REMOVED:
            places = (old.place(breakage.obj), new.place(new.root))
            found.add("name.removed", f"{breakage.obj.name} was removed", places, use)
        else:
            places = (old.place(old.root), new.place(breakage.obj))
            found.add("name.changed", breakage.kind.value.lower(), places, use)


def _list_reported(changes: Iterable[Change], package: str) -> Iterator[str]:
    for change in changes:
        # A module or package as a whole is only where a part of it was missed.
        yield from (at.pointer for at in (change.old, change.new) if at.pointer.count(".") > 1)
        for use in change.uses:
            yield from (f"{package}.{use.operation}", f"{package}.client.{use.operation}")


def _is_reported(path: str, reported: str) -> bool:
    return reported == path or reported.startswith(f"{path}.") or path.startswith(f"{reported}.")
