"""Reads servers and credentials: variables, schemes and flows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from driftline.openapi import pointer as json_pointer
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.reserved import is_reserved_header, is_token, overrides_method

_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")


def list_servers(value: Any) -> list[Any]:
    """Return the servers at `servers`, which may also be a single one, or its URL."""
    servers = value if is_array(value) else [value] if is_object(value) or value else []
    return [{"url": server} if isinstance(server, str) else server for server in servers]


def read_variables(server: dict[str, Any], document_servers: Any) -> list[str]:
    """Give each variable of a server a default and values that are strings.

    Variables that a URL has and its server does not describe are taken from the other servers of
    the document. Return their names.
    """
    variable_maps = (
        entry.get("variables") for entry in list_servers(document_servers) if is_object(entry)
    )
    shared_variables = {
        name: variables[name]
        for variables in variable_maps
        if is_object(variables)
        for name in variables
    }
    own_variables = server.get("variables")
    own_variables = own_variables if is_object(own_variables) else {}
    missing = [name for name in _VARIABLE.findall(server["url"]) if name not in own_variables]
    server["variables"] = {
        **own_variables,
        **{name: shared_variables[name] for name in missing if name in shared_variables},
    }
    _read_described_variables(server)
    return missing


def _read_described_variables(server: dict[str, Any]) -> None:
    variables = server["variables"]
    if not variables:
        del server["variables"]
    for name in variables:
        variable = variables[name]
        if not is_object(variable):
            variable = variables[name] = dict[str, Any](default=variable or "")
        values = variable.get("enum")
        values = [str(value) for value in values] if is_array(values) else []
        default = variable["default"] = str(variable.get("default", values[0] if values else ""))
        if values:
            variable["enum"] = list(dict.fromkeys([*values, default]))
        else:
            variable.pop("enum", None)


def is_sound_scheme(node: dict[str, Any]) -> bool:
    """Return whether a security scheme is usable, after converting it to OpenAPI's form."""
    kind = str(node.get("type", "")).lower()
    if kind in {"basic", "bearer"}:
        node |= {"type": "http", "scheme": kind}
    elif kind == "http":
        node["type"] = kind
        node.setdefault("scheme", "bearer")
    elif kind == "apikey":
        node["type"] = "apiKey"
        node.setdefault("in", "header")
        return _can_carry(node["in"], str(node.get("name") or ""))
    elif kind == "oauth2":
        node["type"] = kind
        flows = node.get("flows")
        flows = flows if is_object(flows) else {}
        node["flows"] = {name: flow for name, flow in flows.items() if _is_sound_flow(name, flow)}
    elif kind == "openidconnect":
        node["type"] = "openIdConnect"
        node.setdefault("openIdConnectUrl", "")
    elif kind == "mutualtls":
        node["type"] = "mutualTLS"
    else:
        return False
    return True


def _can_carry(location: str, name: str) -> bool:
    """Return whether a credential may be sent there; not if it would change the request."""
    if not name or overrides_method(name):
        return False
    if location == "header":
        return not is_reserved_header(name)
    return location == "query" or (location == "cookie" and is_token(name))


_FLOW_URLS: Final = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "clientCredentials": ("tokenUrl",),
    "authorizationCode": ("authorizationUrl", "tokenUrl"),
}


def _is_sound_flow(name: str, flow: object) -> bool:
    if name.startswith("x-"):
        return True
    if name not in _FLOW_URLS or not is_object(flow):
        return False
    scopes = flow.get("scopes")
    flow["scopes"] = {key: str(value) for key, value in scopes.items()} if is_object(scopes) else {}
    return all(isinstance(flow.get(keyword), str) for keyword in _FLOW_URLS[name])


def drop_lost_schemes(data: dict[str, Any], nodes: Iterable[dict[str, Any]]) -> None:
    """Remove security schemes with a broken reference, and requirements that name them.

    `nodes` are the document and its operations, whose `security` has already been read.
    """
    schemes = data["components"].get("securitySchemes", {})
    broken_names = {name for name, node in schemes.items() if not _is_described(data, node)}
    for name in broken_names:
        del schemes[name]
    for node in nodes if broken_names else ():
        if is_array(node.get("security")):
            node["security"] = [
                {name: scopes for name, scopes in entry.items() if name not in broken_names}
                for entry in node["security"]
                if not entry or entry.keys() - broken_names
            ]


def _is_described(data: dict[str, Any], node: Any) -> bool:
    seen: set[str] = set()
    while is_object(node) and isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
        seen.add(node["$ref"])
        node = json_pointer.follow(data, json_pointer.parse_reference(node["$ref"]))
    return is_object(node) and "type" in node


def add_required_keys(
    data: dict[str, Any], node: dict[str, Any], required_locations: set[tuple[str, str]]
) -> bool:
    """Add the API keys that required parameters describe to each alternative without them.

    Some documents list keys as alternatives although each request needs all of them. Return whether
    there were any.
    """
    entries = _list_alternatives(data, node)
    names = {
        location: name
        for entry in entries
        for name in entry
        for location in _list_api_keys(data, name)
        if location in required_locations
    }
    alternatives: list[dict[str, Any]] = []
    for entry in entries:
        own_locations = {location for name in entry for location in _list_api_keys(data, name)}
        missing: dict[str, list[str]] = {
            name: [] for location, name in names.items() if location not in own_locations
        }
        if entry | missing not in alternatives:
            alternatives.append(entry | missing)
    if not names or alternatives == entries:
        return False
    node["security"] = alternatives
    return True


def list_credential_locations(data: dict[str, Any], node: dict[str, Any]) -> set[tuple[str, str]]:
    """Return name and location of the API keys of an operation; headers are in lower case."""
    entries = _list_alternatives(data, node)
    return {
        location for entry in entries for name in entry for location in _list_api_keys(data, name)
    }


def _list_alternatives(data: dict[str, Any], node: dict[str, Any]) -> list[dict[str, Any]]:
    security = node.get("security", data.get("security"))
    return security if is_array(security) else []


def _list_api_keys(data: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    scheme = json_pointer.follow(data, json_pointer.join("components", "securitySchemes", name))
    if is_object(scheme) and scheme.get("type") == "apiKey":
        yield normalize_place(scheme.get("name"), scheme.get("in"))


def normalize_place(name: Any, location: Any) -> tuple[str, str]:
    """Return name and location of a parameter; the names of headers have no case."""
    return str(name).lower() if location == "header" else str(name), str(location)
