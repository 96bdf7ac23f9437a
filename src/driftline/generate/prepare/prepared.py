"""What preparing gives: the generator's input, and tables from its names back to the spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

from driftline.errors import Problem
from driftline.media import BodyKind
from driftline.openapi import Operation, Parameter


@attrs.frozen
class PreparedField:
    """A field of a model: its names, and the directions in which it exists.

    `file`: in a form it is a file, or several.
    """

    name: str
    wire: str
    description: str = ""
    required: bool = False
    read_only: bool = False
    write_only: bool = False
    file: Literal["one", "many"] | None = None


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
    """A parameter: the name of the argument, and the key it has in `arguments`.

    `media_type` is that of a parameter described by `content`.
    """

    name: str
    key: str
    parameter: Parameter
    media_type: str | None = None


@attrs.frozen
class PreparedBody:
    """The media type in which a client sends a body; `has_others`: it is one of several.

    `encodings` are those of its fields, as in the spec.
    """

    media_type: str
    kind: BodyKind
    has_others: bool
    encodings: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen
class PreparedResponse:
    """A documented response, and the kinds of bodies that it can have; None is any kind."""

    status: str
    kinds: Sequence[BodyKind | None]
    media_types: Sequence[str]

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


@attrs.frozen
class PreparedStream:
    """The items of a streamed response: the keys of their types, by name of the event."""

    kind: BodyKind
    data: str
    events: Mapping[str, str] = attrs.field(factory=dict[str, str])


@attrs.frozen
class PreparedOperation:
    """An operation: names for its module and method, and what the generator's input has for it.

    `component` has its types as fields: those of `parameters` and `responses` by their keys, and
    that of the body as `body`. `streams` are by status; `stream_method` is the name of the method
    that opens one, where another method reads the other forms of the response, and `stream_flag`
    the argument that requests one.
    """

    operation: Operation
    component: str
    module: str
    method: str
    tag: str
    parameters: Mapping[str, PreparedParameter]
    body: PreparedBody | None
    responses: Mapping[str, PreparedResponse]
    media_types: Mapping[str, Sequence[str]]
    servers: Sequence[Mapping[str, Any]] = ()
    streams: Mapping[str, PreparedStream] = attrs.field(factory=dict[str, PreparedStream])
    stream_method: str | None = None
    stream_flag: str | None = None


@attrs.frozen(eq=False)
class Prepared:
    """The generator's input for one spec.

    `operations` are by the name of their component; `models`, `enums` and `pointers` (into the
    spec) by class name.
    """

    document: dict[str, Any]
    operations: Mapping[str, PreparedOperation]
    models: Mapping[str, PreparedModel]
    enums: Mapping[str, Sequence[Any]]
    pointers: Mapping[str, str]
    problems: Sequence[Problem]
