"""The `pagination` section of a Stainless configuration, which stands beside a document.

A method that does not name its scheme has the one whose parameters and fields it all has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from driftline.add.proposals.listings import CURSORS, MORES, NEXTS, NUMBERS, OFFSETS, SIZES
from driftline.add.proposals.schemes import Scheme
from driftline.errors import UsageError
from driftline.openapi import Operation, Spec, find_schema_at, is_array, is_object, join
from driftline.openapi.read.reader import read

_MARK: Final = "x-stainless-pagination-property"
_STYLES: Final = {
    "offset": "offset",
    "page_number": "number",
    "cursor": "cursor",
    "fake_page": "single",
}
_ASKING: Final = {
    "offset": ("offset_count_param", OFFSETS),
    "number": ("page_number_param", NUMBERS),
    "cursor": ("next_cursor_param", CURSORS),
}


@attrs.frozen
class _ConfigField:
    """A property of a request or a response: where it is, and what it is marked to be for."""

    pointer: str
    schema: dict[str, Any]

    @property
    def name(self) -> str:
        return self.pointer.rpartition("/")[2]

    @property
    def mark(self) -> dict[str, Any]:
        found = self.schema.get(_MARK)
        return found if is_object(found) else {}


@attrs.frozen
class _Template:
    """A scheme, and what an operation has to have for it."""

    name: str
    scheme: Scheme | None
    request: Sequence[_ConfigField]
    response: Sequence[_ConfigField]

    def fits(self, spec: Spec, operation: Operation, body: str) -> bool:
        names = [field.name for field in self.request]
        asked = [operation.find_parameter(name) for name in names]
        return all(each is not None and each.place == "query" for each in asked) and all(
            find_schema_at(spec, body, field.pointer) is not None for field in self.response
        )


@attrs.frozen
class Configuration:
    """The schemes, and for each endpoint of a resource what it says about paging."""

    templates: Sequence[_Template]
    endpoints: Mapping[str, object]


def read_configuration(path: Path) -> Configuration:
    """Return what a configuration says about paging.

    Raises:
        UsageError: nothing about paging is in it.
        SpecError: there is no such file, or it is not YAML.
    """
    data: object = read(path).data
    pagination = data.get("pagination") if is_object(data) else None
    if not is_object(data) or not is_array(pagination):
        remedy = "List the schemes under the key pagination, as in a stainless.yml."
        raise UsageError(f"{path}: no pagination schemes", remedy)
    templates = [_template(each) for each in pagination if is_object(each)]
    return Configuration(templates, dict(_endpoints(data.get("resources"))))


def read_configured_listing(
    configuration: Configuration, spec: Spec, operation: Operation
) -> dict[str, Any] | None:
    """Return the `x-listing` that the configuration describes for an operation."""
    told = configuration.endpoints.get(f"{operation.method} {operation.path}".lower(), False)
    success = operation.success
    body = success.json.schema_pointer if success and success.json else ""
    if told is False or not body:
        return None
    fitting = [each for each in configuration.templates if each.fits(spec, operation, body)]
    if isinstance(told, str):
        fitting = [each for each in fitting if each.name == told]
    scheme = fitting[0].scheme if len(fitting) == 1 else None
    return scheme.words(operation) if scheme else None


def _endpoints(resources: object) -> Iterator[tuple[str, object]]:
    """`get /orders` for each method, with its `paginated`; True, where it does not say."""
    for resource in resources.values() if is_object(resources) else ():
        if not is_object(resource):
            continue
        methods = resource.get("methods")
        for method in methods.values() if is_object(methods) else ():
            words = method if is_object(method) else {"endpoint": method}
            if isinstance(words.get("endpoint"), str):
                endpoint = " ".join(words["endpoint"].split()).lower()
                yield endpoint, words.get("paginated", True)
        yield from _endpoints(resource.get("subresources"))


def _template(setting: dict[str, Any]) -> _Template:
    request = list(_fields(setting.get("request"), ""))
    response = list(_fields(setting.get("response"), ""))
    style = _STYLES.get(str(setting.get("type")))
    scheme = None
    if style and setting.get("param_location", "query") == "query":
        scheme = _scheme(style, request, response)
    return _Template(str(setting.get("name")), scheme, request, response)


def _fields(properties: object, above: str) -> Iterator[_ConfigField]:
    for name, schema in properties.items() if is_object(properties) else ():
        field = _ConfigField(above + join(name), schema if is_object(schema) else {})
        yield field
        yield from _fields(field.schema.get("properties"), field.pointer)


def _scheme(
    style: str, request: Sequence[_ConfigField], response: Sequence[_ConfigField]
) -> Scheme | None:
    items = _find_marked_field(response, "items")
    arrays = [field for field in response if field.schema.get("type") == "array"]
    if items is None and len(arrays) == 1:
        items = arrays[0]
    asked = _role(request, *_ASKING[style]) if style in _ASKING else None
    follow = _role(response, "next_cursor_field", NEXTS)
    more = _role(response, "has_next_page", MORES)
    total = _find_marked_field(response, "offset_total_count_field")
    used = [field for field in (items, asked, follow, more, total) if field]
    if items is None or any("from_header" in field.mark for field in used):
        return None
    if style in _ASKING and asked is None:
        return None
    size = next((field.name for field in request if field.name in SIZES), "")
    return Scheme(
        style=style,
        items="" if items.mark.get("is_top_level_array") is True else items.pointer,
        asked=asked.name if asked else "",
        size=size,
        next=follow.pointer if follow else "",
        more=more.pointer if more else "",
        total=total.pointer if total else "",
    )


def _find_marked_field(fields: Sequence[_ConfigField], purpose: str) -> _ConfigField | None:
    found = [field for field in fields if field.mark.get("purpose") == purpose]
    return found[0] if len(found) == 1 else None


def _role(
    fields: Sequence[_ConfigField], purpose: str, names: Sequence[str]
) -> _ConfigField | None:
    """Return what is marked so; else the only one that nothing marks and that is called so."""
    if any(field.mark.get("purpose") == purpose for field in fields):
        return _find_marked_field(fields, purpose)
    named = [field for field in fields if field.name in names and "purpose" not in field.mark]
    return named[0] if len(named) == 1 else None
