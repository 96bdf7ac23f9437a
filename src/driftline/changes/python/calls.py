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


def compare_clients(found: ChangeCollector, old: Surface, new: Surface) -> None:
    """Compare both clients with their resources and methods."""
    pairs = {each.name: each for each in new.clients}
    for client in old.clients:
        other = pairs.pop(client.name, None)
        if other is None:
            message = f"{client.name} was removed{_suggest_name(client.name, pairs)}"
            places = (client.places[""], new.places["client"])
            found.add("client.removed", message, places, [Use(client.name, "")])
        else:
            _compare_clients(found, client, other)
    for other in pairs.values():
        message = f"{other.name} was added"
        places = (old.places["client"], other.places[""])
        found.add("client.added", message, places, [Use(other.name, "")])


def _compare_clients(found: ChangeCollector, old: ClientSurface, new: ClientSurface) -> None:
    _compare_form(found, old.form, new.form, new.name)
    for name in dict.fromkeys((*old.resources, *new.resources)):
        at = f"{new.name}.{name}"
        if name not in new.resources:
            places = (old.places[name], new.places[""])
            found.add("resource.removed", f"{name} was removed", places, [Use(at, "")])
        elif name not in old.resources:
            places = (old.places[""], new.places[name])
            found.add("resource.added", f"{name} was added", places, [Use(at, "")])
        else:
            places = (old.places[name], new.places[name])
            _compare_methods(found, old.resources[name], new.resources[name], at, places)


def _compare_methods(
    found: ChangeCollector,
    old: Mapping[str, Method],
    new: Mapping[str, Method],
    resource: str,
    places: tuple[Location, Location],
) -> None:
    for name in dict.fromkeys((*old, *new)):
        at = f"{resource}.{name}"
        if name not in new:
            message = f"{name} was removed{_suggest_name(name, set(new) - set(old))}"
            found.add("method.removed", message, (old[name].place, places[1]), [Use(at, "")])
        elif name not in old:
            found.add(
                "method.added", f"{name} was added", (places[0], new[name].place), [Use(at, "")]
            )
        else:
            _compare_method(found, old[name], new[name], at)


def _compare_method(found: ChangeCollector, old: Method, new: Method, at: str) -> None:
    words = {"body": "with body=", "fields": "with one argument a field"}
    for way in dict.fromkeys((*old.forms, *new.forms)):
        if way not in new.forms:
            message = f"it can no longer be called {words[way]}"
            found.add("form.removed", message, (old.forms[way].place, new.place), [Use(at, "")])
        elif way not in old.forms:
            message = f"it can now be called {words[way]}"
            found.add("form.added", message, (old.place, new.forms[way].place), [Use(at, "")])
        else:
            _compare_form(found, old.forms[way], new.forms[way], at)


def _compare_form(found: ChangeCollector, old: Form, new: Form, at: str) -> None:
    places = (old.place, new.place)
    added = [name for name in new.arguments if name not in old.arguments]
    for name, argument in old.arguments.items():
        use = [Use(at, name)]
        if name not in new.arguments:
            message = f"the argument was removed{_suggest_name(name, added)}"
            found.add(
                "argument.removed",
                message,
                places,
                use,
                before=format_annotation(argument.annotation),
            )
        else:
            _compare_argument(found, argument, new.arguments[name], places, use)
    _compare_order(found, old, new, at)
    for name in added:
        argument = new.arguments[name]
        kind = format_annotation(argument.annotation)
        rule = "argument.required-added" if argument.required else "argument.added"
        message = f"{'required' if argument.required else 'optional'} argument added: {kind}"
        found.add(rule, message, places, [Use(at, name)], after=kind)
    how = found.compare(old.returns, new.returns)
    if how != "same":
        before, after = format_annotation(old.annotation), format_annotation(new.annotation)
        message = f"it returned {before} and now returns {after}"
        name = f"result.{_describe_form(how)}"
        found.add(name, message, places, [Use(at, "")], before=before, after=after)


def _compare_argument(
    found: ChangeCollector,
    old: Argument,
    new: Argument,
    places: tuple[Location, Location],
    use: list[Use],
) -> None:
    if old.required != new.required:
        became = "required" if new.required else "optional"
        message = "it is now required" if new.required else "it is now optional"
        found.add(f"argument.became-{became}", message, places, use)
    elif old.default != new.default:
        message = f"the default was {old.default} and is now {new.default}"
        told = {"before": old.default, "after": new.default}
        found.add("argument.default-changed", message, places, use, **told)
    if old.keyword != new.keyword:
        message = f"it is now {'keyword-only' if new.keyword else 'positional'}"
        found.add("argument.kind-changed", message, places, use)
    kinds = [old.type, new.type]
    if old.required != new.required:  # an optional argument may be None
        kinds = [remove_none(kind) for kind in kinds]
    how = found.compare(kinds[0], kinds[1])
    if how != "same":
        before, after = format_annotation(old.annotation), format_annotation(new.annotation)
        message = f"it took {before} and now takes {after}"
        told = {"before": before, "after": after}
        found.add(f"argument.{_describe_form(how)}", message, places, use, **told)


def _compare_order(found: ChangeCollector, old: Form, new: Form, at: str) -> None:
    """Compare the positions of positional arguments."""
    before, after = (
        [name for name, each in form.arguments.items() if not each.keyword] for form in (old, new)
    )
    for name in before:
        if name in after and before.index(name) != after.index(name):
            message = f"it was number {before.index(name) + 1} and is now {after.index(name) + 1}"
            found.add("argument.moved", message, (old.place, new.place), [Use(at, name)])


def _describe_form(how: str) -> str:
    return "retyped" if how == "changed" else how


def _suggest_name(name: str, others: Iterable[str]) -> str:
    near = get_close_matches(name, list(others), n=1)
    return f"; perhaps it was renamed to {near[0]}" if near else ""
