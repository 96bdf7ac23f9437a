"""What preparing gives: the generator's input, and tables from its names back to the spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from driftline.errors import Problem
from driftline.spec import Operation
from driftline.spec.media import BodyKind
from driftline.spec.model import Parameter

__all__ = [
    "Prepared",
    "PreparedBody",
    "PreparedField",
    "PreparedModel",
    "PreparedOperation",
    "PreparedParameter",
    "PreparedResponse",
]


@attrs.frozen
class PreparedField:
    """A field of a model: its names, and the directions in which it exists."""

    name: str
    wire: str
    description: str = ""
    required: bool = False
    read_only: bool = False
    write_only: bool = False


@attrs.frozen
class PreparedModel:
    """A model class; `fields` are by the names that the generator's input has for them.

    `has_more`: the spec says what fields without a name of their own are.
    """

    name: str
    pointer: str
    fields: Mapping[str, PreparedField]
    has_more: bool = False


@attrs.frozen
class PreparedParameter:
    """A parameter: the name of the argument, and the key it has in `arguments`."""

    name: str
    key: str
    parameter: Parameter


@attrs.frozen
class PreparedBody:
    """The media type in which a client sends a body; `has_others`: it is one of several."""

    media_type: str
    kind: BodyKind
    has_others: bool


@attrs.frozen
class PreparedResponse:
    """A documented response, and the kinds of bodies that it can have; None is any kind."""

    status: str
    kinds: Sequence[BodyKind | None]


@attrs.frozen
class PreparedOperation:
    """An operation: names for its module and method, and what the generator's input has for it.

    `parameters` are by the names of the input; `responses` by its status codes.
    """

    operation: Operation
    module: str
    method: str
    tag: str
    parameters: Mapping[str, PreparedParameter]
    body: PreparedBody | None
    responses: Mapping[str, PreparedResponse]
    media_types: Mapping[str, Sequence[str]]


@attrs.frozen(eq=False)
class Prepared:
    """The generator's input for one spec.

    `operations` are by module name, which is also the operation ID in `document`; `models` and
    `enums` are by class name.
    """

    document: dict[str, Any]
    operations: Mapping[str, PreparedOperation]
    models: Mapping[str, PreparedModel]
    enums: Mapping[str, Sequence[Any]]
    pointers: Mapping[str, str]
    problems: Sequence[Problem]
