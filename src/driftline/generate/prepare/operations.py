"""Operations as the generator's input has them: synthetic paths and names, shapes of schemas."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from typing import Any

from driftline.generate.prepare.names import NamePool, identifier, spelled
from driftline.generate.prepare.nodes import At
from driftline.generate.prepare.prepared import (
    PreparedBody,
    PreparedOperation,
    PreparedParameter,
    PreparedResponse,
)
from driftline.generate.prepare.schemas import Name, Schemas
from driftline.generate.prepare.shapes import ANY, Shape
from driftline.runtime import CallOptions
from driftline.spec import Operation
from driftline.spec import pointer as json_pointer
from driftline.spec.media import BodyKind
from driftline.spec.model import MediaType, Parameter, Response

__all__ = ["METHOD_NAMES", "Operations"]

_PLACES = ("path", "query", "header", "cookie")
# What a client sends first, where an operation takes several kinds of bodies.
_KINDS: Sequence[BodyKind] = (
    *("json", "form", "multipart", "json_lines", "text", "xml", "event_stream", "binary"),
)
_FIELD_KINDS = frozenset({"json", "form", "multipart"})
# Names that the methods of generated clients have for themselves.
METHOD_NAMES = frozenset({"body", "options", "self", *CallOptions.__annotations__})
# Names that annotations use inside the class of a resource.
_METHODS = frozenset({"bool", "bytes", "datetime", "dict", "float", "int", "models", "str"})
_STATUS = re.compile(r"[1-9](\d\d|XX)|DEFAULT")
_FIRST_CODE, _LAST_CODE = 100, 999


class Operations:
    """Makes input of operations; modules, resources and methods each get a name of their own."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._modules = NamePool()
        self._tags: dict[str, str] = {}
        self._tag_names = NamePool()
        self._methods: dict[str, NamePool] = {}

    def build(self, operation: Operation) -> tuple[dict[str, Any], PreparedOperation]:
        """Return the operation object of the generator's input, and what its names stand for."""
        module = self._modules.take(identifier(operation.id))
        tag = self._tag(operation.resource)
        entries: list[dict[str, Any]] = []
        parameters: dict[str, PreparedParameter] = {}
        for index, prepared in enumerate(self._parameters(operation)):
            key = f"p{index}"
            parameters[key] = prepared
            # All stand in the query: the generator has opinions on types in other places.
            entry = {"name": key, "in": "query", "schema": self._argument(prepared, module)}
            required = prepared.parameter.required or prepared.parameter.place == "path"
            entries.append({**entry, "required": required})
        node: dict[str, Any] = {"operationId": module, "tags": [tag], "parameters": entries}
        body = self._body(operation, module, node)
        responses, media_types = self._responses(operation, module, node)
        return node, PreparedOperation(
            operation=operation,
            module=module,
            method=self._method(tag, operation),
            tag=tag,
            parameters=parameters,
            body=body,
            responses=responses,
            media_types=media_types,
        )

    def _tag(self, resource: str) -> str:
        if resource not in self._tags:
            self._tags[resource] = self._tag_names.take(identifier(resource or "api", "tag"))
        return self._tags[resource]

    def _method(self, tag: str, operation: Operation) -> str:
        name = operation.name
        if not name.isidentifier():
            name = identifier(name or operation.id)
        if keyword.iskeyword(name) or name in _METHODS:
            name += "_"
        return self._methods.setdefault(tag, NamePool()).take(name)

    def _parameters(self, operation: Operation) -> Iterator[PreparedParameter]:
        """The parameters that can be sent: those of the path first, in the order of the path."""
        found = [*self._in_path(operation)]
        for place in _PLACES[1:]:
            found += [each for each in operation.parameters if each.place == place]
        places: dict[str, set[str]] = {}
        for each in found:
            places.setdefault(identifier(each.name), set()).add(each.place)
        names, keys = NamePool(), set[str]()
        for each in found:
            name = identifier(each.name)
            if len(places[name]) > 1:
                name = f"{name.rstrip('_')}_{each.place}"
            elif name in names:
                name = identifier(spelled(each.name))
            name = names.take(name + "_" if name in METHOD_NAMES else name)
            key = each.name if each.name not in keys else f"{each.name}_{each.place}"
            while key in keys:
                key += "_"
            keys.add(key)
            yield PreparedParameter(name, key, each)

    def _in_path(self, operation: Operation) -> Iterator[Parameter]:
        documented = {each.name: each for each in operation.parameters if each.place == "path"}
        wanted = dict.fromkeys(re.findall(r"\{([^{}]+)\}", operation.path))
        reporter = self.schemas.reporter
        for name in wanted:
            if name in documented:
                yield documented[name]
            else:
                reporter.report("client.parameter-undocumented", operation.pointer)
                yield Parameter(
                    name=name,
                    place="path",
                    required=True,
                    schema={},
                    style="simple",
                    explode=False,
                    description="",
                    deprecated=False,
                    pointer="",
                )
        for name, parameter in documented.items():
            if name not in wanted:
                reporter.report("client.parameter-outside-path", parameter.pointer)

    def _argument(self, prepared: PreparedParameter, module: str) -> Shape:
        pointer = prepared.parameter.pointer
        node = json_pointer.follow(self.schemas.document.document, pointer) if pointer else {}
        at = At(node, pointer)
        name = Name(module, prepared.parameter.name)
        if "schema" in node:
            return self.schemas.shape(at.child("schema"), name)
        for media in node.get("content", {}):
            if "schema" in node["content"][media]:
                return self.schemas.shape(at.child("content", media, "schema"), name)
        return ANY

    def _body(self, operation: Operation, module: str, node: dict[str, Any]) -> PreparedBody | None:
        body = operation.body
        if body is None:
            return None
        choices = sorted(body.content, key=lambda media: _KINDS.index(media.kind))
        media = choices[0] if choices else None
        shape = ANY
        if media is not None and media.kind in _FIELD_KINDS:
            shape = self._media(media, Name(module, "body"))
        content = {"application/json": {"schema": shape}}
        node["requestBody"] = {"required": body.required, "content": content}
        if media is None:
            return PreparedBody("application/json", "json", has_others=False)
        name = media.name if "*" not in media.essence else _WRITTEN.get(media.kind, _BYTES)
        return PreparedBody(name, media.kind, has_others=len(choices) > 1)

    def _media(self, media: MediaType, name: Name) -> Shape:
        if not media.schema_pointer:
            return ANY
        schema = json_pointer.follow(self.schemas.document.document, media.schema_pointer)
        return self.schemas.shape(At(schema, media.schema_pointer), name)

    def _responses(
        self, operation: Operation, module: str, node: dict[str, Any]
    ) -> tuple[dict[str, PreparedResponse], dict[str, tuple[str, ...]]]:
        """The responses by codes in the order in which a client tries them, and their media."""
        prepared: dict[str, PreparedResponse] = {}
        media_types: dict[str, tuple[str, ...]] = {}
        entries: dict[str, Any] = {}
        for response in self._ordered(operation):
            code = str(_FIRST_CODE + len(entries))
            status = _status(response)
            json = response.json
            entries[code] = {"description": ""}
            if json is not None:
                shape = self._media(json, Name(module, f"response_{status}"))
                entries[code]["content"] = {"application/json": {"schema": shape}}
            kinds = tuple(dict.fromkeys(_kind(media) for media in response.content))
            prepared[code] = PreparedResponse(status, kinds)
            if response.content:
                media_types[status] = tuple(media.name for media in response.content)
        node["responses"] = entries
        is_plain = all(types == ("application/json",) for types in media_types.values())
        return prepared, {} if is_plain else media_types

    def _ordered(self, operation: Operation) -> list[Response]:
        found: dict[str, Response] = {}
        for response in operation.responses:
            if not _STATUS.fullmatch(response.status.upper()):
                self.schemas.reporter.report("client.response-status", response.pointer)
            else:
                found.setdefault(_status(response), response)
        order = sorted(found, key=lambda status: (status == "default", "X" in status, status))
        return [found[status] for status in order][: _LAST_CODE - _FIRST_CODE]


_BYTES = "application/octet-stream"
_WRITTEN = {"json": "application/json", "text": "text/plain"}


def _kind(media: MediaType) -> BodyKind | None:
    """The kind of a body, or None where a range leaves it open."""
    return None if "*" in media.essence and media.kind != "json" else media.kind


def _status(response: Response) -> str:
    return "default" if response.status.lower() == "default" else response.status.upper()
