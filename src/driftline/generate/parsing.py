"""Runs openapi-python-client's parser, and widens what it cannot read after all.

Whatever the parser raises, warns of or leaves out, the input is halved until the schema is found
that it happens for, and this one becomes `Any`. No message of the parser is read for it.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from driftline.errors import GenerationError

__all__ = ["Parsed", "config_of", "parse"]

_STUB = {"type": "object", "properties": {"f0": {}}}
_ROUNDS = 3


class Parsed:
    """The parser's data for one input, and what of the input had to be widened.

    `widened` are paths into the input: `("components", "Pet", "f3")`, `("paths", "/3", "p0")`.
    """

    def __init__(self, data: GeneratorData, widened: Sequence[tuple[str, ...]]) -> None:
        self.data = data
        self.widened = widened


def config_of(folder: Path) -> Config:
    """Return the generator's settings, which do not depend on the surroundings."""
    settings = ConfigFile(literal_enums=True, post_hooks=[])
    return Config.from_sources(settings, MetaType.NONE, folder, "utf-8", False, folder)


def parse(api: str, document: dict[str, Any], config: Config) -> Parsed:
    """Return the parser's data for all of `document`, where needed with wider schemas.

    Raises:
        GenerationError: the parser fails whatever the schemas are.
    """
    widened: list[tuple[str, ...]] = []
    for _ in range(_ROUNDS):
        data = _read(document, config)
        if data is not None:
            return Parsed(data, widened)
        widened += _widen(document, config)
    hint = "Install driftline[generate] again: openapi-python-client does not work."
    raise GenerationError(api, "the generator fails on every schema", hint)


def _read(document: Mapping[str, Any], config: Config) -> GeneratorData | None:
    """The data for a document, or None if anything of it is missing."""
    try:
        # The generator reports to standard output, which is not ours to fill.
        with contextlib.redirect_stdout(io.StringIO()):
            data = GeneratorData.from_dict(dict(document), config=config)
    except Exception:  # whatever it is, the input is at fault as far as we can tell
        return None
    if isinstance(data, GeneratorError) or data.errors:
        return None
    collections = data.endpoint_collections_by_tag.values()
    if any(collection.parse_errors for collection in collections):
        return None
    endpoints = [endpoint for collection in collections for endpoint in collection.endpoints]
    classes = len(data.models) + len(data.enums)
    is_whole = classes == len(document["components"]["schemas"])
    return data if is_whole and len(endpoints) == len(document["paths"]) else None


def _widen(document: dict[str, Any], config: Config) -> list[tuple[str, ...]]:
    """Replace the schemas that the parser fails for; return where they stand."""
    found: list[tuple[str, ...]] = []
    components: dict[str, Any] = document["components"]["schemas"]
    paths: dict[str, Any] = document["paths"]

    def fails(some: Sequence[str]) -> bool:
        return _read(_document({name: components[name] for name in some}, {}), config) is None

    for name in _failing(list(components), fails):
        found += _widen_component(name, components, config)

    def fails_there(some: Sequence[str]) -> bool:
        part = _document({}, {path: paths[path] for path in some})
        return _read(part, config) is None

    for path in _failing(list(paths), fails_there):
        found += _widen_operation(path, paths[path]["get"], config)
    return found


def _failing(items: Sequence[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """The items that fail by themselves; a few in many cost some logarithm of runs each."""
    if not items or not fails(items):
        return []
    if len(items) == 1:
        return list(items)
    half = len(items) // 2
    return [*_failing(items[:half], fails), *_failing(items[half:], fails)]


def _widen_component(
    name: str, components: dict[str, Any], config: Config
) -> list[tuple[str, ...]]:
    component = components[name]
    fields: dict[str, Any] = component.get("properties", {})

    def fails(some: Sequence[str]) -> bool:
        part = {**component, "properties": {key: fields[key] for key in some}}
        return _read(_document({name: part}, {}), config) is None

    failing = _failing(list(fields), fails)
    for key in failing:
        fields[key] = {}
    if failing:
        return [("components", name, key) for key in failing]
    component.pop("additionalProperties", None)
    if "properties" not in component:
        components[name] = {"type": "object", "additionalProperties": {}}
    return [("components", name)]


def _widen_operation(path: str, node: dict[str, Any], config: Config) -> list[tuple[str, ...]]:
    """Replace the schemas of an operation that fail, one by one."""
    found: list[tuple[str, ...]] = []
    holders = {each["name"]: each for each in node["parameters"]}
    for code, response in node["responses"].items():
        for media in response.get("content", {}).values():
            holders[code] = media
    for media in node.get("requestBody", {}).get("content", {}).values():
        holders["body"] = media
    for key, holder in holders.items():
        probe = {"name": "p0", "in": "query", "schema": holder["schema"]}
        alone = {"operationId": "x", "tags": ["x"], "parameters": [probe], "responses": {}}
        if _read(_document({}, {path: {"get": alone}}), config) is None:
            holder["schema"] = {}
            found.append(("paths", path, key))
    return found or [("paths", path)]


def _document(components: Mapping[str, Any], paths: Mapping[str, Any]) -> dict[str, Any]:
    """A document of some components and paths; what else they refer to is an object."""
    needed = dict.fromkeys(_references([*components.values(), *paths.values()]))
    stubs = {name: _STUB for name in needed if name not in components}
    return {
        "openapi": "3.1.0",
        "info": {"title": "part", "version": "1"},
        "paths": dict(paths),
        "components": {"schemas": {**components, **stubs}},
    }


def _references(node: Any) -> list[str]:
    found: list[str] = []
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            if isinstance(each.get("$ref"), str):
                found.append(each["$ref"].rpartition("/")[2])
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
    return found
