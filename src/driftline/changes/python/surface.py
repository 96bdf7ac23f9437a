"""The public surface of a generated client as values, read by griffe without importing it.

Client code uses `Shop().order.list(limit=3)`, `models.Order`, `errors.Conflict`. Modules that only
the client itself imports are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from driftline.changes.python.annotations import Type
from driftline.errors import Location


@attrs.frozen
class Argument:
    """An argument of a method; `keyword`: it is keyword-only."""

    name: str
    type: Type
    annotation: str
    required: bool
    default: str
    keyword: bool


@attrs.frozen
class Form:
    """One overload of a method: with the fields of a body, or with `body=`."""

    arguments: Mapping[str, Argument]
    returns: Type
    annotation: str
    location: Location


@attrs.frozen
class Method:
    """A method of a resource, and its overloads."""

    forms: Mapping[str, Form]
    location: Location


@attrs.frozen
class FieldSurface:
    """A field of a model, or an attribute of an error."""

    type: Type
    annotation: str
    required: bool
    location: Location


@attrs.frozen
class ModelSurface:
    """A model class; `pages`: iterating over it yields the rows of all pages."""

    fields: Mapping[str, FieldSurface]
    pages: bool
    location: Location


@attrs.frozen
class Alias:
    """A name for a list of values."""

    type: Type
    annotation: str
    location: Location


@attrs.frozen
class ClientSurface:
    """`Shop` or `AsyncShop`: its arguments, and its resources with their methods."""

    name: str
    form: Form
    resources: Mapping[str, Mapping[str, Method]]
    locations: Mapping[str, Location]


@attrs.frozen
class Surface:
    """A client package; `clients` has the sync and the async client.

    `sent` and `received` are the models and aliases that client code passes and receives.
    `locations` are those of the package ("") and its modules.
    """

    package: str
    locations: Mapping[str, Location]
    clients: Sequence[ClientSurface]
    models: Mapping[str, ModelSurface | Alias]
    errors: Mapping[str, ModelSurface]
    sent: frozenset[str]
    received: frozenset[str]

    @property
    def aliases(self) -> Mapping[str, Type]:
        """The definition of each alias."""
        return {name: model.type for name, model in self.models.items() if isinstance(model, Alias)}
