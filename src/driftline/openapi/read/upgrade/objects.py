"""Reads OpenAPI's objects, and interprets those of the wrong form.

Unreadable parts are removed with a problem: as little as possible, and never an operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from driftline.media import FORM_KINDS, find_body_kind
from driftline.openapi.pointer import is_array, is_object, join
from driftline.openapi.read.upgrade.access import (
    is_sound_scheme,
    list_servers,
    read_variables,
)
from driftline.openapi.read.upgrade.context import Context, read_extensions, read_flag
from driftline.openapi.read.upgrade.keywords import has_url
from driftline.openapi.read.upgrade.media_types import (
    follow_example,
    read_media_type_names,
    require_fields,
)
from driftline.openapi.read.upgrade.parameters import ParameterReader
from driftline.openapi.read.upgrade.parts import METHODS
from driftline.openapi.read.upgrade.schemas import SchemaReader

_STATUS: Final = re.compile(r"[1-5](\d\d|XX)|default")
_METHOD_WORDS: Final = frozenset(METHODS)
_UNDESCRIBED: Final = "The document describes no response."


class ObjectReader:
    """Reads the objects of a document by their kind."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.warn = context.notes.warn
        self.schemas = SchemaReader(context)
        self.parameters = ParameterReader(self)
        self.readers: dict[str, Callable[[Any, Any, str], None]] = {
            "schemas": self.schemas.read,
            "parameters": self.parameters.read_parameter,
            "headers": self.parameters.read_header,
            "requestBodies": self.read_body,
            "responses": self.read_response,
            "examples": self.read_example,
            "links": self.read_link,
            "callbacks": self.read_callback,
            "pathItems": self.read_path_item,
            "securitySchemes": self.read_scheme,
        }

    def visit(self, kind: str, owner: Any, key: Any, pointer: str) -> None:
        """Read the object of a kind at `key` of `owner`, or record its reference."""
        node = owner[key]
        if kind == "schemas" or not is_object(node):
            self.readers[kind](owner, key, pointer)
            return
        if id(node) in self.context.object_kinds:
            return
        self.context.object_kinds[id(node)] = kind
        if "$ref" in node and not isinstance(node["$ref"], str):
            self.drop(node, "$ref", pointer, "a $ref that is not a string")
        if "$ref" in node and kind != "pathItems":
            for field in node.keys() - {"$ref", "description", "summary"}:
                del node[field]
            self.context.refer(node, owner, key, pointer, kind)
            return
        read_extensions(node, pointer, self.context.notes)
        self.readers[kind](owner, key, pointer)

    def read_each(self, kind: str, node: dict[str, Any], field: str, pointer: str) -> None:
        """Read all members of the map `field`; a member that is not a map is removed."""
        members = node.get(field)
        if members is None:
            node.pop(field, None)
            return
        if not is_object(members):
            self.drop(node, field, pointer, f"{field} is not an object")
            return
        for name in list(members):
            if kind == "schemas" or not name.startswith("x-"):
                self.visit(kind, members, name, pointer + join(field, name))

    def drop(self, node: dict[str, Any], field: str, pointer: str, message: str) -> None:
        """Remove a member and record the problem."""
        node.pop(field, None)
        hint = "Correct the value; until then, it is ignored."
        self.warn("openapi.invalid", pointer + join(field), message, hint)

    def read_strings(self, node: dict[str, Any], fields: tuple[str, ...]) -> None:
        """Convert members to strings, or remove them."""
        for field in fields:
            value = node.get(field)
            if field in node and not isinstance(value, str):
                if value is None or is_object(value) or is_array(value):
                    del node[field]
                else:
                    node[field] = str(value)

    def read_flags(self, node: dict[str, Any], pointer: str, *fields: str) -> None:
        """Convert members to booleans, or remove them."""
        for field in fields:
            if field in node:
                read_flag(node, field, pointer, self.context.notes)

    def read_path_item(self, owner: Any, key: Any, pointer: str) -> None:
        item = owner[key]
        if not is_object(item):
            if item is not None:
                self.warn("openapi.invalid", pointer, "not a path item", "Write an object.")
            owner[key] = {}
            return
        self.read_strings(item, ("summary", "description"))
        for field in list(item):
            lower = field.lower()
            if lower in _METHOD_WORDS and field != lower and lower not in item:
                item[lower] = item.pop(field)
                self.context.moves.note(f"{pointer}/{lower}", pointer + join(field))
            elif field in {"query", "additionalOperations"}:
                message = f"operations of {field} have a method that clients cannot send"
                at, hint = f"{pointer}/{field}", "No action is needed."
                self.context.notes.warn("operation.method-unsupported", at, message, hint)
        self.read_servers(item, pointer)
        self.parameters.read_list(item, pointer)
        for method in METHODS:
            if method in item:
                if not is_object(item[method]):
                    if item[method] is not None:
                        message = "not an operation"
                        self.warn("openapi.invalid", f"{pointer}/{method}", message, "Write one.")
                    item[method] = {}
                self.read_operation(item[method], f"{pointer}/{method}")

    def read_operation(self, node: dict[str, Any], pointer: str) -> None:
        self.context.object_kinds[id(node)] = "operation"
        read_extensions(node, pointer, self.context.notes)
        self.read_strings(node, ("operationId", "summary", "description"))
        self.read_flags(node, pointer, "deprecated")
        tags = node.get("tags")
        if "tags" in node:
            tags = [tags] if isinstance(tags, str) else tags
            node["tags"] = [t for t in tags if isinstance(t, str)] if is_array(tags) else []
        if "externalDocs" in node and not has_url(node["externalDocs"]):
            del node["externalDocs"]
        self.read_servers(node, pointer)
        self.read_security(node, pointer)
        self.parameters.read_list(node, pointer)
        if node.get("requestBody") is None:
            node.pop("requestBody", None)
        else:
            self.visit("requestBodies", node, "requestBody", f"{pointer}/requestBody")
        self.read_responses(node, pointer)
        self.read_each("callbacks", node, "callbacks", pointer)

    def read_responses(self, node: dict[str, Any], pointer: str) -> None:
        responses = node.get("responses")
        if not is_object(responses):
            responses = node["responses"] = {}
        for status in list(responses):
            if status.startswith("x-"):
                continue
            status_pointer = f"{pointer}/responses" + join(status)
            canonical = status.upper() if status.lower() != "default" else "default"
            if not _STATUS.fullmatch(canonical):
                message = f"{status!r} is not a status"
                self.drop(responses, status, f"{pointer}/responses", message)
                continue
            if canonical != status:
                # In document order: the first success is the relevant one.
                new_responses = {
                    canonical if key == status else key: responses[key] for key in responses
                }
                responses.clear()
                responses |= new_responses
                self.context.moves.note(f"{pointer}/responses" + join(canonical), status_pointer)
            self.visit("responses", responses, canonical, f"{pointer}/responses" + join(canonical))
        if not any(not status.startswith("x-") for status in responses):
            message = "an operation without responses"
            hint = "Describe at least the successful response."
            self.warn("operation.responses-missing", pointer, message, hint)
            responses["default"] = {"description": _UNDESCRIBED, "x-assumed": _UNDESCRIBED}

    def read_response(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node):
            description: Any = node if isinstance(node, str) else ""
            node = owner[key] = dict[str, Any](description=description)
        self.read_strings(node, ("description", "summary"))
        if "description" not in node:
            hint = "Describe the response."
            self.warn("response.description-missing", pointer, "no description", hint)
            node["description"] = ""
        if "schema" in node and "content" not in node:
            node["content"] = {"application/json": {"schema": node.pop("schema")}}
            self.context.moves.note(pointer + join("content", "application/json"), pointer)
            message = "a schema beside `content`, which is read as that of JSON"
            self.warn("response.schema-misplaced", pointer, message, "Move it into content.")
        self.read_each("headers", node, "headers", pointer)
        self.read_content(node, pointer)
        self.read_each("links", node, "links", pointer)

    def read_body(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node):
            self.warn("openapi.invalid", pointer, "not a request body", "Write an object.")
            node = owner[key] = dict[str, Any](content=dict[str, Any]())
        self.read_strings(node, ("description",))
        self.read_flags(node, pointer, "required")
        if "schema" in node and "content" not in node:
            node["content"] = {"application/json": {"schema": node.pop("schema")}}
            self.context.moves.note(pointer + join("content", "application/json"), pointer)
        self.read_content(node, pointer)
        if not is_object(node.get("content")):
            message = "a request body without content"
            self.warn("openapi.invalid", pointer, message, "Describe its media types.")
            node["content"] = {}

    def read_content(self, node: dict[str, Any], pointer: str) -> None:
        content = node.get("content")
        if content is None:
            node.pop("content", None)
            return
        if not is_object(content):
            self.drop(node, "content", pointer, "content is not an object")
            return
        content = node["content"] = read_media_type_names(self.context, content, pointer)
        for name in content:
            if not is_object(content[name]):
                content[name] = {}
            media_pointer = pointer + join("content", name)
            self.read_media_type(content[name], media_pointer)
            if find_body_kind(name) in FORM_KINDS:
                require_fields(self.context, content[name], media_pointer)

    def read_media_type(self, node: dict[str, Any], pointer: str) -> None:
        for keyword in ("schema", "itemSchema"):
            if keyword in node:
                self.schemas.read(node, keyword, f"{pointer}/{keyword}")
        self.read_examples(node, pointer)
        encoding = node.get("encoding")
        if not is_object(encoding):
            node.pop("encoding", None)
            return
        for name in list(encoding):
            if not is_object(encoding[name]):
                del encoding[name]
                continue
            self.read_strings(encoding[name], ("contentType", "style"))
            encoding_pointer = pointer + join("encoding", name)
            self.read_flags(encoding[name], encoding_pointer, "explode", "allowReserved")
            self.read_each("headers", encoding[name], "headers", encoding_pointer)

    def read_examples(self, node: dict[str, Any], pointer: str) -> None:
        """Read the examples of a parameter, header or media type."""
        follow_example(self.context, node, "example", pointer)
        examples = node.get("examples")
        if is_array(examples):
            node["examples"] = {
                f"example{index + 1}": {"value": value} for index, value in enumerate(examples)
            }
        self.read_each("examples", node, "examples", pointer)

    def read_example(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node) or not node.keys() & {
            *("value", "externalValue", "summary", "description", "$ref"),
            *("dataValue", "serializedValue"),
        }:
            owner[key] = {"value": node}  # the value itself
            return
        self.read_strings(node, ("summary", "description", "externalValue"))
        follow_example(self.context, node, "value", pointer)

    def read_link(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node):
            self.drop(owner, key, pointer.rpartition("/")[0], "not a link")
            return
        self.read_strings(node, ("operationId", "operationRef", "description"))
        if not is_object(node.get("parameters")):
            node.pop("parameters", None)

    def read_callback(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if not is_object(node):
            self.drop(owner, key, pointer.rpartition("/")[0], "not a callback")
            return
        for expression in node:
            if not expression.startswith("x-"):
                self.visit("pathItems", node, expression, pointer + join(expression))

    def read_scheme(self, owner: Any, key: Any, pointer: str) -> None:
        node = owner[key]
        if is_object(node):
            self.read_strings(node, ("type", "in", "name", "scheme", "description", "bearerFormat"))
            if is_sound_scheme(node):
                return
        del owner[key]
        message = "not a security scheme"
        self.warn("security.scheme-invalid", pointer, message, "Describe how it is sent.")

    def read_servers(self, node: dict[str, Any], pointer: str) -> None:
        if "servers" not in node:
            return
        servers: list[Any] = []
        for index, server in enumerate(list_servers(node["servers"])):
            origin, new = f"{pointer}/servers/{index}", f"{pointer}/servers/{len(servers)}"
            if not is_object(server) or not isinstance(server.get("url"), str):
                self.warn("server.invalid", origin, "a server without a URL", "Write one.")
                continue
            read_extensions(server, origin, self.context.notes)
            for name in read_variables(server, self.context.data.get("servers")):
                message = f"the URL has {{{name}}}, which the server does not describe"
                self.warn("server.invalid", origin, message, "Describe it in variables.")
            if new != origin:
                self.context.moves.note(new, origin)
            servers.append(server)
        node["servers"] = servers
        if not servers:
            del node["servers"]

    def read_security(self, node: dict[str, Any], pointer: str) -> None:
        """Read the alternatives of credentials, without those that no scheme describes."""
        if "security" not in node:
            return
        alternatives = node["security"]
        alternatives = [alternatives] if is_object(alternatives) else alternatives
        schemes = self.context.data.get("components", {}).get("securitySchemes", {})
        requirements: list[Any] = []
        for index, alternative in enumerate(alternatives if is_array(alternatives) else ()):
            entry: Any = (
                dict[str, Any]({alternative: []}) if isinstance(alternative, str) else alternative
            )
            if not is_object(entry):
                continue
            unknown = [name for name in entry if name not in schemes]
            for name in unknown:
                message = f"security requires {name!r}, which is not a security scheme"
                scheme_pointer = pointer + join("security", index, name)
                hint = "Define it in components/securitySchemes."
                self.warn("security.scheme-unknown", scheme_pointer, message, hint)
                del entry[name]
            if entry or not unknown:
                requirements.append({k: v if is_array(v) else [] for k, v in entry.items()})
        node["security"] = requirements
