"""The methods of generated clients as text: arguments, bodies and return types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from openapi_python_client.parser.properties import ModelProperty

from driftline.generate.annotations import Annotations, is_nullable
from driftline.generate.prepare import (
    METHOD_NAMES,
    PreparedBody,
    PreparedField,
    PreparedOperation,
    PreparedParameter,
    PreparedStream,
)
from driftline.generate.template_views import ArgumentView, MethodView, StreamView, format_server
from driftline.media import (
    FILE_FORM_KINDS,
    FORM_KINDS,
    STREAM_KINDS,
    TEXT_KINDS,
    VALUE_KINDS,
    BodyKind,
    find_item_separator,
)
from driftline.openapi import Operation

# Arguments may be dicts beside models: both are written in the same way.
_INPUT = ("models.", "params.")
# The keywords of an encoding object, and the arguments of the runtime's `Encoding`.
_ENCODING = {
    "contentType": "media_type",
    "style": "style",
    "explode": "explode",
    "allowReserved": "allow_reserved",
}


class Methods:
    """Builds the views of methods; `types` has the properties of an operation by input key."""

    def __init__(self, annotations: Annotations) -> None:
        self.annotations = annotations

    def build(self, prepared_operation: PreparedOperation) -> MethodView:
        operation = prepared_operation.operation
        types = self.annotations.list_properties(prepared_operation.component)
        arguments = [
            self._view_parameter(types[key], parameter)
            for key, parameter in prepared_operation.parameters.items()
        ]
        positional = [argument for argument in arguments if argument.location == "path"]
        parameters = [argument for argument in arguments if argument.location != "path"]
        fields, body = self._view_body(
            prepared_operation, types, {argument.name for argument in arguments}
        )
        keywords = sorted([*parameters, *fields], key=lambda argument: not argument.required)
        view = MethodView(
            operation=operation,
            name=prepared_operation.method,
            module=prepared_operation.module,
            parameters=list(prepared_operation.parameters.values()),
            positional=positional,
            keywords=keywords,
            body=body,
            body_type=prepared_operation.body.media_type if prepared_operation.body else None,
            body_required=bool(operation.body and operation.body.required),
            null_body=_can_body_be_null(prepared_operation, types),
            returns=self._annotate_return(prepared_operation, types),
            responses=[
                (response.status, self._annotate_json(types[key]))
                for key, response in prepared_operation.responses.items()
            ],
            media_types=list(prepared_operation.media_types.items()),
            encodings=_list_encodings(prepared_operation.body) if prepared_operation.body else [],
            servers=[format_server(server) for server in prepared_operation.servers],
            doc=_write_docstring(operation, [*positional, *keywords]),
            streams=[
                self._view_items(status, stream, types)
                for status, stream in prepared_operation.streams.items()
            ],
            stream_flag=prepared_operation.stream_flag,
            takes_content=bool(
                fields and prepared_operation.body and prepared_operation.body.has_others
            ),
        )
        return attrs.evolve(view, stream=self._view_stream(prepared_operation, types, view))

    def _view_items(
        self, status: str, stream: PreparedStream, types: Mapping[str, Any]
    ) -> StreamView:
        events = [(name, self._annotate_json(types[key])) for name, key in stream.events.items()]
        return StreamView(status, self._annotate_json(types[stream.data]), events)

    def _view_stream(
        self, prepared_operation: PreparedOperation, types: Mapping[str, Any], view: MethodView
    ) -> MethodView | None:
        """Return the method that opens a stream, without the argument that requests it."""
        if prepared_operation.stream_method is None:
            return None
        streams = prepared_operation.streams.values()
        return attrs.evolve(
            view,
            name=prepared_operation.stream_method,
            keywords=[
                argument
                for argument in view.keywords
                if argument.wire != prepared_operation.stream_flag
            ],
            returns=" | ".join(dict.fromkeys(self._annotate_stream(s, types) for s in streams)),
            opens_stream=True,
        )

    def _annotate_stream(self, stream: PreparedStream, types: Mapping[str, Any]) -> str:
        keys = [stream.data, *stream.events.values()]
        if stream.events and self._annotate_json(types[stream.data]) is None:
            keys.remove(stream.data)  # every event that is documented has a name
        names = list(
            dict.fromkeys(self.annotations.annotate(types[key], "models.") for key in keys)
        )
        items = "Any" if "Any" in names else " | ".join(names)
        return (
            f"Stream[{items}]" if stream.kind == "json_lines" else f"Stream[StreamEvent[{items}]]"
        )

    def _view_parameter(self, prop: Any, prepared_parameter: PreparedParameter) -> ArgumentView:
        parameter = prepared_parameter.parameter
        return ArgumentView(
            name=prepared_parameter.name,
            wire=prepared_parameter.key,
            annotation=self.annotations.annotate(prop, *_INPUT),
            required=parameter.required or parameter.location == "path",
            location=parameter.location,
            nullable=is_nullable(prop),
            description=_describe_bounds(parameter.description, parameter.schema),
        )

    def _view_body(
        self, prepared_operation: PreparedOperation, types: Mapping[str, Any], used_names: set[str]
    ) -> tuple[list[ArgumentView], str | None]:
        """Return the body's fields as arguments.

        If it has no fields, or their names clash, return its type.
        """
        body = prepared_operation.body
        if body is None:
            return [], None
        prop = types["body"]
        documented_body = prepared_operation.operation.body
        if isinstance(prop, ModelProperty) and documented_body and documented_body.required:
            fields = [
                self._view_body_field(inner, field, body.kind)
                for inner, field in self.annotations.list_fields(prop)
                if not field.read_only
            ]
            if fields and not used_names & {field.name for field in fields}:
                return fields, None
        annotation = self._annotate_body(body.kind, prop)
        return (
            [],
            f"{annotation} | Content" if body.has_others and annotation != "Any" else annotation,
        )

    def _view_body_field(self, prop: Any, field: PreparedField, kind: BodyKind) -> ArgumentView:
        annotation = self.annotations.annotate(prop, *_INPUT)
        if kind in FILE_FORM_KINDS and field.file:
            annotation = "FileTypes" if field.file == "one" else "Sequence[FileTypes]"
        return ArgumentView(
            name=field.name + "_" if field.name in METHOD_NAMES else field.name,
            wire=field.wire,
            annotation=annotation,
            required=field.required,
            location="body",
            nullable=is_nullable(prop),
            description=field.description,
        )

    def _annotate_body(self, kind: BodyKind, prop: Any) -> str:
        if kind == "json_lines":
            return "JsonLinesTypes"
        if kind in TEXT_KINDS:
            return "str | bytes"
        if kind == "binary":
            return "BinaryTypes"
        annotation = self.annotations.annotate(prop, *_INPUT)
        return (
            "Mapping[str, Any]" if kind not in VALUE_KINDS and annotation == "Any" else annotation
        )

    def _annotate_json(self, prop: Any) -> str | None:
        annotation = self.annotations.annotate(prop, "models.")
        return None if annotation == "Any" else annotation

    def _annotate_return(
        self, prepared_operation: PreparedOperation, types: Mapping[str, Any]
    ) -> str:
        """Return the return type of a method: one type for each kind of success body."""
        responses = prepared_operation.responses.items()
        success = [(k, candidate) for k, candidate in responses if candidate.status.startswith("2")]
        names: list[str] = []
        for key, response in success or [(k, r) for k, r in responses if r.status == "default"]:
            annotation = self.annotations.annotate(types[key], "models.")
            kinds: list[BodyKind | None] = [
                kind for kind in response.kinds if kind is None or kind not in STREAM_KINDS
            ]
            names += [_name_returned(kind, annotation) for kind in kinds]
            if (
                response.status in prepared_operation.streams
                and prepared_operation.stream_method is None
            ):
                names.append(
                    self._annotate_stream(prepared_operation.streams[response.status], types)
                )
            names += [] if response.kinds else ["None"]
        if "Any" in names or not names:
            return "Any"
        listing = prepared_operation.operation.listing
        if listing and not listing.items and not listing.page.is_single:
            names = [re.sub(r"^list\[", "ListPage[", name) for name in names]
        return " | ".join(sorted(dict.fromkeys(names), key=lambda name: name == "None"))


def _name_returned(kind: BodyKind | None, annotation: str) -> str:
    if kind is None:
        return "Any"
    if kind in VALUE_KINDS:
        return annotation
    return "str" if kind in TEXT_KINDS else "BinaryResponse"


def _can_body_be_null(prepared_operation: PreparedOperation, types: Mapping[str, Any]) -> bool:
    """Return whether None is sent as `null`: a body is required, and its schema allows null."""
    documented_body = prepared_operation.operation.body
    is_json = prepared_operation.body is not None and prepared_operation.body.kind in VALUE_KINDS
    return bool(
        is_json and documented_body and documented_body.required and is_nullable(types["body"])
    )


def _list_encodings(body: PreparedBody) -> list[tuple[str, str]]:
    """Return the fields of a form with a documented encoding, with arguments of `Encoding`."""
    encodings: list[tuple[str, str]] = []
    for field, encoding in body.encodings.items() if body.kind in FORM_KINDS else ():
        if find_item_separator(encoding):
            encoding = {"style": "form", "explode": False, **encoding}  # noqa: PLW2901
        options = [
            (argument, encoding[key]) for key, argument in _ENCODING.items() if key in encoding
        ]
        arguments = ", ".join(f"{w}={v!a}" for w, v in options if isinstance(v, (str, bool)))
        if arguments:
            encodings.append((field, arguments))
    return encodings


def _write_docstring(operation: Operation, arguments: Sequence[ArgumentView]) -> list[str]:
    """Return the paragraphs: what the operation does, and a line for every argument."""
    lines = [operation.summary or f"{operation.method} {operation.path}"]
    if operation.description and operation.description.strip() != lines[0]:
        lines.append(operation.description)
    described_arguments = [a for a in arguments if a.description]
    if described_arguments:
        rows = [f"    {a.name}: {' '.join(a.description.split())}" for a in described_arguments]
        lines.append("Args:\n" + "\n".join(rows))
    if operation.docs_url:
        lines.append(f"Documented at {operation.docs_url}")
    return lines


def _describe_bounds(description: str, schema: Mapping[str, Any]) -> str:
    """Return a description with the bounds and the default of the schema."""
    parts = [description.strip().rstrip(".")] if description.strip() else []
    if "minimum" in schema:
        parts.append(f"at least {schema['minimum']}")
    if "maximum" in schema:
        parts.append(f"at most {schema['maximum']}")
    if "default" in schema:
        parts.append(f"by default {schema['default']}")
    return "; ".join(parts) + "." if parts else ""
