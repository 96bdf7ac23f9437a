"""Reads a client package with griffe."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import griffe

from driftline.changes.python.annotations import Type, names, type_of
from driftline.changes.python.surface import (
    Alias,
    Argument,
    Client,
    Field,
    Form,
    Method,
    Model,
    Surface,
)
from driftline.errors import Location, UsageError

__all__ = ["Package"]

_BASES: Final = ("Client", "AsyncClient")
_KEYWORD: Final = griffe.ParameterKind.keyword_only
_REST: Final = (griffe.ParameterKind.var_keyword, griffe.ParameterKind.var_positional)


class Package:
    """A client package in the folder `within`; `shown` is what that folder is called.

    Raises:
        UsageError: there is no such package, or it is no Python.
    """

    def __init__(self, name: str, within: Path, shown: str) -> None:
        self.name, self.within, self.shown = name, within.resolve(), shown
        # It tells of what it cannot find, such as the runtime, which is not looked for.
        logging.getLogger("griffe").setLevel(logging.CRITICAL)
        try:
            loaded = griffe.load(
                name, search_paths=[self.within], try_relative_path=False, allow_inspection=False
            )
        except (griffe.GriffeError, ImportError, SyntaxError) as error:
            what = f"the client {name} in {shown} cannot be read ({type(error).__name__})"
            raise UsageError(what, "Make it anew with driftline generate.") from None
        self.root: Any = loaded

    def surface(self) -> Surface:
        """What callers can use of it.

        Raises:
            UsageError: it is no client that driftline has made.
        """
        try:
            return self._surface()
        except (KeyError, SyntaxError, griffe.GriffeError):
            what = f"{self.name} in {self.shown} is not as driftline makes clients"
            raise UsageError(what, "Make it anew with driftline generate.") from None

    def _surface(self) -> Surface:
        resources = {
            name: each
            for module in self.root["api"].modules.values()
            for name, each in module.classes.items()
        }
        made = [
            self._client(each, resources)
            for base in _BASES
            for each in self.root["client"].classes.values()
            if [str(found) for found in each.bases] == [base]
        ]
        models = {
            name: self._model(self.root["models"][name].final_target)
            for name in self._exports("models")
        }
        errors = {name: self._error(self.root["errors"][name]) for name in self._exports("errors")}
        return Surface(
            package=self.name,
            places={
                "": self.place(self.root),
                **{name: self.place(self.root[name]) for name in ("client", "errors", "models")},
            },
            clients=made,
            models=models,
            errors=errors,
            sent=_reached(models, _given(made)),
            received=_reached(models, _got(made, errors)),
        )

    def _exports(self, module: str) -> list[str]:
        return [str(name) for name in self.root[module].exports or ()]

    def place(self, found: Any) -> Location:
        """Where an object stands; a name from elsewhere stands where it is taken up."""
        if found.is_alias:
            return attrs.evolve(self.place(found.parent), line=found.alias_lineno or 1)
        path = Path(self.shown) / Path(found.filepath).relative_to(self.within)
        return Location(path, found.lineno or 1, found.path)

    def _client(self, found: Any, resources: Mapping[str, Any]) -> Client:
        attributes = {
            name: resources[str(each.annotation).rpartition(".")[2]]
            for name, each in found.attributes.items()
            if "property" in each.labels and not name.startswith("_")
        }
        return Client(
            name=found.name,
            form=self._form(found["__init__"]),
            resources={
                name: {
                    method.name: self._method(method)
                    for method in each.functions.values()
                    if not method.name.startswith("_")
                }
                for name, each in attributes.items()
            },
            places={
                "": self.place(found),
                **{name: self.place(each) for name, each in attributes.items()},
            },
        )

    def _method(self, found: Any) -> Method:
        forms = [self._form(each) for each in found.overloads or [found]]
        return Method({_way(form): form for form in forms}, self.place(found))

    def _form(self, found: Any) -> Form:
        arguments = {
            each.name: Argument(
                name=each.name,
                type=type_of(str(each.annotation or "")),
                annotation=str(each.annotation or ""),
                required=each.required,
                default="" if each.default is None else str(each.default),
                keyword=each.kind is _KEYWORD,
            )
            for each in found.parameters
            if each.kind not in _REST and each.name != "self"
        }
        returns = str(found.returns or "")
        return Form(arguments, type_of(returns), returns, self.place(found))

    def _model(self, found: Any) -> Model | Alias:
        if not found.is_class:
            return Alias(type_of(str(found.value)), str(found.value), self.place(found))
        pages = any(str(base).startswith("ListingModel[") for base in found.bases)
        return Model(dict(self._fields(found)), pages, self.place(found))

    def _error(self, found: Any) -> Model:
        if found.is_alias:  # one of the runtime's own
            return Model({}, pages=False, place=self.place(self.root["errors"]))
        return Model(dict(self._fields(found)), pages=False, place=self.place(found))

    def _fields(self, found: Any) -> Iterator[tuple[str, Field]]:
        for name, each in found.attributes.items():
            if each.annotation is not None and not name.startswith("_"):
                text = str(each.annotation)
                required = not _has_default(each.value)
                yield name, Field(type_of(text), text, required, self.place(each))


def _way(form: Form) -> str:
    return "body" if "body" in form.arguments else "fields"


def _has_default(value: Any) -> bool:
    call = ast.parse(str(value), mode="eval").body if value is not None else None
    return isinstance(call, ast.Call) and any(each.arg == "default" for each in call.keywords)


def _forms(clients: Iterable[Client]) -> Iterator[Form]:
    for client in clients:
        for methods in client.resources.values():
            for method in methods.values():
                yield from method.forms.values()


def _given(clients: Sequence[Client]) -> Iterator[Type]:
    for form in _forms(clients):
        yield from (argument.type for argument in form.arguments.values())


def _got(clients: Sequence[Client], errors: Mapping[str, Model]) -> Iterator[Type]:
    yield from (form.returns for form in _forms(clients))
    for error in errors.values():
        yield from (field.type for field in error.fields.values())


def _reached(models: Mapping[str, Model | Alias], kinds: Iterable[Type]) -> frozenset[str]:
    """The models and aliases that the types name, and those in their fields."""
    left = {name for kind in kinds for name in names(kind)}
    found: set[str] = set()
    while left:
        name = left.pop()
        model = models.get(name)
        if model is None or name in found:
            continue
        found.add(name)
        if isinstance(model, Model):
            left |= {each for field in model.fields.values() for each in names(field.type)}
    return frozenset(found)
