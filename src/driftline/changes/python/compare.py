"""Compares two versions of a generated client as client code sees them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import griffe

from driftline.changes.python.annotations import Type, Value, collect_names, remove_none
from driftline.changes.python.calls import compare_clients, format_annotation
from driftline.changes.python.collector import Aliases, ChangeCollector
from driftline.changes.python.griffe_reader import Package
from driftline.changes.python.surface import Alias, FieldSurface, ModelSurface, Surface
from driftline.changes.wire import Change, Use

_BECAME: Final = {
    "request-field": ("it is now required", "it is now optional"),
    "field": ("it is now always present", "it may now be missing"),
}


def compare_models(collector: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare all names in `models`."""
    for name in dict.fromkeys((*old.models, *new.models)):
        use = [Use(f"models.{name}", "")]
        if name not in new.models:
            location = old.models[name].location
            message = f"{name} was removed"
            collector.add("model.removed", message, (location, new.locations["models"]), use)
            continue
        after = new.models[name]
        if name not in old.models:
            collector.add(
                "model.added", f"{name} was added", (old.locations["models"], after.location), use
            )
            continue
        before = old.models[name]
        if isinstance(before, ModelSurface) and isinstance(after, ModelSurface):
            _compare_model(collector, name, (before, after), _list_directions(name, old, new))
        elif isinstance(before, Alias) and isinstance(after, Alias):
            _compare_values(collector, name, (before, after), (old, new))
        else:
            kinds = [
                "a model" if isinstance(surface, ModelSurface) else "a list"
                for surface in (before, after)
            ]
            message = f"{name} was {kinds[0]} and is now {kinds[1]}"
            collector.add("model.kind-changed", message, (before.location, after.location), use)


