"""Compares two versions of specs and clients: on the wire, and in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from driftline.changes.python.collector import Aliases, ChangeCollector
from driftline.changes.python.compare import compare_packages
from driftline.changes.python.griffe_reader import Package, find_relevant_modules
from driftline.changes.release.outcome import ReleaseSide
from driftline.changes.wire import Change, Use, compare_apis
from driftline.changes.wire.change_rules import ChangeRules
from driftline.changes.wire.report import DiffReport
from driftline.errors import Location, SpecError, UsageError
from driftline.openapi import name_client_package


@attrs.frozen
class ReleaseEffects:
    """Both comparisons, and what could not be compared."""

    wire: DiffReport
    python: DiffReport
    unknown: tuple[str, ...]


def compare_sides(
    old: ReleaseSide, new: ReleaseSide, apis: Sequence[str], rules: ChangeRules
) -> ReleaseEffects:
    """Compare both sides of each API; what cannot be compared is listed, and stops nothing."""
    wire: list[Change] = []
    python: list[Change] = []
    unknown = [
        f"{api}: {why}"
        for api, why in {**old.unreadable_apis, **new.unreadable_apis}.items()
        if api in apis
    ]
    for api in apis:
        documents = [[d for d in side.documents.values() if d.name == api] for side in (old, new)]
        if api not in old.unreadable_apis and api not in new.unreadable_apis:
            try:
                wire += compare_apis(*documents)
            except SpecError as error:
                unknown.append(f"{api}, on the wire: {error.problems[0]}")
        try:
            python += _compare_python(api, old, new)
        except UsageError as error:
            unknown.append(f"{api}, in Python: {error}")
    return ReleaseEffects(
        _report((old.name, new.name), apis, wire, rules),
        _report((old.display_path, new.display_path), apis, python, rules),
        tuple(unknown),
    )


def _report(
    names: tuple[str, str], apis: Sequence[str], changes: list[Change], rules: ChangeRules
) -> DiffReport:
    configured = rules.apply(changes)
    return DiffReport(old=names[0], new=names[1], apis=tuple(apis), changes=configured, rules=rules)


def _compare_python(api: str, old: ReleaseSide, new: ReleaseSide) -> list[Change]:
    package = name_client_package(api)
    folders = [side.clients / package for side in (old, new)]
    modules = find_relevant_modules(*folders)
    if not modules:
        return []
    sides = [
        Package(package, side.clients, side.display_path, modules) if folder.is_dir() else None
        for side, folder in zip((old, new), folders, strict=True)
    ]
    if sides[0] is not None and sides[1] is not None:
        return compare_packages(api, sides[0], sides[1])
    collector = ChangeCollector(api, Aliases({}, {}))
    for name, side in (("added", sides[1]), ("removed", sides[0])):
        for client, location in _list_clients(side):
            message = f"the client {client} of {package} was {name}"
            collector.add(f"client.{name}", message, (location, location), [Use(client, "")])
    return collector.list_changes()


def _list_clients(package: Package | None) -> Iterator[tuple[str, Location]]:
    if package is not None:
        for client in package.read_surface().clients:
            yield client.name, client.locations[""]
