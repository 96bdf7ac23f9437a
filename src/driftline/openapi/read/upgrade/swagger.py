"""Converts Swagger 2.0 to the structure of OpenAPI 3.

Parameters, headers and schemas keep their keywords here; `parameters` and `schemas` read those.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from driftline.openapi.pointer import follow, is_array, is_object, join
from driftline.openapi.read.origins import NodeMoves, Notes
from driftline.openapi.read.reader import Source
from driftline.openapi.read.upgrade.context import read_flag, split_fragment
from driftline.openapi.read.upgrade.parts import METHODS, modernize_parameter

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_FLOWS: Final = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_ROOT: Final = (
    *("swagger", "host", "basePath", "schemes", "consumes", "produces", "definitions"),
    *("parameters", "responses", "securityDefinitions"),
)
_MOVED: Final = {
    "definitions": "schemas",
    "responses": "responses",
    "securityDefinitions": "securitySchemes",
}


def upgrade_swagger(source: Source, notes: Notes) -> Source:
    """Return the document as OpenAPI 3; changes `source`. Problems have pointers of `source`."""
    upgrade = _Upgrade(source, notes)
    upgrade.document()
    return upgrade.moves.build_source(upgrade.data, source.problems)


class _Upgrade:
    def __init__(self, source: Source, notes: Notes) -> None:
        self.moves, self.notes = NodeMoves(source), notes
        self.old: dict[str, Any] = source.data
        self.data: dict[str, Any] = {"openapi": "3.1.0"}

    def document(self) -> None:
        old, data = self.old, self.data
        self.moves.note("/openapi", "/swagger")
        data |= {key: value for key, value in old.items() if key not in _ROOT}
        if not is_array(data.get("servers")):
            data["servers"] = list(self.upgrade_servers())
        components = data.setdefault("components", {})
        for section, kind in _MOVED.items():
            if is_object(old.get(section)):
                components[kind] = {**old[section], **components.get(kind, {})}
                self.moves.note(join("components", kind), f"/{section}")
        self.move_shared_parameters(components)
        for name, response in components.get("responses", {}).items():
            self.upgrade_response(
                response, join("components", "responses", name), _list_media_types(old, "produces")
            )
        for scheme in components.get("securitySchemes", {}).values():
            if is_object(scheme):
                _upgrade_scheme(scheme)
        paths = data.get("paths")
        for path, item in paths.items() if is_object(paths) else ():
            if is_object(item):
                self.upgrade_item(item, join("paths", path))

    def upgrade_servers(self) -> Iterator[dict[str, Any]]:
        host, base = self.old.get("host"), self.old.get("basePath")
        base = "/" + base.strip("/") if isinstance(base, str) else ""
        if not isinstance(host, str):
            self.moves.note("/servers/0", "/basePath")
            yield {"url": base or "/"}
            return
        schemes = self.old.get("schemes")
        schemes = [s for s in ("https", "http") if is_array(schemes) and s in schemes] or ["https"]
        for index, scheme in enumerate(schemes):
            self.moves.note(f"/servers/{index}", "/host")
            yield {"url": f"{scheme}://{host}{base if base != '/' else ''}"}

    def move_shared_parameters(self, components: dict[str, Any]) -> None:
        shared = self.old.get("parameters")
        self.moves.note("/components/parameters", "/parameters")
        if is_object(shared):
            components["parameters"] = {
                name: parameter
                for name, parameter in shared.items()
                if is_object(parameter) and parameter.get("in") not in {"body", "formData"}
            }

    def upgrade_item(self, item: dict[str, Any], pointer: str) -> None:
        shared_parameters = self.keep_parameters(item, pointer)
        shared_parameters = [
            (origin, parameter)
            for origin, parameter in shared_parameters
            if _is_body(self.resolve_parameter(parameter))
        ]
        for method, node in item.items():
            if method.lower() in METHODS and is_object(node):
                self.upgrade_operation(node, f"{pointer}/{method}", shared_parameters)

    def keep_parameters(self, node: dict[str, Any], pointer: str) -> list[tuple[str, Any]]:
        """Leave the parameters that are no part of a body; return all as they were."""
        value = node.get("parameters")
        parameters = value if is_array(value) else []
        originals = [
            (f"{pointer}/parameters/{index}", parameter)
            for index, parameter in enumerate(parameters)
        ]
        non_body = [pair for pair in originals if not _is_body(self.resolve_parameter(pair[1]))]
        if parameters:
            node["parameters"] = [parameter for _, parameter in non_body]
        for index, (origin, _) in enumerate(non_body):
            self.moves.note(f"{pointer}/parameters/{index}", origin)
        return originals

    def resolve_parameter(self, parameter: Any) -> dict[str, Any]:
        """Return the parameter, or the shared one that it refers to."""
        for _ in range(10):
            reference = parameter.get("$ref") if is_object(parameter) else None
            if not isinstance(reference, str):
                break
            parameter = follow(self.old, join(*split_fragment(reference)))
        return parameter if is_object(parameter) else {}

    def upgrade_operation(
        self, node: dict[str, Any], pointer: str, shared_parameters: list[tuple[str, Any]]
    ) -> None:
        own_parameters = self.keep_parameters(node, pointer)
        bodies: list[tuple[str, dict[str, Any]]] = []
        for origin, parameter in [*own_parameters, *shared_parameters]:
            target = self.resolve_parameter(parameter)
            if _is_body(target):
                read_flag(target, "required", origin, self.notes)
                bodies.append((origin, target))
        consumes = _list_media_types(node, "consumes") or _list_media_types(self.old, "consumes")
        if bodies and "requestBody" not in node:
            self.upgrade_body(node, pointer, bodies, consumes)
        produces = _list_media_types(node, "produces") or _list_media_types(self.old, "produces")
        responses = node.get("responses")
        for status, response in responses.items() if is_object(responses) else ():
            is_error = str(status)[:1] in set("45d")
            names = _add_json(produces) if is_error else produces
            is_file = "produces" in node and names and not any(map(_has_structure, names))
            if (
                is_file
                and str(status) == "200"
                and is_object(response)
                and "schema" not in response
            ):
                response["content"] = {name: {} for name in names}
            self.upgrade_response(response, pointer + join("responses", status), names)
        node.pop("consumes", None)
        node.pop("produces", None)
        schemes = node.pop("schemes", None)
        host = self.old.get("host")
        if is_array(schemes) and isinstance(host, str) and "servers" not in node:
            self.upgrade_schemes(node, pointer, schemes)

    def upgrade_schemes(self, node: dict[str, Any], pointer: str, schemes: list[Any]) -> None:
        """Give an operation its own servers if its schemes differ."""
        servers = self.data["servers"]
        usable = [
            server for server in servers if is_object(server) and isinstance(server.get("url"), str)
        ]
        own_servers = [server for server in usable if server["url"].partition("://")[0] in schemes]
        if own_servers and len(own_servers) < len(usable):
            node["servers"] = copy.deepcopy(own_servers)
            self.moves.note(pointer + "/servers", pointer + "/schemes")

    def upgrade_body(
        self,
        node: dict[str, Any],
        pointer: str,
        bodies: list[tuple[str, dict[str, Any]]],
        consumes: list[str],
    ) -> None:
        origin, first = next(((p, b) for p, b in bodies if b.get("in") == "body"), bodies[0])
        self.moves.note(pointer + "/requestBody", origin)
        if first.get("in") == "body":
            schema = first.get("schema", {})
            content: dict[str, Any] = {
                media: {"schema": copy.deepcopy(schema)} for media in consumes or [_JSON]
            }
            body = {key: value for key, value in first.items() if key.startswith("x-")}
            body |= {"content": content}
            required = first.get("required") is True
        else:
            fields: dict[str, dict[str, Any]] = {}
            for _, parameter in bodies:
                if isinstance(parameter.get("name"), str):
                    fields.setdefault(parameter["name"], parameter)
            required = any(entry.get("required") is True for entry in fields.values())
            media = _choose_form_media(fields, consumes)
            body = {
                "content": {media_type: _choose_form(copy.deepcopy(fields)) for media_type in media}
            }
            for kind in media:
                for name, field in fields.items():
                    at = next(p for p, b in bodies if b is field)
                    tokens = ("content", kind, "schema", "properties", name)
                    self.moves.note(f"{pointer}/requestBody" + join(*tokens), at)
        if isinstance(first.get("description"), str) and first.get("in") == "body":
            body["description"] = first["description"]
        node["requestBody"] = {**body, "required": required}

    def upgrade_response(self, response: Any, pointer: str, produces: list[str]) -> None:
        if not is_object(response) or "$ref" in response or "content" in response:
            return
        examples = response.pop("examples", None)
        examples = examples if is_object(examples) else {}
        if "schema" not in response and not examples:
            return
        schema = response.pop("schema", None)
        is_file = is_object(schema) and schema.get("type") == "file"
        names = produces or list(examples) or ["application/octet-stream" if is_file else _JSON]
        response["content"] = {}
        for media in names:
            entry: dict[str, Any] = {}
            if schema is not None:
                entry["schema"] = copy.deepcopy(schema)
                schema_pointer = pointer + join("content", media, "schema")
                self.moves.note(schema_pointer, pointer + "/schema")
            if media in examples:
                entry["example"] = examples[media]
            response["content"][media] = entry


def _is_body(parameter: dict[str, Any]) -> bool:
    return parameter.get("in") in {"body", "formData"}


def _add_json(produces: list[str]) -> list[str]:
    """Return the media types of an error, which is JSON also where a success is a file or text."""
    has_structure = any(map(_has_structure, produces))
    return produces if has_structure or not produces else [*produces, _JSON]


def _has_structure(media_type: str) -> bool:
    return "json" in media_type or "xml" in media_type


def _list_media_types(node: dict[str, Any], keyword: str) -> list[str]:
    names = node.get(keyword)
    names = [names] if isinstance(names, str) else names
    return [name for name in names if isinstance(name, str)] if is_array(names) else []


def _choose_form_media(fields: dict[str, dict[str, Any]], consumes: list[str]) -> list[str]:
    form_types = [name for name in consumes if name in {_FORM, _MULTIPART}]
    if any(field.get("type") == "file" for field in fields.values()):
        return [_MULTIPART]  # a form cannot carry a file
    return form_types or [_FORM]


def _choose_form(fields: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return the media type of a form with these fields."""
    properties: dict[str, Any] = {}
    encoding: dict[str, Any] = {}
    for name, field in fields.items():
        modernize_parameter(field)
        field_schema = field.get("schema")
        properties[name] = field_schema if is_object(field_schema) else {}
        if isinstance(field.get("description"), str):
            properties[name].setdefault("description", field["description"])
        if "style" in field:
            encoding[name] = {"style": field["style"], "explode": field.get("explode", False)}
    required = [name for name, field in fields.items() if field.get("required") is True]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    return {"schema": schema, **({"encoding": encoding} if encoding else {})}


def _upgrade_scheme(scheme: dict[str, Any]) -> None:
    kind = scheme.get("type")
    if kind == "basic":
        scheme |= {"type": "http", "scheme": "basic"}
    elif kind == "oauth2" and "flows" not in scheme:
        keys = ("authorizationUrl", "tokenUrl")
        flow: dict[str, Any] = {key: scheme.pop(key) for key in keys if key in scheme}
        scopes = scheme.pop("scopes", {})
        flow["scopes"] = scopes if is_object(scopes) else {}
        name = _FLOWS.get(str(scheme.pop("flow", "")))
        scheme["flows"] = {name: flow} if name else {}
