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


def compare_models(found: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare all names in `models`."""
    for name in dict.fromkeys((*old.models, *new.models)):
        use = [Use(f"models.{name}", "")]
        if name not in new.models:
            place = old.models[name].place
            message = f"{name} was removed"
            found.add("model.removed", message, (place, new.places["models"]), use)
            continue
        after = new.models[name]
        if name not in old.models:
            found.add("model.added", f"{name} was added", (old.places["models"], after.place), use)
            continue
        before = old.models[name]
        if isinstance(before, ModelSurface) and isinstance(after, ModelSurface):
            _compare_model(found, name, (before, after), _list_directions(name, old, new))
        elif isinstance(before, Alias) and isinstance(after, Alias):
            _compare_values(found, name, (before, after), (old, new))
        else:
            words = [
                "a model" if isinstance(each, ModelSurface) else "a list"
                for each in (before, after)
            ]
            message = f"{name} was {words[0]} and is now {words[1]}"
            found.add("model.remade", message, (before.place, after.place), use)


def compare_errors(found: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare all names in `errors`."""
    for name in dict.fromkeys((*old.errors, *new.errors)):
        use = [Use(f"errors.{name}", "")]
        if name not in new.errors:
            message = f"{name} was removed"
            places = (old.errors[name].place, new.places["errors"])
            found.add("error.removed", message, places, use)
        elif name not in old.errors:
            message = f"{name} was added"
            places = (old.places["errors"], new.errors[name].place)
            found.add("error.added", message, places, use)
        else:
            pair = (old.errors[name], new.errors[name])
            _compare_fields(found, f"errors.{name}", pair, ["field"])


def _list_directions(name: str, old: Surface, new: Surface) -> list[str]:
    """Return whether client code sends a model, receives it, or both.

    One that no method names is sent as a whole body.
    """
    received = name in old.received & new.received
    sent = name in old.sent & new.sent or not received
    return ["request-field"] * sent + ["field"] * received


def _compare_model(
    found: ChangeCollector, name: str, pair: tuple[ModelSurface, ModelSurface], ways: list[str]
) -> None:
    old, new = pair
    if old.pages != new.pages:
        words = "can now be iterated over" if new.pages else "can no longer be iterated over"
        rule = "pages.added" if new.pages else "pages.removed"
        places = (old.place, new.place)
        found.add(rule, f"its pages {words}", places, [Use(f"models.{name}", "")])
    _compare_fields(found, f"models.{name}", pair, ways)


def _compare_fields(
    found: ChangeCollector, at: str, pair: tuple[ModelSurface, ModelSurface], ways: list[str]
) -> None:
    old, new = pair
    for name in dict.fromkeys((*old.fields, *new.fields)):
        use = [Use(at, name)]
        for way in ways:
            if name not in new.fields:
                before = old.fields[name]
                places = (before.place, new.place)
                told = format_annotation(before.annotation)
                found.add(f"{way}.removed", "the field was removed", places, use, before=told)
            elif name not in old.fields:
                _report_added(found, way, old, new.fields[name], use)
            else:
                _compare_field(found, way, (old.fields[name], new.fields[name]), use)


def _report_added(
    found: ChangeCollector, way: str, old: ModelSurface, new: FieldSurface, use: list[Use]
) -> None:
    required = new.required and way == "request-field"
    rule = f"{way}.required-added" if required else f"{way}.added"
    kind = format_annotation(new.annotation)
    message = f"{'required' if required else 'optional'} field added: {kind}"
    found.add(rule, message, (old.place, new.place), use, after=kind)


def _compare_field(
    found: ChangeCollector, way: str, pair: tuple[FieldSurface, FieldSurface], use: list[Use]
) -> None:
    old, new = pair
    places = (old.place, new.place)
    kinds = (old.type, new.type)
    if old.required != new.required and (way == "request-field" or old.type == new.type):
        became = "required" if new.required else "optional"
        words = _BECAME[way]
        found.add(f"{way}.became-{became}", words[not new.required], places, use)
    if way == "request-field" and old.required != new.required:
        kinds = (remove_none(old.type), remove_none(new.type))
    how = found.compare(*kinds)
    if how == "same":
        return
    before, after = format_annotation(old.annotation), format_annotation(new.annotation)
    verb = "took" if way == "request-field" else "was"
    now = "takes" if way == "request-field" else "is"
    message = f"it {verb} {before} and now {now} {after}"
    rule = f"{way}.{'retyped' if how == 'changed' else how}"
    found.add(rule, message, places, use, before=before, after=after)


def _compare_values(
    found: ChangeCollector, name: str, pair: tuple[Alias, Alias], sides: tuple[Surface, Surface]
) -> None:
    """Compare the values, for what client code sends and for what it receives."""
    places = (pair[0].place, pair[1].place)
    before, after = (_list_literals(each.type) for each in pair)
    if before == after:
        return
    uses = {
        "argument-value": [use for side in sides for use in _list_inputs(side, name)],
        "value": [use for side in sides for use in _list_outputs(side, name)],
    }
    felt = {way: list(dict.fromkeys(found)) for way, found in uses.items() if found}
    for way, where in (felt or {"value": [Use(f"models.{name}", "")]}).items():
        for text in before:
            if text not in after:
                message = f"{name} no longer has the value {text}"
                found.add(f"{way}.removed", message, places, where, before=text)
        for text in after:
            if text not in before:
                found.add(
                    f"{way}.added", f"{name} now has the value {text}", places, where, after=text
                )


def _list_literals(kind: Type) -> list[str]:
    return sorted(member.text for member in kind if isinstance(member, Value))


def _list_inputs(side: Surface, name: str) -> Iterator[Use]:
    """Yield where client code sends such a value."""
    for client in side.clients:
        for resource, methods in client.resources.items():
            for method, each in methods.items():
                for form in each.forms.values():
                    for argument in form.arguments.values():
                        if name in collect_names(argument.type):
                            yield Use(f"{client.name}.{resource}.{method}", argument.name)
    yield from _list_in_models(side, name, side.sent)


def _list_outputs(side: Surface, name: str) -> Iterator[Use]:
    """Yield where client code receives one."""
    for client in side.clients:
        for resource, methods in client.resources.items():
            for method, each in methods.items():
                if any(name in collect_names(form.returns) for form in each.forms.values()):
                    yield Use(f"{client.name}.{resource}.{method}", "")
    yield from _list_in_models(side, name, side.received)


def _list_in_models(side: Surface, name: str, reached: frozenset[str]) -> Iterator[Use]:
    for model in sorted(reached):
        each = side.models[model]
        if isinstance(each, ModelSurface):
            for field, held in each.fields.items():
                if name in collect_names(held.type):
                    yield Use(f"models.{model}", field)


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
