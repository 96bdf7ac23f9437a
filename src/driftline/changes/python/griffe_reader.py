"""Reads a client package with griffe."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import griffe

from driftline.changes.python.annotations import Type, collect_names, parse_type
from driftline.changes.python.surface import (
    Alias,
    Argument,
    ClientSurface,
    FieldSurface,
    Form,
    Method,
    ModelSurface,
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

    def read_surface(self) -> Surface:
        """What callers can use of it.

        Raises:
            UsageError: it is no client that driftline has made.
        """
        try:
            return self._read_surface()
        except (KeyError, SyntaxError, griffe.GriffeError):
            what = f"{self.name} in {self.shown} is not as driftline makes clients"
            raise UsageError(what, "Make it anew with driftline generate.") from None

    def _read_surface(self) -> Surface:
        resources = {
            name: each
            for module in self.root["api"].modules.values()
            for name, each in module.classes.items()
        }
        made = [
            self._read_client(each, resources)
            for base in _BASES
            for each in self.root["client"].classes.values()
            if [str(found) for found in each.bases] == [base]
        ]
        models = {
            name: self._read_model(self.root["models"][name].final_target)
            for name in self._list_exports("models")
        }
        errors = {
            name: self._read_error(self.root["errors"][name])
            for name in self._list_exports("errors")
        }
        return Surface(
            package=self.name,
            places={
                "": self.place(self.root),
                **{name: self.place(self.root[name]) for name in ("client", "errors", "models")},
            },
            clients=made,
            models=models,
            errors=errors,
            sent=_find_reachable(models, _list_input_types(made)),
            received=_find_reachable(models, _list_output_types(made, errors)),
        )

    def _list_exports(self, module: str) -> list[str]:
        return [str(name) for name in self.root[module].exports or ()]

    def place(self, found: Any) -> Location:
        """Where an object stands; a name from elsewhere stands where it is taken up."""
        if found.is_alias:
            return attrs.evolve(self.place(found.parent), line=found.alias_lineno or 1)
        path = Path(self.shown) / Path(found.filepath).relative_to(self.within)
        return Location(path, found.lineno or 1, found.path)

    def _read_client(self, found: Any, resources: Mapping[str, Any]) -> ClientSurface:
        attributes = {
            name: resources[str(each.annotation).rpartition(".")[2]]
            for name, each in found.attributes.items()
            if "property" in each.labels and not name.startswith("_")
        }
        return ClientSurface(
            name=found.name,
            form=self._read_form(found["__init__"]),
            resources={
                name: {
                    method.name: self._read_method(method)
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

    def _read_method(self, found: Any) -> Method:
        forms = [self._read_form(each) for each in found.overloads or [found]]
        return Method({_describe_form(form): form for form in forms}, self.place(found))

    def _read_form(self, found: Any) -> Form:
        arguments = {
            each.name: Argument(
                name=each.name,
                type=parse_type(str(each.annotation or "")),
                annotation=str(each.annotation or ""),
                required=each.required,
                default="" if each.default is None else str(each.default),
                keyword=each.kind is _KEYWORD,
            )
            for each in found.parameters
            if each.kind not in _REST and each.name != "self"
        }
        returns = str(found.returns or "")
        return Form(arguments, parse_type(returns), returns, self.place(found))

    def _read_model(self, found: Any) -> ModelSurface | Alias:
        if not found.is_class:
            return Alias(parse_type(str(found.value)), str(found.value), self.place(found))
        pages = any(str(base).startswith("ListingModel[") for base in found.bases)
        return ModelSurface(dict(self._read_fields(found)), pages, self.place(found))

    def _read_error(self, found: Any) -> ModelSurface:
        if found.is_alias:  # one of the runtime's own
            return ModelSurface({}, pages=False, place=self.place(self.root["errors"]))
        return ModelSurface(dict(self._read_fields(found)), pages=False, place=self.place(found))

    def _read_fields(self, found: Any) -> Iterator[tuple[str, FieldSurface]]:
        for name, each in found.attributes.items():
            if each.annotation is not None and not name.startswith("_"):
                text = str(each.annotation)
                required = not _has_default(each.value)
                yield name, FieldSurface(parse_type(text), text, required, self.place(each))


def _describe_form(form: Form) -> str:
    return "body" if "body" in form.arguments else "fields"


def _has_default(value: Any) -> bool:
    call = ast.parse(str(value), mode="eval").body if value is not None else None
    return isinstance(call, ast.Call) and any(each.arg == "default" for each in call.keywords)


def _list_forms(clients: Iterable[ClientSurface]) -> Iterator[Form]:
    for client in clients:
        for methods in client.resources.values():
            for method in methods.values():
                yield from method.forms.values()


def _list_input_types(clients: Sequence[ClientSurface]) -> Iterator[Type]:
    for form in _list_forms(clients):
        yield from (argument.type for argument in form.arguments.values())


def _list_output_types(
    clients: Sequence[ClientSurface], errors: Mapping[str, ModelSurface]
) -> Iterator[Type]:
    yield from (form.returns for form in _list_forms(clients))
    for error in errors.values():
        yield from (field.type for field in error.fields.values())


def _find_reachable(
    models: Mapping[str, ModelSurface | Alias], kinds: Iterable[Type]
) -> frozenset[str]:
    """The models and aliases that the types name, and those in their fields."""
    left = {name for kind in kinds for name in collect_names(kind)}
    found: set[str] = set()
    while left:
        name = left.pop()
        model = models.get(name)
        if model is None or name in found:
            continue
        found.add(name)
        if isinstance(model, ModelSurface):
            left |= {each for field in model.fields.values() for each in collect_names(field.type)}
    return frozenset(found)
