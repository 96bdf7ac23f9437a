"""Compares the resources, methods, arguments and results of two clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from driftline.changes.python.annotations import remove_none
from driftline.changes.python.collector import ChangeCollector
from driftline.changes.python.surface import Argument, ClientSurface, Form, Method, Surface
from driftline.changes.wire import Use
from driftline.errors import Location


def format_annotation(annotation: str) -> str:
    """Return an annotation as client code writes it."""
    return annotation.replace("models.", "")


def compare_clients(collector: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare both clients with their resources and methods."""
    pairs = {candidate.name: candidate for candidate in new.clients}
    for client in old.clients:
        new_client = pairs.pop(client.name, None)
        if new_client is None:
            message = f"{client.name} was removed{_suggest_name(client.name, pairs)}"
            locations = (client.locations[""], new.locations["client"])
            collector.add("client.removed", message, locations, [Use(client.name, "")])
        else:
            _compare_clients(collector, client, new_client)
    for new_client in pairs.values():
        message = f"{new_client.name} was added"
        locations = (old.locations["client"], new_client.locations[""])
        collector.add("client.added", message, locations, [Use(new_client.name, "")])


def _compare_clients(collector: ChangeCollector, old: ClientSurface, new: ClientSurface) -> None:
    _compare_form(collector, old.form, new.form, new.name)
    for name in dict.fromkeys((*old.resources, *new.resources)):
        at = f"{new.name}.{name}"
        if name not in new.resources:
            locations = (old.locations[name], new.locations[""])
            collector.add("resource.removed", f"{name} was removed", locations, [Use(at, "")])
        elif name not in old.resources:
            locations = (old.locations[""], new.locations[name])
            collector.add("resource.added", f"{name} was added", locations, [Use(at, "")])
        else:
            locations = (old.locations[name], new.locations[name])
            _compare_methods(collector, old.resources[name], new.resources[name], at, locations)


def _compare_methods(
    collector: ChangeCollector,
    old: Mapping[str, Method],
    new: Mapping[str, Method],
    resource: str,
    locations: tuple[Location, Location],
) -> None:
    for name in dict.fromkeys((*old, *new)):
        at = f"{resource}.{name}"
        if name not in new:
            message = f"{name} was removed{_suggest_name(name, set(new) - set(old))}"
            collector.add(
                "method.removed", message, (old[name].location, locations[1]), [Use(at, "")]
            )
        elif name not in old:
            collector.add(
                "method.added",
                f"{name} was added",
                (locations[0], new[name].location),
                [Use(at, "")],
            )
        else:
            _compare_method(collector, old[name], new[name], at)


def _compare_method(collector: ChangeCollector, old: Method, new: Method, at: str) -> None:
    descriptions = {"body": "with body=", "fields": "with one argument per field"}
    for form_name in dict.fromkeys((*old.forms, *new.forms)):
        if form_name not in new.forms:
            message = f"it can no longer be called {descriptions[form_name]}"
            collector.add(
                "form.removed",
                message,
                (old.forms[form_name].location, new.location),
                [Use(at, "")],
            )
        elif form_name not in old.forms:
            message = f"it can now be called {descriptions[form_name]}"
            collector.add(
                "form.added", message, (old.location, new.forms[form_name].location), [Use(at, "")]
            )
        else:
            _compare_form(collector, old.forms[form_name], new.forms[form_name], at)


def _compare_form(collector: ChangeCollector, old: Form, new: Form, at: str) -> None:
    locations = (old.location, new.location)
    added_names = [name for name in new.arguments if name not in old.arguments]
    for name, argument in old.arguments.items():
        use = [Use(at, name)]
        if name not in new.arguments:
            message = f"the argument was removed{_suggest_name(name, added_names)}"
            collector.add(
                "argument.removed",
                message,
                locations,
                use,
                before=format_annotation(argument.annotation),
            )
        else:
            _compare_argument(collector, argument, new.arguments[name], locations, use)
    _compare_order(collector, old, new, at)
    for name in added_names:
        argument = new.arguments[name]
        kind = format_annotation(argument.annotation)
        rule = "argument.required-added" if argument.required else "argument.added"
        message = f"{'required' if argument.required else 'optional'} argument added: {kind}"
        collector.add(rule, message, locations, [Use(at, name)], after=kind)
    relation = collector.compare(old.returns, new.returns)
    if relation != "same":
        before, after = format_annotation(old.annotation), format_annotation(new.annotation)
        message = f"it returned {before} and now returns {after}"
        name = f"result.{_describe_form(relation)}"
        collector.add(name, message, locations, [Use(at, "")], before=before, after=after)


def _compare_argument(
    collector: ChangeCollector,
    old: Argument,
    new: Argument,
    locations: tuple[Location, Location],
    use: list[Use],
) -> None:
    if old.required != new.required:
        became = "required" if new.required else "optional"
        message = "it is now required" if new.required else "it is now optional"
        collector.add(f"argument.became-{became}", message, locations, use)
    elif old.default != new.default:
        message = f"the default was {old.default} and is now {new.default}"
        values = {"before": old.default, "after": new.default}
        collector.add("argument.default-changed", message, locations, use, **values)
    if old.keyword != new.keyword:
        message = f"it is now {'keyword-only' if new.keyword else 'positional'}"
        collector.add("argument.kind-changed", message, locations, use)
    kinds = [old.type, new.type]
    if old.required != new.required:  # an optional argument may be None
        kinds = [remove_none(kind) for kind in kinds]
    relation = collector.compare(kinds[0], kinds[1])
    if relation != "same":
        before, after = format_annotation(old.annotation), format_annotation(new.annotation)
        message = f"it took {before} and now takes {after}"
        values = {"before": before, "after": after}
        collector.add(f"argument.{_describe_form(relation)}", message, locations, use, **values)


def _compare_order(collector: ChangeCollector, old: Form, new: Form, at: str) -> None:
    """Compare the positions of positional arguments."""
    before, after = (
        [name for name, argument in form.arguments.items() if not argument.keyword]
        for form in (old, new)
    )
    for name in before:
        if name in after and before.index(name) != after.index(name):
            was, now = before.index(name) + 1, after.index(name) + 1
            message = f"its position was {was} and is now {now}"
            collector.add("argument.moved", message, (old.location, new.location), [Use(at, name)])


def _describe_form(relation: str) -> str:
    return "retyped" if relation == "changed" else relation


def _suggest_name(name: str, candidates: Iterable[str]) -> str:
    close_matches = get_close_matches(name, list(candidates), n=1)
    return f"; perhaps it was renamed to {close_matches[0]}" if close_matches else ""
