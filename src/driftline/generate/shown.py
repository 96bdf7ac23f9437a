"""What the templates show of a model, a field, a method, an argument: values that are all text."""

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
    """A model class, with the other models of the package that its annotations name.

    `more` is the type of fields that have no name of their own, if the spec says it.
    """

    name: str
    description: str
    fields: Sequence[FieldView]
    imports: Sequence[tuple[str, str]]
    row: str | None
    more: str | None


@attrs.frozen
class DictView:
    """A TypedDict of what a request may send in the place of a model: wire names and types."""

    name: str
    items: Sequence[tuple[str, str]]

    @property
    def has_class(self) -> bool:
        """Whether its keys can be attributes of a class, where they hide what its types name."""
        words = set(re.findall(r"\w+", " ".join(annotation for _, annotation in self.items)))
        return all(
            key.isidentifier()
            and key == unicodedata.normalize("NFKC", key)  # or Python writes another key
            and not keyword.iskeyword(key)
            and not key.startswith("__")
            and key not in words
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
    # Beside the fields of the body, `body=` takes content of another media type.
    takes_content: bool = False
    # The method for the same operation that opens a stream.
    stream: MethodView | None = None
    opens_stream: bool = False

    @property
    def returns_async(self) -> str:
        """What the method of the asynchronous client returns."""
        return re.sub(r"\b(Stream|BinaryResponse)\b", r"Async\1", self.returns)

    @property
    def nullable(self) -> Sequence[str]:
        """The body fields for which None is a value."""
        return [a.wire for a in self.keywords if a.in_body and a.nullable]

    @property
    def messages(self) -> Sequence[tuple[str, str]]:
        """Where the body of each error says what is wrong."""
        return [(r.status, r.message) for r in self.operation.responses if r.message is not None]

    @property
    def required_fields(self) -> Sequence[str]:
        """The fields that a body needs when it is given field by field."""
        return [a.wire for a in self.keywords if a.in_body and a.required]

    @property
    def arguments(self) -> Sequence[ArgumentView]:
        return [*self.positional, *self.keywords]

    @property
    def dicts(self) -> Sequence[str]:
        """The models in whose place arguments may be dicts."""
        shown = " ".join(argument.annotation for argument in self.arguments)
        return re.findall(r"\bparams\.(\w+)Dict\b", f"{shown} {self.body}")


@attrs.frozen
class Entry:
    """A method in the place of the generator's endpoint; `name` is that of its module."""

    name: str
    method: MethodView


def server_view(server: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return the URL of a server, and the arguments of `UrlVariable` for each variable."""
    variables = server.get("variables")
    return server["url"], [
        (name, _variable(variable))
        for name, variable in (variables.items() if is_object(variables) else ())
        if is_object(variable)
    ]


def _variable(variable: Mapping[str, Any]) -> str:
    values = variable.get("enum")
    shown = ascii(str(variable.get("default", "")))
    return shown + f", {tuple(map(str, values))!a}" if is_array(values) else shown