def compare_errors(collector: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare all names in `errors`."""
    for name in dict.fromkeys((*old.errors, *new.errors)):
        use = [Use(f"errors.{name}", "")]
        if name not in new.errors:
            message = f"{name} was removed"
            locations = (old.errors[name].location, new.locations["errors"])
            collector.add("error.removed", message, locations, use)
        elif name not in old.errors:
            message = f"{name} was added"
            locations = (old.locations["errors"], new.errors[name].location)
            collector.add("error.added", message, locations, use)
        else:
            pair = (old.errors[name], new.errors[name])
            _compare_fields(collector, f"errors.{name}", pair, ["field"])


def _list_directions(name: str, old: Surface, new: Surface) -> list[str]:
    """Return whether client code sends a model, receives it, or both.

    One that no method names is sent as a whole body.
    """
    is_received = name in old.received & new.received
    is_sent = name in old.sent & new.sent or not is_received
    return ["request-field"] * is_sent + ["field"] * is_received


def _compare_model(
    collector: ChangeCollector,
    name: str,
    pair: tuple[ModelSurface, ModelSurface],
    directions: list[str],
) -> None:
    old, new = pair
    if old.pages != new.pages:
        predicate = "can now be iterated over" if new.pages else "can no longer be iterated over"
        rule = "pages.added" if new.pages else "pages.removed"
        locations = (old.location, new.location)
        collector.add(rule, f"its pages {predicate}", locations, [Use(f"models.{name}", "")])
    _compare_fields(collector, f"models.{name}", pair, directions)


def _compare_fields(
    collector: ChangeCollector,
    at: str,
    pair: tuple[ModelSurface, ModelSurface],
    directions: list[str],
) -> None:
    old, new = pair
    for name in dict.fromkeys((*old.fields, *new.fields)):
        use = [Use(at, name)]
        for direction in directions:
            if name not in new.fields:
                before = old.fields[name]
                locations = (before.location, new.location)
                annotation = format_annotation(before.annotation)
                collector.add(
                    f"{direction}.removed",
                    "the field was removed",
                    locations,
                    use,
                    before=annotation,
                )
            elif name not in old.fields:
                _report_added(collector, direction, old, new.fields[name], use)
            else:
                _compare_field(collector, direction, (old.fields[name], new.fields[name]), use)


def _report_added(
    collector: ChangeCollector, direction: str, old: ModelSurface, new: FieldSurface, use: list[Use]
) -> None:
    required = new.required and direction == "request-field"
    rule = f"{direction}.required-added" if required else f"{direction}.added"
    kind = format_annotation(new.annotation)
    message = f"{'required' if required else 'optional'} field added: {kind}"
    collector.add(rule, message, (old.location, new.location), use, after=kind)


def _compare_field(
    collector: ChangeCollector,
    direction: str,
    pair: tuple[FieldSurface, FieldSurface],
    use: list[Use],
) -> None:
    old, new = pair
    locations = (old.location, new.location)
    kinds = (old.type, new.type)
    if old.required != new.required and (direction == "request-field" or old.type == new.type):
        became = "required" if new.required else "optional"
        messages = _BECAME[direction]
        collector.add(f"{direction}.became-{became}", messages[not new.required], locations, use)
    if direction == "request-field" and old.required != new.required:
        kinds = (remove_none(old.type), remove_none(new.type))
    relation = collector.compare(*kinds)
    if relation == "same":
        return
    before, after = format_annotation(old.annotation), format_annotation(new.annotation)
    verb = "took" if direction == "request-field" else "was"
    now = "now takes" if direction == "request-field" else "is now"
    message = f"it {verb} {before} and {now} {after}"
    rule = f"{direction}.{'retyped' if relation == 'changed' else relation}"
    collector.add(rule, message, locations, use, before=before, after=after)


def _compare_values(
    collector: ChangeCollector, name: str, pair: tuple[Alias, Alias], sides: tuple[Surface, Surface]
) -> None:
    """Compare the values, for what client code sends and for what it receives."""
    locations = (pair[0].location, pair[1].location)
    before, after = (_list_literals(alias.type) for alias in pair)
    if before == after:
        return
    uses = {
        "argument-value": [use for side in sides for use in _list_inputs(side, name)],
        "value": [use for side in sides for use in _list_outputs(side, name)],
    }
    uses_by_kind = {
        key: list(dict.fromkeys(affected)) for key, affected in uses.items() if affected
    }
    for kind, value_uses in (uses_by_kind or {"value": [Use(f"models.{name}", "")]}).items():
        for literal in before:
            if literal not in after:
                message = f"{name} no longer has the value {literal}"
                collector.add(f"{kind}.removed", message, locations, value_uses, before=literal)
        for literal in after:
            if literal not in before:
                collector.add(
                    f"{kind}.added",
                    f"{name} now has the value {literal}",
                    locations,
                    value_uses,
                    after=literal,
                )


def _list_literals(kind: Type) -> list[str]:
    return sorted(member.literal for member in kind if isinstance(member, Value))


def _list_inputs(side: Surface, name: str) -> Iterator[Use]:
    """Yield the locations where client code sends such a value."""
    for client in side.clients:
        for resource, methods in client.resources.items():
            for method, signature in methods.items():
                for form in signature.forms.values():
                    for argument in form.arguments.values():
                        if name in collect_names(argument.type):
                            yield Use(f"{client.name}.{resource}.{method}", argument.name)
    yield from _list_in_models(side, name, side.sent)


def _list_outputs(side: Surface, name: str) -> Iterator[Use]:
    """Yield the locations where client code receives one."""
    for client in side.clients:
        for resource, methods in client.resources.items():
            for method, signature in methods.items():
                if any(name in collect_names(form.returns) for form in signature.forms.values()):
                    yield Use(f"{client.name}.{resource}.{method}", "")
    yield from _list_in_models(side, name, side.received)


def _list_in_models(side: Surface, name: str, model_names: frozenset[str]) -> Iterator[Use]:
    for model in sorted(model_names):
        surface = side.models[model]
        if isinstance(surface, ModelSurface):
            for field, field_surface in surface.fields.items():
                if name in collect_names(field_surface.type):
                    yield Use(f"models.{model}", field)


def compare_packages(api: str, old: Package, new: Package) -> list[Change]:
    """Return every change, the most severe first.

    griffe reads both and reports breaking changes too. It ignores types, values, overloads and
    additions, and takes a removed argument for one of `**options`, so these are compared here. Its
    other findings are added under ids of their own.

    Raises:
        UsageError: a package is not a generated client.
    """
    sides = (old.read_surface(), new.read_surface())
    collector = ChangeCollector(api, Aliases(sides[0].aliases, sides[1].aliases))
    compare_clients(collector, *sides)
    compare_models(collector, *sides)
    compare_errors(collector, *sides)
    _compare_others(collector, old, new)
    return collector.list_changes()


def _compare_others(collector: ChangeCollector, old: Package, new: Package) -> None:
    """Add the findings of griffe alone; the modules below api/ are internal."""
    reported_paths = set(_list_reported(collector.list_changes(), new.name))
    for breakage in griffe.find_breaking_changes(old.root, new.root):
        path = breakage.obj.path
        inside = path.removeprefix(f"{new.name}.")
        if inside.startswith("api") or any(
            _is_reported(path, reported_path) for reported_path in reported_paths
        ):
            continue
        use = [Use(inside, "")]
        if breakage.kind is griffe.BreakageKind.OBJECT_REMOVED:
            locations = (old.locate(breakage.obj), new.locate(new.root))
            collector.add("name.removed", f"{breakage.obj.name} was removed", locations, use)
        else:
            locations = (old.locate(old.root), new.locate(breakage.obj))
            collector.add("name.changed", breakage.kind.value.lower(), locations, use)


def _list_reported(changes: Iterable[Change], package: str) -> Iterator[str]:
    for change in changes:
        # A module or package as a whole is only where a part of it was missed.
        yield from (at.pointer for at in (change.old, change.new) if at.pointer.count(".") > 1)
        for use in change.uses:
            yield from (f"{package}.{use.operation}", f"{package}.client.{use.operation}")


def _is_reported(path: str, reported_path: str) -> bool:
    return (
        reported_path == path
        or reported_path.startswith(f"{path}.")
        or path.startswith(f"{reported_path}.")
    )
