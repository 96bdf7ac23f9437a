"""Reads parameters and headers leniently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.upgrade.context import read_flag
from driftline.openapi.read.upgrade.parts import modernize_parameter
from driftline.openapi.reserved import is_reserved_header

if TYPE_CHECKING:
    from driftline.openapi.read.upgrade.objects import ObjectReader

LOCATIONS: Final = ("path", "query", "header", "cookie")
STYLES: Final = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}


class ParameterReader:
    """Reads the contents of `parameters` and `headers`."""

    def __init__(self, objects: ObjectReader) -> None:
        self.objects = objects
        self.context = objects.context
        self.warn = objects.warn

    def read_list(self, node: dict[str, Any], pointer: str) -> None:
        """Read the list of parameters of an operation or path item."""
        parameters = node.get("parameters")
        if is_object(parameters):
            parameters = node["parameters"] = list(parameters.values())
        if not is_array(parameters):
            node.pop("parameters", None)
            return
        self._take_bodies(node, parameters, pointer)
        usable: list[Any] = []
        for index in range(len(parameters)):
            parameter_pointer = f"{pointer}/parameters/{index}"
            if not self._is_parameter(parameters[index], parameter_pointer) or self._is_reserved(
                parameters[index], parameter_pointer
            ):
                continue
            self.objects.visit("parameters", parameters, index, parameter_pointer)
            if len(usable) != index:
                self.context.moves.note(f"{pointer}/parameters/{len(usable)}", parameter_pointer)
            usable.append(parameters[index])
        if len(usable) != len(parameters):
            # Recorded problems refer to the previous positions.
            parameters[:] = usable

    def _is_parameter(self, node: Any, parameter_pointer: str) -> bool:
        if is_object(node) and isinstance(node.get("$ref"), str):
            return True
        sound = is_object(node) and isinstance(node.get("name"), str | int | float)
        if sound and str(node.get("in")).lower() in LOCATIONS:
            return True
        message = "not a parameter: it needs a name and a location"
        self.warn("parameter.invalid", parameter_pointer, message, "Write `name` and `in`.")
        return False

    def _is_reserved(self, node: Any, parameter_pointer: str) -> bool:
        """Return whether a parameter is a header that is never sent, and so removed."""
        seen: set[str] = set()
        while isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
            seen.add(node["$ref"])
            pointer = json_pointer.parse_reference(node["$ref"])
            target = json_pointer.follow(self.context.data, pointer)
            node = target if is_object(target) else {}
        name = str(node.get("name", ""))
        if str(node.get("in")).lower() != "header" or not is_reserved_header(name):
            return False
        message = f"the header {name!r} is never sent: HTTP sets it, or rejects it"
        self.warn("parameter.reserved-header", parameter_pointer, message, "Remove the parameter.")
        return True

    def _take_bodies(self, node: dict[str, Any], parameters: list[Any], pointer: str) -> None:
        """Read a parameter `in: body` of Swagger 2.0 as the request body."""
        for index, parameter in enumerate(parameters):
            if is_object(parameter) and parameter.get("in") == "body" and "requestBody" not in node:
                parameter_pointer = f"{pointer}/parameters/{index}"
                node["requestBody"] = {
                    "content": {"application/json": {"schema": parameter.get("schema", {})}},
                    "required": read_flag(
                        parameter, "required", parameter_pointer, self.context.notes
                    ),
                }
                self.context.moves.note(f"{pointer}/requestBody", parameter_pointer)

    def read_parameter(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not self._is_parameter(node, pointer):
            del owner[key]
            return
        node["in"] = node["in"].lower()
        node["name"] = str(node["name"])
        self._read_shared(node, pointer)
        location = node["in"]
        flags = ("required", "explode", "deprecated", "allowEmptyValue", "allowReserved")
        self.objects.read_flags(node, pointer, *flags)
        if location == "path":
            if node.get("required") is not True:
                message = f"the path parameter {node['name']!r} is not marked as required"
                hint = "Write required: true; a part of a path cannot be left out."
                self.warn("parameter.path-not-required", pointer, message, hint)
                node["required"] = True
            _forbid_null(node.get("schema"))
        if node.get("style") not in STYLES[location]:
            if "style" in node:
                message = f"{location} parameters have no style {str(node['style'])[:40]!r}"
                self.objects.drop(node, "style", pointer, message)
            node.pop("style", None)
        if location != "query":
            node.pop("allowEmptyValue", None)

    def read_header(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node):
            node = owner[key] = {}
        for field in ("in", "name", "style"):
            node.pop(field, None)
        self._read_shared(node, pointer)
        self.objects.read_flags(node, pointer, "required", "explode", "deprecated")

    def _read_shared(self, node: dict[str, Any], pointer: str) -> None:
        swagger = self.context.is_swagger
        has_keywords = modernize_parameter(node, list_format="csv" if swagger else None)
        if has_keywords:
            self.context.moves.note(f"{pointer}/schema", pointer)
            if not swagger:
                message = "schema keywords beside `schema`"
                hint = "Move them into the schema."
                self.warn("parameter.schema-misplaced", pointer, message, hint)
        self.objects.read_strings(node, ("description",))
        content = node.get("content")
        if "schema" in node or not is_object(content) or not content:
            node.pop("content", None)
            if "schema" not in node:
                message = "no schema: any value is allowed"
                self.warn("parameter.schema-missing", pointer, message, "Write a schema.")
                node["schema"] = {}
            self.objects.schemas.read(node, "schema", f"{pointer}/schema")
        else:
            for name in list(content)[1:]:
                self.objects.drop(content, name, f"{pointer}/content", "one media type is allowed")
            self.objects.read_content(node, pointer)
            for field in ("style", "explode"):
                node.pop(field, None)
        self.objects.read_examples(node, pointer)


def _forbid_null(schema: Any) -> None:
    """Exclude null from the values of a path parameter."""
    kinds = schema.get("type") if is_object(schema) else None
    if is_array(kinds) and "null" in kinds and len(kinds) > 1:
        rest = [kind for kind in kinds if kind != "null"]
        schema["type"] = rest if len(rest) > 1 else rest[0]
