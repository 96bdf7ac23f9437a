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
from driftline.generate.shown import ArgumentView, MethodView, StreamView, view_server
from driftline.media import (
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

    def build(self, prepared: PreparedOperation) -> MethodView:
        operation = prepared.operation
        types = self.annotations.list_properties(prepared.component)
        arguments = [
            self._view_parameter(types[key], each) for key, each in prepared.parameters.items()
        ]
        positional = [argument for argument in arguments if argument.location == "path"]
        parameters = [argument for argument in arguments if argument.location != "path"]
        fields, body = self._view_body(prepared, types, {each.name for each in arguments})
        keywords = sorted([*parameters, *fields], key=lambda argument: not argument.required)
        view = MethodView(
            operation=operation,
            name=prepared.method,
            module=prepared.module,
            parameters=list(prepared.parameters.values()),
            positional=positional,
            keywords=keywords,
            body=body,
            body_type=prepared.body.media_type if prepared.body else None,
            body_required=bool(operation.body and operation.body.required),
            null_body=_can_body_be_null(prepared, types),
            returns=self._annotate_return(prepared, types),
            responses=[
                (response.status, self._annotate_json(types[key]))
                for key, response in prepared.responses.items()
            ],
            media_types=list(prepared.media_types.items()),
            encodings=_list_encodings(prepared.body) if prepared.body else [],
            servers=[view_server(server) for server in prepared.servers],
            doc=_write_docstring(operation, [*positional, *keywords]),
            streams=[
                self._view_items(status, stream, types)
                for status, stream in prepared.streams.items()
            ],
            stream_flag=prepared.stream_flag,
            takes_content=bool(fields and prepared.body and prepared.body.has_others),
        )
        return attrs.evolve(view, stream=self._view_stream(prepared, types, view))

    def _view_items(
        self, status: str, stream: PreparedStream, types: Mapping[str, Any]
    ) -> StreamView:
        events = [(name, self._annotate_json(types[key])) for name, key in stream.events.items()]
        return StreamView(status, self._annotate_json(types[stream.data]), events)

    def _view_stream(
        self, prepared: PreparedOperation, types: Mapping[str, Any], view: MethodView
    ) -> MethodView | None:
        """Return the method that opens a stream, without the argument that requests it."""
        if prepared.stream_method is None:
            return None
        streams = prepared.streams.values()
        return attrs.evolve(
            view,
            name=prepared.stream_method,
            keywords=[each for each in view.keywords if each.wire != prepared.stream_flag],
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

    def _view_parameter(self, prop: Any, prepared: PreparedParameter) -> ArgumentView:
        parameter = prepared.parameter
        return ArgumentView(
            name=prepared.name,
            wire=prepared.key,
            annotation=self.annotations.annotate(prop, *_INPUT),
            required=parameter.required or parameter.place == "path",
            location=parameter.place,
            nullable=is_nullable(prop),
            description=_describe_bounds(parameter.description, parameter.schema),
        )

    def _view_body(
        self, prepared: PreparedOperation, types: Mapping[str, Any], taken: set[str]
    ) -> tuple[list[ArgumentView], str | None]:
        """Return the body's fields as arguments.

        If it has no fields, or their names clash, return its type.
        """
        body = prepared.body
        if body is None:
            return [], None
        prop = types["body"]
        documented = prepared.operation.body
        if isinstance(prop, ModelProperty) and documented and documented.required:
            fields = [
                self._view_body_field(inner, field, body.kind)
                for inner, field in self.annotations.list_fields(prop)
                if not field.read_only
            ]
            if fields and not taken & {field.name for field in fields}:
                return fields, None
        shown = self._annotate_body(body.kind, prop)
        return [], f"{shown} | Content" if body.has_others and shown != "Any" else shown

    def _view_body_field(self, prop: Any, field: PreparedField, kind: BodyKind) -> ArgumentView:
        shown = self.annotations.annotate(prop, *_INPUT)
        if kind == "multipart" and field.file:
            shown = "FileTypes" if field.file == "one" else "Sequence[FileTypes]"
        return ArgumentView(
            name=field.name + "_" if field.name in METHOD_NAMES else field.name,
            wire=field.wire,
            annotation=shown,
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
        shown = self.annotations.annotate(prop, *_INPUT)
        return "Mapping[str, Any]" if kind not in VALUE_KINDS and shown == "Any" else shown

    def _annotate_json(self, prop: Any) -> str | None:
        shown = self.annotations.annotate(prop, "models.")
        return None if shown == "Any" else shown

    def _annotate_return(self, prepared: PreparedOperation, types: Mapping[str, Any]) -> str:
        """Return the return type of a method: one type for each kind of success body."""
        responses = prepared.responses.items()
        success = [(k, each) for k, each in responses if each.status.startswith("2")]
        names: list[str] = []
        for key, each in success or [(k, r) for k, r in responses if r.status == "default"]:
            shown = self.annotations.annotate(types[key], "models.")
            others: list[BodyKind | None] = [
                kind for kind in each.kinds if kind is None or kind not in STREAM_KINDS
            ]
            names += [_name_returned(kind, shown) for kind in others]
            if each.status in prepared.streams and prepared.stream_method is None:
                names.append(self._annotate_stream(prepared.streams[each.status], types))
            names += [] if each.kinds else ["None"]
        if "Any" in names or not names:
            return "Any"
        listing = prepared.operation.listing
        if listing and not listing.items and not listing.page.is_single:
            names = [re.sub(r"^list\[", "ListPage[", name) for name in names]
        return " | ".join(sorted(dict.fromkeys(names), key=lambda name: name == "None"))


def _name_returned(kind: BodyKind | None, shown: str) -> str:
    if kind is None:
        return "Any"
    if kind in VALUE_KINDS:
        return shown
    return "str" if kind in TEXT_KINDS else "BinaryResponse"


def _can_body_be_null(prepared: PreparedOperation, types: Mapping[str, Any]) -> bool:
    """Return whether None is sent as `null`: a body is required, and its schema allows null."""
    documented = prepared.operation.body
    is_json = prepared.body is not None and prepared.body.kind in VALUE_KINDS
    return bool(is_json and documented and documented.required and is_nullable(types["body"]))


def _list_encodings(body: PreparedBody) -> list[tuple[str, str]]:
    """Return the fields of a form with a documented encoding, with arguments of `Encoding`."""
    found: list[tuple[str, str]] = []
    for field, encoding in body.encodings.items() if body.kind in FORM_KINDS else ():
        if find_item_separator(encoding):
            encoding = {"style": "form", "explode": False, **encoding}  # noqa: PLW2901
        given = [(word, encoding[key]) for key, word in _ENCODING.items() if key in encoding]
        shown = ", ".join(f"{w}={v!a}" for w, v in given if isinstance(v, (str, bool)))
        if shown:
            found.append((field, shown))
    return found


def _write_docstring(operation: Operation, arguments: Sequence[ArgumentView]) -> list[str]:
    """Return the paragraphs: what the operation does, and a line for every argument."""
    lines = [operation.summary or f"{operation.method} {operation.path}"]
    if operation.description and operation.description.strip() != lines[0]:
        lines.append(operation.description)
    described = [a for a in arguments if a.description]
    if described:
        rows = [f"    {a.name}: {' '.join(a.description.split())}" for a in described]
        lines.append("Args:\n" + "\n".join(rows))
    if operation.docs_url:
        lines.append(f"Documented at {operation.docs_url}")
    return lines


def _describe_bounds(description: str, schema: Mapping[str, Any]) -> str:
    """Return a description with the bounds and the default of the schema."""
    said = [description.strip().rstrip(".")] if description.strip() else []
    if "minimum" in schema:
        said.append(f"at least {schema['minimum']}")
    if "maximum" in schema:
        said.append(f"at most {schema['maximum']}")
    if "default" in schema:
        said.append(f"by default {schema['default']}")
    return "; ".join(said) + "." if said else ""
