"""Runs openapi-python-client's parser, and widens what it cannot parse.

If the parser raises, warns or omits anything, the input is bisected until the failing schema is
found, which becomes `Any`. No message of the parser is read.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from driftline.errors import GenerationError
from driftline.openapi import iterate_references

_STUB: dict[str, Any] = {"type": "object", "properties": {"f0": {}}}
_ROUNDS = 3


@attrs.frozen(eq=False)
class ParsedInput:
    """The parser's data for one input, and the parts of the input that were widened.

    `widened_parts` has components and their fields; the field is "" for the component itself.
    """

    data: GeneratorData
    widened_parts: Sequence[tuple[str, str]]


def build_config(folder: Path) -> Config:
    """Return the generator's settings, independent of the environment."""
    settings = ConfigFile(literal_enums=True, post_hooks=[])
    return Config.from_sources(settings, MetaType.NONE, folder, "utf-8", False, folder)


def parse(api: str, document: dict[str, Any], config: Config) -> ParsedInput:
    """Return the parser's data for all components of `document`, with wider schemas if necessary.

    Raises:
        GenerationError: the parser fails for any schemas.
    """
    widened: list[tuple[str, str]] = []
    for _ in range(_ROUNDS):
        data = _read(document, config)
        if data is not None:
            return ParsedInput(data, widened)
        widened += _widen(document["components"]["schemas"], config)
    hint = "Install driftline[generate] again: openapi-python-client does not work."
    raise GenerationError(api, "the generator fails on every schema", hint)


def _read(document: Mapping[str, Any], config: Config) -> GeneratorData | None:
    """Return the data of a document, or None if any of it is missing."""
    try:
        # The generator writes to standard output, which belongs to the command.
        with contextlib.redirect_stdout(io.StringIO()):
            data = GeneratorData.from_dict(dict(document), config=config)
    except Exception:  # any exception means that the parser cannot read the input
        return None
    if isinstance(data, GeneratorError) or data.errors:
        return None
    is_whole = len(data.models) + len(data.enums) == len(document["components"]["schemas"])
    return data if is_whole else None


def _widen(components: dict[str, Any], config: Config) -> list[tuple[str, str]]:
    """Replace the schemas that the parser fails for; return their locations."""

    def fails(names: Sequence[str]) -> bool:
        return _read(_build_document({name: components[name] for name in names}), config) is None

    locations: list[tuple[str, str]] = []
    for name in _find_failing(list(components), fails):
        locations += _widen_component(name, components, config)
    return locations


def _find_failing(items: Sequence[str], fails: Callable[[Sequence[str]], bool]) -> list[str]:
    """Return the items that fail on their own; each costs a logarithmic number of runs."""
    if not items or not fails(items):
        return []
    if len(items) == 1:
        return list(items)
    half = len(items) // 2
    return [*_find_failing(items[:half], fails), *_find_failing(items[half:], fails)]


def _widen_component(
    name: str, components: dict[str, Any], config: Config
) -> list[tuple[str, str]]:
    component = components[name]
    fields: dict[str, Any] = component.get("properties", {})

    def fails(keys: Sequence[str]) -> bool:
        part = {**component, "properties": {key: fields[key] for key in keys}}
        return _read(_build_document({name: part}), config) is None

    # The parser treats a class without fields differently, so an empty one proves nothing.
    failing = [] if not fields or fails([]) else _find_failing(list(fields), fails)
    for key in failing:
        fields[key] = {}
    if failing:
        return [(name, key) for key in failing]
    component.pop("additionalProperties", None)
    if "properties" not in component:
        components[name] = {"type": "object", "additionalProperties": {}}
    return [(name, "")]


def _build_document(components: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with some components; other components that they refer to are objects."""
    stubs = dict.fromkeys(_list_references(list(components.values())), _STUB)
    return {
        "openapi": "3.1.0",
        "info": {"title": "part", "version": "1"},
        "paths": {},
        "components": {"schemas": {**stubs, **components}},
    }


def _list_references(node: Any) -> list[str]:
    """Return the names of the referenced components, in the order of the input."""
    return list(
        dict.fromkeys(reference.rpartition("/")[2] for reference in iterate_references(node))
    )
