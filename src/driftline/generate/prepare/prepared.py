"""The result of preparing: the generator's input, and tables from its names back to the spec."""

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

    `file`: a form field with a file or several.
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
    """A model class; `fields` are by the names in the generator's input.

    `has_more`: additional properties have a schema.
    """

    name: str
    pointer: str
    fields: Mapping[str, PreparedField]
    has_more: bool = False


@attrs.frozen
class PreparedParameter:
    """A parameter: its argument name, and its key in `arguments`.

    `media_type` belongs to a parameter described by `content`.
    """

    name: str
    key: str
    parameter: Parameter
    media_type: str | None = None


@attrs.frozen
class PreparedBody:
    """The media type of a request body; `has_others`: one of several.

    `encodings` are those of its fields, as in the spec.
    """

    media_type: str
    kind: BodyKind
    has_others: bool
    encodings: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen
class PreparedResponse:
    """A documented response, and the kinds of its body; None is any kind."""

    status: str
    kinds: Sequence[BodyKind | None]
    media_types: Sequence[str]

    @property
    def is_success(self) -> bool:
        return self.status.startswith("2")


@attrs.frozen
class PreparedStream:
    """The items of a streamed response: the keys of their types, by event name."""

    kind: BodyKind
    data: str
    events: Mapping[str, str] = attrs.field(factory=dict[str, str])


@attrs.frozen
class PreparedOperation:
    """An operation: the names of its module and method, and its part of the generator's input.

    `component` has the types as fields: those of `parameters` and `responses` by key, and that of
    the body as `body`. `streams` are by status; `stream_method` is the name of the method that
    opens a stream, if another method reads the other media types, and `stream_flag` the argument
    that requests one.
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
class GeneratorInput:
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
