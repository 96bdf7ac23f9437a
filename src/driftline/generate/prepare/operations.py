"""Operations in the generator's input: an object with a field for each of their types."""

from __future__ import annotations

import itertools
import keyword
import re
from collections.abc import Iterator
from typing import Any

import attrs

from driftline.files import DEVICES
from driftline.generate.prepare.names import (
    MAP,
    NamePool,
    replace_signs,
    shorten,
    to_identifier,
)
from driftline.generate.prepare.nodes import ClassName, SchemaNode, as_array, as_object
from driftline.generate.prepare.prepared import (
    PreparedBody,
    PreparedOperation,
    PreparedParameter,
    PreparedResponse,
    PreparedStream,
)
from driftline.generate.prepare.schemas import SchemaPreparer
from driftline.generate.prepare.shapes import ANY, Shape
from driftline.media import FIELD_KINDS, STREAM_KINDS, VALUE_KINDS, BodyKind
from driftline.openapi import (
    ItemSchema,
    MediaType,
    Operation,
    Parameter,
    Response,
    Spec,
    describe_stream,
    find_stream,
    find_stream_flag,
    pointer as json_pointer,
)
from driftline.runtime import CallOptions

_PLACES = ("path", "query", "header", "cookie")
# Names that the methods of generated clients use themselves.
METHOD_NAMES = frozenset({"body", "models", "options", "self", *CallOptions.__annotations__})
# Names that annotations use inside the class of a resource.
_METHODS = frozenset(
    {"bool", "bytes", "datetime", "dict", "float", "int", "models", "params", "str"}
)
_STATUS = re.compile(r"[1-9](\d\d|XX)|DEFAULT")


