"""Builds a `Spec` from a document in the shape of OpenAPI 3.1."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from driftline.media import BodyKind, find_body_kind
from driftline.openapi import pointer as json_pointer
from driftline.openapi.environment import keep_allowed_env_name
from driftline.openapi.extensions.rules import Effect, Listing
from driftline.openapi.model import (
    Body,
    Header,
    MediaType,
    Operation,
    Parameter,
    Response,
    SecurityScheme,
    Server,
    ServerVariable,
    Spec,
)
from driftline.openapi.paths import split_path
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.read.reader import Source
from driftline.openapi.read.upgrade.parts import METHODS


def build(source: Source) -> Spec:
    """Return the `Spec` of a document in the shape of OpenAPI 3.1."""
    return _SpecBuilder(source.data).build_spec(source)


def to_snake_case(name: str) -> str:
    """Return a name in snake case: `bearerToken` gives `bearer_token`, `OAuth2` gives `oauth2`."""
    name = name.replace("OAuth", "Oauth")
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z])(?=[A-Z][a-z])", r"\1\3_\2", name)
    return re.sub(r"\W+|_+", "_", spaced).strip("_").lower()


# The constructor arguments of a client beside credentials.
_CLIENT_ARGUMENTS = frozenset(
    {
        *("backend", "base_url", "cert", "credentials", "deadline", "event_hooks", "headers"),
        *("http2", "http_client", "limits", "max_response_size", "on_drift", "options", "proxy"),
        *("retries", "self", "server_variables", "strict", "timeout", "transport"),
        *("trusted_hosts", "verify"),
    }
)


def name_credentials(schemes: Iterable[str]) -> dict[str, str]:
    """Return the client keyword of each security scheme.

    Each is a valid Python name and unique.
    """
    arguments: dict[str, str] = {}
    for scheme in schemes:
        name = to_snake_case(scheme)
        if not name.isidentifier():
            name = "credential_" + re.sub(r"\W", "_", name)
        if keyword.iskeyword(name) or name in _CLIENT_ARGUMENTS:
            name += "_credential"
        base, number = name, 2
        while name in arguments.values():
            name, number = f"{base}_{number}", number + 1
        arguments[scheme] = name
    return arguments


def choose_client_name(node: Mapping[str, Any]) -> tuple[str, str]:
    """Return the resource and the method name of an operation in a client."""
    resource, _, name = node["operationId"].rpartition(".")
    if not resource:
        resource = (node.get("tags") or ["api"])[0]
    return to_snake_case(resource) or "api", to_snake_case(name) or "call"


def _find_kind_by_schema(schema: Any) -> BodyKind:
    """Return the kind of a body in a media type that leaves it open."""
    if not is_object(schema) or schema.get("type") != "string":
        return "json"
    return "text" if schema.get("format") is None else "binary"


def _classify_credential(node: Mapping[str, Any]) -> Any:
    if node["type"] == "apiKey":
        return node["in"]
    if node["type"] == "mutualTLS":
        return "mutualTLS"
    scheme = node.get("scheme", "bearer").lower() if node["type"] == "http" else "bearer"
    return scheme if scheme in {"basic", "bearer"} else "http"


class _SpecBuilder:
    """Reads the parts of one document, following `$ref`s."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def build_spec(self, source: Source) -> Spec:
        document = self.document
        info = document.get("info", {})
        operations = tuple(self.build_operations())
        return Spec(
            name=source.path.stem,
            path=source.path,
            document=document,
            lines=source.lines,
            files=source.files,
            title=str(info.get("title", source.path.stem)),
            version=str(info.get("version", "")),
            servers=tuple(self.read_servers("")),
            problems=source.problems,
            security_schemes=dict(self.build_security_schemes(operations)),
            operations=operations,
        )

    def follow(self, pointer: str) -> tuple[str, Any]:
        node = json_pointer.follow(self.document, pointer)
        while is_object(node) and "$ref" in node:
            pointer = json_pointer.parse_reference(node["$ref"])
            node = json_pointer.follow(self.document, pointer)
        return pointer, node

    def read_servers(self, pointer: str) -> Iterator[Server]:
        servers = json_pointer.follow(self.document, pointer + "/servers")
        for index, entry in enumerate(servers if is_array(servers) else ()):
            variables = {
                name: ServerVariable(node["default"], tuple(node.get("enum", ())))
                for name, node in entry.get("variables", {}).items()
            }
            url = template = entry["url"]
            for name, variable in variables.items():
                # API Gateway exports a slash before a variable and another one in its value.
                url = url.replace(f"/{{{name}}}", f"/{variable.default.lstrip('/')}")
                url = url.replace(f"{{{name}}}", variable.default)
            server_pointer = f"{pointer}/servers/{index}"
            yield Server(
                url, keep_allowed_env_name(entry.get("x-env")), server_pointer, template, variables
            )

    def build_security_schemes(
        self, operations: Iterable[Operation]
    ) -> Iterator[tuple[str, SecurityScheme]]:
        scopes_by_scheme: dict[str, dict[str, None]] = {}
        for alternative in (entry for operation in operations for entry in operation.scopes):
            for name, scopes in alternative.items():
                scopes_by_scheme.setdefault(name, {}).update(dict.fromkeys(scopes))
        schemes = self.document.get("components", {}).get("securitySchemes", {})
        arguments = name_credentials(schemes)
        for name in schemes:
            pointer, node = self.follow(json_pointer.join("components", "securitySchemes", name))
            yield (
                name,
                SecurityScheme(
                    name=name,
                    argument=arguments[name],
                    kind=_classify_credential(node),
                    wire_name=node["name"] if node["type"] == "apiKey" else "Authorization",
                    env=keep_allowed_env_name(node.get("x-env")),
                    prefix=node.get("x-prefix", ""),
                    pointer=pointer,
                    type=node["type"],
                    scheme=node.get("scheme", "").lower(),
                    flows=node.get("flows", {}),
                    discovery_url=node.get("openIdConnectUrl"),
                    needed_scopes=tuple(scopes_by_scheme.get(name, ())),
                ),
            )

    def build_operations(self) -> Iterator[Operation]:
        names: set[tuple[str, str]] = set()
        for path in self.document.get("paths", {}):
            if path.startswith("x-"):
                continue
            pointer, item = self.follow(json_pointer.join("paths", path))
            for method in METHODS:
                if method in item:
                    yield self.build_operation(path, method, item, pointer, names)

    def build_operation(
        self,
        path: str,
        method: str,
        item: Mapping[str, Any],
        item_pointer: str,
        names: set[tuple[str, str]],
    ) -> Operation:
        pointer = item_pointer + "/" + method
        node = item[method]
        resource, name = choose_client_name(node)
        base, number = name, 2
        while (resource, name) in names:
            name, number = f"{base}_{number}", number + 1
        names.add((resource, name))
        body = self.follow(pointer + "/requestBody")
        security = list(self.read_security(node))
        return Operation(
            id=node["operationId"],
            resource=resource,
            name=name,
            method=method.upper(),
            path=split_path(path).path,
            summary=node.get("summary", ""),
            description=node.get("description", ""),
            docs_url=node.get("externalDocs", {}).get("url"),
            deprecated=bool(node.get("deprecated", False)),
            parameters=tuple(self.build_parameters(item_pointer, pointer)),
            body=self.build_body(*body) if "requestBody" in node else None,
            responses=tuple(self.build_responses(pointer)),
            # `{}` among the alternatives makes the credential optional.
            security=tuple(map(tuple, security)),
            listing=Listing.parse(node["x-listing"]) if "x-listing" in node else None,
            effect=Effect.parse(node["x-effect"]) if "x-effect" in node else None,
            pointer=pointer,
            servers=tuple(self.read_servers(pointer)) or tuple(self.read_servers(item_pointer)),
            path_key=path,
            scopes=tuple(security),
        )

    def read_security(self, node: Mapping[str, Any]) -> Iterator[dict[str, tuple[str, ...]]]:
        """Yield the alternatives, each with the scopes that a request has to show.

        A certificate belongs to the connection: a request shows nothing of it.
        """
        schemes = json_pointer.join("components", "securitySchemes")
        for entry in node.get("security", self.document.get("security", [])):
            yield {
                name: tuple(scopes)
                for name, scopes in entry.items()
                if self.follow(schemes + json_pointer.join(name))[1].get("type") != "mutualTLS"
            }

    def build_parameters(self, item_pointer: str, pointer: str) -> Iterator[Parameter]:
        seen: set[tuple[str, str]] = set()
        for parent in (pointer, item_pointer):
            parameters: list[Any] = json_pointer.follow(self.document, parent + "/parameters") or []
            for index in range(len(parameters)):
                parameter = self.build_parameter(f"{parent}/parameters/{index}")
                if (parameter.name, parameter.location) not in seen:
                    seen.add((parameter.name, parameter.location))
                    yield parameter

    def build_parameter(self, pointer: str) -> Parameter:
        pointer, node = self.follow(pointer)
        location = node["in"]
        style = node.get("style", "form" if location in {"query", "cookie"} else "simple")
        content = self.build_content(pointer)
        schema_pointer = pointer + "/schema" if not content else content[0].schema_pointer
        _, schema = self.follow(schema_pointer) if schema_pointer else ("", True)
        examples = self.collect_examples(pointer, node) or (content[0].examples if content else {})
        return Parameter(
            name=node["name"],
            location=location,
            required=location == "path" or bool(node.get("required", False)),
            schema=schema if is_object(schema) else ({} if schema else {"not": {}}),
            style=style,
            explode=bool(node.get("explode", style == "form")),
            description=node.get("description", ""),
            deprecated=bool(node.get("deprecated", False)),
            pointer=pointer,
            examples=tuple(examples.values()),
            idempotency_key=bool(node.get("x-idempotency-key", False)),
            content=content[0] if content else None,
            allow_reserved=node.get("allowReserved") is True,
        )

    def build_body(self, pointer: str, node: Mapping[str, Any]) -> Body:
        return Body(bool(node.get("required", False)), self.build_content(pointer), pointer)

    def build_content(self, pointer: str) -> tuple[MediaType, ...]:
        content: dict[str, Any] = json_pointer.follow(self.document, pointer + "/content") or {}
        return tuple(self.build_media_type(pointer, name) for name in content)

    def build_media_type(self, pointer: str, name: str) -> MediaType:
        pointer = pointer + "/content" + json_pointer.join(name)
        node = json_pointer.follow(self.document, pointer)
        examples = self.collect_examples(pointer, node)
        _, schema = self.follow(pointer + "/schema")
        kind = find_body_kind(name, of_range=_find_kind_by_schema(schema))
        schema_pointer = pointer + "/schema" if "schema" in node else ""
        items = pointer + "/itemSchema" if "itemSchema" in node else ""
        return MediaType(name, schema_pointer, examples, pointer, kind, items)

    def collect_examples(self, pointer: str, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the examples by name; the unnamed one comes first, as `example`."""
        examples = {"example": node["example"]} if "example" in node else {}
        for name in node.get("examples", {}):
            _, example = self.follow(pointer + json_pointer.join("examples", name))
            if "value" in example:
                examples[name] = example["value"]
        return examples

    def build_responses(self, pointer: str) -> Iterator[Response]:
        for status in json_pointer.follow(self.document, pointer + "/responses"):
            if status.startswith("x-"):
                continue
            response_pointer, node = self.follow(f"{pointer}/responses" + json_pointer.join(status))
            yield Response(
                status=status,
                description=node.get("description", ""),
                content=self.build_content(response_pointer),
                headers=tuple(self.build_headers(response_pointer, node.get("headers", {}))),
                message=node.get("x-message"),
                pointer=response_pointer,
            )

    def build_headers(self, pointer: str, headers: Mapping[str, Any]) -> Iterator[Header]:
        for name in headers:
            header_pointer, node = self.follow(pointer + "/headers" + json_pointer.join(name))
            required = bool(node.get("required", False))
            content = self.build_content(header_pointer) if "schema" not in node else ()
            schema_pointer = content[0].schema_pointer if content else header_pointer + "/schema"
            yield Header(name, required, schema_pointer, header_pointer)
