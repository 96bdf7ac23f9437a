"""Proposes the base URL, and environment variables for base URL and credentials."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from driftline.add.naming.phrases import split_words
from driftline.add.operations import list_operations, resolve
from driftline.add.plan import OverlayPlan
from driftline.openapi import Spec, is_allowed_env_name, is_object, join, to_snake_case

NOWHERE: Final = "https://api.example.invalid"
_SCHEMES: Final = (("components", "securitySchemes"), ("securityDefinitions",))
_NO_REJECTION: Final = (
    "$.*[?@.responses && !@.responses.default && !@.responses['4XX'] && !@.responses['4xx']]"
    ".responses"
)


def set_server(plan: OverlayPlan, spec: Spec, name: str, url: str | None) -> None:
    """Set an absolute base URL with an environment variable.

    `url` is the source of the document; relative servers are resolved against it.
    """
    env = {"x-env": name_variable(name, "base_url")}
    first = plan.get_node("/servers/0")
    if not is_object(first) or not isinstance(first.get("url"), str):
        templates = [server.template for server in spec.servers if _is_absolute(server.template)]
        if templates:
            why = "The base URL of the document, and an environment variable for it."
            plan.set("", "servers", [{"url": templates[0], **env}], why)
            return
        relative = spec.servers[0].template if spec.servers else "/"
        why = "The document names no server."
        servers = [{"url": _make_absolute(relative, url), **env, "x-assumed": why}]
        plan.set("", "servers", servers, why)
        return
    for index, server in enumerate(plan.get_node("/servers")):
        server_url = server.get("url") if is_object(server) else None
        if isinstance(server_url, str) and not _is_absolute(_fill_start(server)):
            server_url = server_url or "/"  # "" would be the document itself
            why = f"The server {server_url!r} is relative to " + (url or "an unknown host.")
            plan.set(f"/servers/{index}", "url", _make_absolute(server_url, url), why)
            plan.set(f"/servers/{index}", "x-assumed", {"url": why}, why)
    plan.update("/servers/0", env, "Environment variable for the base URL.")


def name_credentials(plan: OverlayPlan, name: str) -> None:
    """Name an environment variable for each security scheme, after API and scheme."""
    taken_names = {name_variable(name, "base_url")}
    for section in _SCHEMES:
        schemes = plan.get_node(join(*section))
        for scheme in list(schemes) if is_object(schemes) else ():
            pointer, node = resolve(plan, join(*section, scheme))
            if is_object(node) and "x-env" not in node:
                variable = _find_free_name(name, scheme, taken_names)
                plan.update(
                    pointer, {"x-env": variable}, "Environment variable for the credential."
                )


def assume_rejections(plan: OverlayPlan) -> None:
    """Describe the rejection of invalid requests for operations that do not document it."""
    why = "The document describes neither 4XX nor default."
    pointers: list[str] = []
    for operation in list_operations(plan):
        responses = plan.get_node(operation.pointer + "/responses")
        if is_object(responses) and not {"4XX", "4xx", "default"} & responses.keys():
            pointers.append(operation.pointer + "/responses")
    response = {"description": "The request is invalid.", "x-assumed": why}
    plan.update_all(pointers, _NO_REJECTION, {"4XX": response}, why)


def name_variable(*words: str) -> str:
    """Return the name of a variable; names of others get the prefix `API_`."""
    parts = [to_snake_case(re.sub(r"[^A-Za-z0-9]+", "_", word)) for word in words]
    variable = "_".join(part for part in parts if part).upper()[:100]
    return variable if is_allowed_env_name(variable) else f"API_{variable}"


def _find_free_name(name: str, scheme: str, taken_names: set[str]) -> str:
    first = name_variable(name, scheme)
    if not split_words(scheme) or not is_allowed_env_name(first):
        first = name_variable(name, "token")
    variable, number = first, 2
    while variable in taken_names:
        variable, number = f"{first}_{number}", number + 1
    taken_names.add(variable)
    return variable


def _fill_start(server: dict[str, Any]) -> str:
    """Return the URL of a server; a variable at its start, such as a host, has its default."""
    url, variables = str(server["url"]), server.get("variables")
    match = re.match(r"\{([^{}]*)\}", url)
    variable = variables.get(match[1]) if match and is_object(variables) else None
    default = variable.get("default") if is_object(variable) else None
    return f"{default}{url[match.end() :]}" if match and isinstance(default, str) else url


def _make_absolute(server_url: str, url: str | None) -> str:
    try:
        base = urljoin(url or NOWHERE + "/", server_url).rstrip("/")
    except ValueError:
        return NOWHERE
    return base if _is_absolute(base) else NOWHERE


def _is_absolute(url: str) -> bool:
    """Return whether a URL has scheme and host; either may be a server variable."""
    plain = re.sub(r"\{[^{}]*\}", "1", re.sub(r"^\{[^{}]*\}(?=://)", "https", url))
    try:
        parts = urlsplit(plain)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
