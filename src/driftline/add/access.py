"""Where the API is, what it asks for, and the environment variables that give it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from driftline.add.operations import operations, resolved
from driftline.add.plan import Plan
from driftline.spec.build import snake_case
from driftline.spec.pointer import is_array, is_object, join

__all__ = ["credentials", "refusals", "servers"]

NOWHERE = "https://api.example.invalid"


def _variable(*words: str) -> str:
    text = "_".join(snake_case(re.sub(r"[^A-Za-z0-9]+", "_", word)) for word in words).upper()
    return text if text[:1].isalpha() else f"API_{text}"


def servers(plan: Plan, name: str, url: str | None) -> None:
    """A base URL that is absolute, and an environment variable for it; `url` is the document's."""
    listed = plan.node("/servers")
    if not is_array(listed) or not listed:
        base = urljoin(url, "/").rstrip("/") if url else NOWHERE
        why = "The document names no server."
        plan.set("", "servers", [{"url": base, "x-assumed": why}], why)
    for index, server in enumerate(plan.node("/servers")):
        place = f"/servers/{index}"
        if is_object(server) and isinstance(server.get("url"), str):
            _filled(plan, place, server)
            _absolute(plan, place, server, url)
    variable = _variable(name, "base_url")
    first = plan.node("/servers/0")
    if is_object(first) and "x-env" not in first:
        plan.update("/servers/0", {"x-env": variable}, "Clients and live runs may set it.")


def _filled(plan: Plan, place: str, server: dict[str, Any]) -> None:
    variables = server.get("variables")
    known = variables if is_object(variables) else {}

    def value(match: re.Match[str]) -> str:
        found = known.get(match[1])
        default = found.get("default") if is_object(found) else None
        return str(default) if default not in (None, "") else re.sub(r"\W+", "-", match[1])

    filled = re.sub(r"[{}]", "", re.sub(r"\{([^{}]*)\}", value, server["url"]))
    if filled != server["url"]:
        why = "Its variables are filled in by their defaults: driftline calls one place."
        plan.set(place, "url", filled, why)
    if "variables" in server:
        plan.remove(place + "/variables", "They are filled in.")


def _absolute(plan: Plan, place: str, server: dict[str, Any], url: str | None) -> None:
    parts = _split(server["url"])
    if parts and parts[0] in {"http", "https"} and parts[1]:
        return
    base = urljoin(url or NOWHERE + "/", server["url"]).rstrip("/")
    parts = _split(base)
    if not (parts and parts[0] in {"http", "https"} and parts[1]):
        base = NOWHERE
    beside = f"relative to {url}" if url else "a path alone, and nothing says where"
    why = f"The server {server['url']!r} is {beside}."
    plan.set(place, "url", base, why)
    plan.set(place, "x-assumed", {"url": why}, why)


def _split(url: str) -> tuple[str, str | None] | None:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname
    except ValueError:
        return None


def credentials(plan: Plan, name: str) -> None:
    """An environment variable for each security scheme, and no scheme that nothing describes."""
    schemes = plan.node("/components/securitySchemes")
    known = schemes if is_object(schemes) else {}
    for scheme in list(known):
        pointer, node = resolved(plan, join("components", "securitySchemes", scheme))
        if is_object(node) and "x-env" not in node:
            plan.update(pointer, {"x-env": _variable(name, scheme)}, "It gives the credential.")
    for place in ("/security", *(f"{found.pointer}/security" for found in operations(plan))):
        listed = plan.node(place)
        for index in reversed(range(len(listed)) if is_array(listed) else ()):
            strange = [key for key in listed[index] if key not in known]
            if strange:
                why = f"It asks for {strange[0]!r}, which is none of its security schemes."
                plan.remove(f"{place}/{index}", why)


def refusals(plan: Plan) -> None:
    """How an operation refuses a request, and how it takes one, where nothing is said of it."""
    why = "The document does not say how a request that is wrong is refused."
    for found in operations(plan):
        answers = found.node.get("responses")
        if is_object(answers) and not {"4XX", "4xx", "default"} & answers.keys():
            answer = {"description": "The request is wrong.", "x-assumed": why}
            plan.update(f"{found.pointer}/responses", {"4XX": answer}, why)
        if is_object(answers) and not any(status[:1] in {"1", "2", "3"} for status in answers):
            none = "The document does not say how it is answered when all is well."
            answer = {"description": "It is done.", "x-assumed": none}
            plan.update(f"{found.pointer}/responses", {"2XX": answer}, none)
