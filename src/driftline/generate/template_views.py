"""The views of models, fields, methods and arguments for the templates: names and code."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from driftline.generate.prepare import PreparedParameter
from driftline.openapi import Operation, is_array, is_object


@attrs.frozen
class FieldView:
    """A field of a model: `class` body line and the metadata that the runtime reads."""

    name: str
    wire: str
    annotation: str
    required: bool
    nullable: bool
    description: str
    read_only: bool
    write_only: bool


@attrs.frozen
class ModelView:
    """A model class, with the other models in its annotations.

    `more` is the type of additional properties, if the spec has one.
    """

    name: str
    description: str
    fields: Sequence[FieldView]
    imports: Sequence[tuple[str, str]]
    row: str | None
    more: str | None


@attrs.frozen
class DictView:
    """A TypedDict that a request may contain instead of a model: wire names and types."""

    name: str
    items: Sequence[tuple[str, str]]

    @property
    def has_class(self) -> bool:
        """Whether its keys are valid class attributes that hide no name in the annotations."""
        identifiers = set(re.findall(r"\w+", " ".join(annotation for _, annotation in self.items)))
        return all(
            key.isidentifier()
            and key == unicodedata.normalize("NFKC", key)  # Python normalizes identifiers
            and not keyword.iskeyword(key)
            and not key.startswith("__")
            and key not in identifiers
            for key, _ in self.items
        )


@attrs.frozen
class ArgumentView:
    """An argument of a method: a parameter, or a field of the body (`location` is "body")."""

    name: str
    wire: str
    annotation: str
    required: bool
    location: str
    nullable: bool
    description: str

    @property
    def in_body(self) -> bool:
        return self.location == "body"


@attrs.frozen
class StreamView:
    """The items of a stream: the types of their data, None for any, and of events by name."""

    status: str
    data: str | None
    events: Sequence[tuple[str, str | None]]


@attrs.frozen
class MethodView:
    """A method of a resource."""

    operation: Operation
    name: str
    module: str
    parameters: Sequence[PreparedParameter]
    positional: Sequence[ArgumentView]
    keywords: Sequence[ArgumentView]
    body: str | None
    body_type: str | None
    body_required: bool
    null_body: bool
    returns: str
    responses: Sequence[tuple[str, str | None]]
    media_types: Sequence[tuple[str, Sequence[str]]]
    # A field and the arguments of its `Encoding`; a URL and those of its `UrlVariable`s.
    encodings: Sequence[tuple[str, str]]
    servers: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    doc: Sequence[str]
    # The items of streams by status: the types of their data, and of events by name.
    streams: Sequence[StreamView] = ()
    stream_flag: str | None = None
    # `body=` sends content of another media type.
    takes_content: bool = False
    # The method for the same operation that opens a stream.
    stream: MethodView | None = None
    opens_stream: bool = False

    @property
    def returns_async(self) -> str:
        """The return type of the asynchronous client's method."""
        return re.sub(r"\b(Stream|BinaryResponse)\b", r"Async\1", self.returns)

    @property
    def nullable(self) -> Sequence[str]:
        """The body fields for which None is sent as null."""
        return [a.wire for a in self.keywords if a.in_body and a.nullable]

    @property
    def messages(self) -> Sequence[tuple[str, str]]:
        """The pointer of the message in each error body."""
        return [(r.status, r.message) for r in self.operation.responses if r.message is not None]

    @property
    def required_fields(self) -> Sequence[str]:
        """The required body fields."""
        return [a.wire for a in self.keywords if a.in_body and a.required]

    @property
    def arguments(self) -> Sequence[ArgumentView]:
        return [*self.positional, *self.keywords]

    @property
    def dicts(self) -> Sequence[str]:
        """The models that arguments may replace by dicts."""
        annotations = " ".join(argument.annotation for argument in self.arguments)
        return re.findall(r"\bparams\.(\w+)Dict\b", f"{annotations} {self.body}")


@attrs.frozen
class Entry:
    """A method that replaces the generator's endpoint; `name` is the name of its module."""

    name: str
    method: MethodView


def format_server(server: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return the URL of a server, and the arguments of `UrlVariable` for each variable."""
    variables = server.get("variables")
    return server["url"], [
        (name, _format_variable(variable))
        for name, variable in (variables.items() if is_object(variables) else ())
        if is_object(variable)
    ]


def _format_variable(variable: Mapping[str, Any]) -> str:
    values = variable.get("enum")
    literal = ascii(str(variable.get("default", "")))
    return literal + f", {tuple(map(str, values))!a}" if is_array(values) else literal