class OperationPreparer:
    """Prepares operations; modules, resources and methods each get a unique name.

    The generator's own parsing of paths is not used: it restricts which types are allowed where,
    and copies every schema of an operation several times.
    """

    def __init__(self, schemas: SchemaPreparer, spec: Spec) -> None:
        self.schemas, self.spec = schemas, spec
        self._modules = NamePool(DEVICES)
        self._tags: dict[str, str] = {}
        self._tag_names = NamePool(DEVICES)
        self._methods: dict[str, NamePool] = {}
        self._numbers = itertools.count()

    def build(self, operation: Operation) -> tuple[dict[str, Any], PreparedOperation]:
        """Return an object with the operation's types as fields, and their parts of the spec."""
        module = self._modules.take(shorten(to_identifier(operation.id)))
        tag = self._choose_tag(operation.resource)
        component = f"{MAP}Operation{next(self._numbers)}"
        shapes: dict[str, Shape] = {}
        parameters: dict[str, PreparedParameter] = {}
        for index, parameter in enumerate(self._prepare_parameters(operation)):
            parameters[f"p{index}"] = parameter
            shapes[f"p{index}"] = self._shape_argument(parameter, module)
        body = self._prepare_body(operation, module, shapes)
        responses = self._prepare_responses(operation, module, shapes)
        media_types = {
            response.status: response.media_types
            for response in responses.values()
            if response.media_types
        }
        is_plain = all(types == ("application/json",) for types in media_types.values())
        streams = self._prepare_streams(operation, module, shapes)
        return {"type": "object", "properties": shapes}, PreparedOperation(
            operation=operation,
            component=component,
            module=module,
            method=self._choose_method(tag, operation),
            tag=tag,
            parameters=parameters,
            body=body,
            responses=responses,
            media_types={} if is_plain else media_types,
            servers=self._list_servers(operation),
            streams=streams,
            stream_flag=find_stream_flag(self.spec, operation),
        )

    def _list_servers(self, operation: Operation) -> list[dict[str, Any]]:
        """Return the servers of the operation, or of its path."""
        for pointer in (operation.pointer, operation.pointer.rpartition("/")[0]):
            servers = as_array(self._get_node(pointer).get("servers"))
            if servers:
                return [
                    server for server in servers if isinstance(as_object(server).get("url"), str)
                ]
        return []

    def _choose_tag(self, resource: str) -> str:
        if resource not in self._tags:
            tag = shorten(to_identifier(resource or "api", "tag"))
            self._tags[resource] = self._tag_names.take(tag)
        return self._tags[resource]

    def _choose_method(self, tag: str, operation: Operation) -> str:
        name = operation.name
        if not name.isidentifier():
            name = to_identifier(name or operation.id)
        if keyword.iskeyword(name) or name in _METHODS:
            name += "_"
        return self._methods.setdefault(tag, NamePool()).take(name)

    def name_stream_method(self, prepared_operation: PreparedOperation) -> PreparedOperation:
        """Return an operation with a second method if a success is a stream or another type.

        Call it once all operations have names, since those take precedence.
        """
        responses = prepared_operation.responses.values()
        kinds = {kind for response in responses if response.is_success for kind in response.kinds}
        if not prepared_operation.streams or kinds <= STREAM_KINDS:
            return prepared_operation
        name = self._methods[prepared_operation.tag].take(f"{prepared_operation.method}_stream")
        return attrs.evolve(prepared_operation, stream_method=name)

    def _prepare_streams(
        self, operation: Operation, module: str, shapes: dict[str, Shape]
    ) -> dict[str, PreparedStream]:
        """Return the items of the streams among the successes."""
        streams: dict[str, PreparedStream] = {}
        for response in self._sort_responses(operation):
            media, status = find_stream(response), _normalize_status(response)
            if media is None or status[0] not in "2d":
                continue
            stream = describe_stream(self.spec, media)
            keys: dict[str, str] = {}
            for name, item in [("", stream.data), *stream.events.items()]:
                keys[name] = f"s{len(shapes)}"
                is_same_item = name and item == stream.data
                class_name = ClassName(
                    module, f"event_{name}" if name and not is_same_item else "item"
                )
                shapes[keys[name]] = self._shape_item(item, class_name)
            streams[status] = PreparedStream(media.kind, keys.pop(""), keys)
        return streams

    def _shape_item(self, item: ItemSchema, name: ClassName) -> Shape:
        if item.is_text:
            return {"type": "string"}
        if not item.pointer:
            return ANY
        schema = json_pointer.follow(self.schemas.document.document, item.pointer)
        return self.schemas.shape(SchemaNode(schema, item.pointer), name)

    def _prepare_parameters(self, operation: Operation) -> Iterator[PreparedParameter]:
        """Yield the parameters that can be sent.

        Path parameters come first, in the order of the path.
        """
        parameters = [*self._list_path_parameters(operation)]
        for location in _PLACES[1:]:
            parameters += [
                candidate for candidate in operation.parameters if candidate.location == location
            ]
        locations_by_name: dict[str, set[str]] = {}
        for parameter in parameters:
            locations_by_name.setdefault(to_identifier(parameter.name), set()).add(
                parameter.location
            )
        names, keys = NamePool(), set[str]()
        for parameter in parameters:
            name = to_identifier(parameter.name)
            if len(locations_by_name[name]) > 1:
                name = f"{name.rstrip('_')}_{parameter.location}"
            elif name in names:
                name = to_identifier(replace_signs(parameter.name))
            name = names.take(name + "_" if name in METHOD_NAMES else name)
            key = (
                parameter.name
                if parameter.name not in keys
                else f"{parameter.name}_{parameter.location}"
            )
            while key in keys:
                key += "_"
            keys.add(key)
            node = self._get_node(parameter.pointer)
            yield PreparedParameter(
                name=name,
                key=key,
                parameter=parameter,
                media_type=next(iter(as_object(node.get("content"))), None),
            )

    def _list_path_parameters(self, operation: Operation) -> Iterator[Parameter]:
        documented_parameters = {
            candidate.name: candidate
            for candidate in operation.parameters
            if candidate.location == "path"
        }
        path_names = dict.fromkeys(re.findall(r"\{([^{}]+)\}", operation.path))
        reporter = self.schemas.reporter
        for name in path_names:
            if name in documented_parameters:
                yield documented_parameters[name]
            else:
                reporter.report("client.parameter-undocumented", operation.pointer)
                yield Parameter(
                    name=name,
                    location="path",
                    required=True,
                    schema={},
                    style="simple",
                    explode=False,
                    description="",
                    deprecated=False,
                    pointer="",
                )
        for name, parameter in documented_parameters.items():
            if name not in path_names:
                reporter.report("client.parameter-outside-path", parameter.pointer)

    def _shape_argument(self, prepared_parameter: PreparedParameter, module: str) -> Shape:
        pointer, media = prepared_parameter.parameter.pointer, prepared_parameter.media_type
        at = SchemaNode(self._get_node(pointer), pointer)
        if media is not None:
            at = at.descend("content", media)
        name = ClassName(module, prepared_parameter.parameter.name)
        return (
            self.schemas.shape(at.descend("schema"), name)
            if "schema" in as_object(at.schema)
            else ANY
        )

    def _get_node(self, pointer: str) -> dict[str, Any]:
        document = self.schemas.document.document
        return as_object(json_pointer.follow(document, pointer)) if pointer else {}

    def _prepare_body(
        self, operation: Operation, module: str, shapes: dict[str, Shape]
    ) -> PreparedBody | None:
        body = operation.body
        if body is None:
            return None
        choices = body.choices
        media = choices[0] if choices else None
        shape = ANY
        if media is not None and media.kind in FIELD_KINDS:
            shape = self._shape_media_type(media, ClassName(module, "body"))
        shapes["body"] = shape
        if media is None:
            return PreparedBody("application/json", "json", has_others=False)
        name = media.name if "*" not in media.essence else _WRITTEN.get(media.kind, _BYTES)
        encodings = as_object(self._get_node(media.pointer).get("encoding"))
        alternatives = [choice for choice in choices if not self._is_alias(choice, media)]
        return PreparedBody(name, media.kind, len(alternatives) > 1, encodings)

    def _is_alias(self, other_media: MediaType, media: MediaType) -> bool:
        """Return whether `other_media` only repeats `media`, which is plain JSON."""
        is_plain = media.essence == "application/json" and other_media.essence in _ALIASES
        return is_plain and self._get_schema(other_media) == self._get_schema(media)

    def _shape_media_type(self, media: MediaType, name: ClassName) -> Shape:
        if not media.schema_pointer:
            return ANY
        schema = json_pointer.follow(self.schemas.document.document, media.schema_pointer)
        return self.schemas.shape(SchemaNode(schema, media.schema_pointer), name)

    def _prepare_responses(
        self, operation: Operation, module: str, shapes: dict[str, Shape]
    ) -> dict[str, PreparedResponse]:
        """Return the responses in the order in which a client tries them.

        With the shapes of their JSON bodies.
        """
        responses: dict[str, PreparedResponse] = {}
        for index, response in enumerate(self._sort_responses(operation)):
            status, json = _normalize_status(response), response.json
            shape = (
                ANY
                if json is None
                else self._shape_media_type(json, ClassName(module, f"response_{status}"))
            )
            shapes[f"r{index}"] = shape
            kinds: list[BodyKind | None] = []
            media_types: list[str] = []
            for media in response.content:
                kind, is_same = _find_kind(media), self._has_schema_of(media, json)
                if kind in VALUE_KINDS and not is_same:
                    continue  # such as an older version: a client reads only one
                # Frameworks document each response as all that they can write, JSON first. What
                # is an object there, but is read as a string or bytes, is not a useful return type.
                if kind not in kinds and not (is_same and kind in _WRITINGS):
                    kinds.append(kind)
                if kind == "text" and media.essence in _RANGES:  # text is requested, all is read
                    media_types.append(_WRITTEN["text"])
                media_types.append(media.name)
            responses[f"r{index}"] = PreparedResponse(status, kinds, tuple(media_types))
        return responses

    def _has_schema_of(self, media: MediaType, json: MediaType | None) -> bool:
        """Return whether a media type has the schema of the JSON one, and is not a string."""
        if media is json or json is None:
            return media is json
        schema = self._get_schema(json)
        is_string = media.kind not in VALUE_KINDS and as_object(schema).get("type") == "string"
        return not is_string and schema == self._get_schema(media)

    def _get_schema(self, media: MediaType) -> Any:
        return self.spec.resolve(media.schema_pointer)[1] if media.schema_pointer else None

    def _sort_responses(self, operation: Operation) -> list[Response]:
        responses_by_status: dict[str, Response] = {}
        for response in operation.responses:
            if not _STATUS.fullmatch(response.status.upper()):
                self.schemas.reporter.report("client.response-status", response.pointer)
            else:
                responses_by_status.setdefault(_normalize_status(response), response)
        order = sorted(
            responses_by_status, key=lambda status: (status == "default", "X" in status, status)
        )
        return [responses_by_status[status] for status in order]


_BYTES = "application/octet-stream"
_WRITTEN = {"json": "application/json", "text": "text/plain"}
_RANGES = frozenset({"*/*", "application/*"})
_WRITINGS = frozenset({"text", "xml", "binary"})
"""The kinds that an object can be written in beside JSON: as YAML, or as protocol buffers."""
_ALIASES = _RANGES | {"text/json", "application/*+json"}
"""Other names of plain JSON, if that is documented too."""


def _find_kind(media: MediaType) -> BodyKind | None:
    """Return the kind of a body, or None where a range leaves it open."""
    return None if media.essence in _RANGES and media.kind == "binary" else media.kind


def _normalize_status(response: Response) -> str:
    return "default" if response.status.lower() == "default" else response.status.upper()
