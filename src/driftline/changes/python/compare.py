"""Compares two versions of a generated client as client code sees them."""

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

    griffe reads both and reports breaking changes too. It ignores types, values, overloads and
    additions, and takes a removed argument for one of `**options`, so these are compared here. Its
    other findings are added under ids of their own.

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
    """Add the findings of griffe alone; the modules below api/ are internal."""
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
