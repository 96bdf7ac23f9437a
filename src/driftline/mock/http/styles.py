"""Decodes parameters by style: `form`, `simple`, `label`, `deepObject`, ...

A value is split at its separators before it is percent-decoded, so that an encoded comma (`%2C`) in
a value differs from a separator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import unquote, unquote_plus

from driftline.openapi import (
    Parameter,
    Spec,
    find_schema_at,
    is_array,
    is_object,
    is_valid,
    join,
    list_branches,
    list_choices,
    list_types as types_of,
)

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,300})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,300})(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")


def coerce_text(string: str, types: set[str]) -> Any:
    """Return a string converted to one of the types, or unchanged."""
    if "boolean" in types and string in {"true", "false"}:
        return string == "true"
    if types & {"integer", "number"} and _INTEGER.fullmatch(string):
        return int(string)
    if "number" in types and _NUMBER.fullmatch(string):
        number = float(string)
        return string if number in {float("inf"), float("-inf")} else number
    return string


_SEPARATORS = {"spaceDelimited": "%20", "pipeDelimited": "|"}
_KEY = re.compile(r"\[([^\[\]]*)\]")


class UnreadableValue(Exception):
    """A value cannot be decoded in its parameter's style."""


class Style:
    """The style of one parameter, and the schema of its value.

    `names` are the names of all query parameters, its own among them.
    """

    def __init__(
        self, spec: Spec, parameter: Parameter, names: frozenset[str] = frozenset()
    ) -> None:
        self._spec = spec
        self._names = names
        self._parameter = parameter
        node = spec.get_node(parameter.pointer)
        content = node.get("content") if is_object(node) else None
        self.is_content = is_object(content) and bool(content)
        name = next(iter(content)) if is_object(content) and content else ""
        inner = join("content", name) if name else ""
        self.schema_pointer = f"{parameter.pointer}{inner}/schema"
        self.may_be_empty = is_object(node) and node.get("allowEmptyValue") is True
        self._types = types_of(spec, self.schema_pointer) - {"null"}
        item = find_schema_at(spec, self.schema_pointer, "/0") if "array" in self._types else None
        self._item_types = types_of(spec, item) if item else set[str]()
        self._item_choices = list_choices(spec, item) if item else None
        self._is_form_object = (
            parameter.style == "form" and parameter.explode and self._types == {"object"}
        )
        self.is_plain = self.is_content or (
            parameter.style != "deepObject" and not self._is_form_object
        )
        self._members = self._list_member_names() if self._is_form_object else frozenset[str]()

    def _list_member_names(self) -> frozenset[str]:
        holders = list_branches(self._spec, self.schema_pointer)
        properties = (schema.get("properties") for _, schema in holders)
        return frozenset(name for members in properties if is_object(members) for name in members)

    def select_pairs(self, pairs: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        """Return the pairs of a query that belong to the parameter, still encoded."""
        name = self._parameter.name
        if self._parameter.style == "deepObject":
            prefix = f"{name}["
            return tuple(f"{key}={value}" for key, value in pairs if key.startswith(prefix))
        if self._is_form_object:
            # A map without named members gets all parameters that belong to nothing else.
            return tuple(f"{key}={value}" for key, value in pairs if self._is_member(key))
        return tuple(value for key, value in pairs if key == name)

    def _is_member(self, key: str) -> bool:
        if self._members:
            return key in self._members
        return key == self._parameter.name or key not in self._names

    def read(self, raw_values: Sequence[str]) -> Any:
        """Return the decoded value.

        Raises:
            UnreadableValue: it cannot be decoded.
        """
        parameter = self._parameter
        if self.is_content:
            return self._read_content(raw_values)
        if parameter.style == "deepObject":
            return self._read_deep_object(raw_values)
        if self._is_form_object:
            return self._read_object(raw_values)
        if parameter.style in {"label", "matrix"}:
            raw_values = [self._strip_prefix(raw_values[0])]
        if "array" in self._types:
            items = self._read_array(raw_values)
            # If one string is also allowed, it does not have to match the schema of the items.
            is_either = len(raw_values) == 1 and "string" in self._types
            return items if not is_either or self._is_valid(items) else self._decode(raw_values[0])
        if len(raw_values) > 1:
            raise UnreadableValue(f"occurs {len(raw_values)} times")
        if self._types == {"object"}:
            return self._read_object(self._split_entries(raw_values[0]))
        return coerce_text(self._decode(raw_values[0]), self._types)

    def _is_valid(self, value: Any) -> bool:
        return is_valid(self._spec, self.schema_pointer, value, "request")

    def _decode(self, string: str) -> str:
        return (
            unquote_plus(string) if self._parameter.location == "query" else self._unquote(string)
        )

    def _unquote(self, string: str) -> str:
        # A header is not percent-encoded.
        return string if self._parameter.location == "header" else unquote(string)

    def _read_content(self, raw_values: Sequence[str]) -> Any:
        if len(raw_values) > 1:
            raise UnreadableValue(f"occurs {len(raw_values)} times")
        string = self._decode(raw_values[0])
        try:
            return json.loads(string)
        except (ValueError, RecursionError):
            return coerce_text(string, self._types)

    def _read_array(self, raw_values: Sequence[str]) -> Any:
        """Return the items; a single string is split by the style."""
        parameter = self._parameter
        # A cookie occurs once, so a list in it is one string whatever `explode` is.
        is_exploded = (
            parameter.explode
            and parameter.location == "query"
            and parameter.style in {"form", "spaceDelimited", "pipeDelimited", "deepObject"}
        )
        if is_exploded:
            if list(raw_values) == [""] and "string" not in self._item_types:
                return []
            return [_read_scalar(self._decode(item), self._item_types) for item in raw_values]
        if len(raw_values) > 1:
            raise UnreadableValue(f"occurs {len(raw_values)} times; join the values in one")
        parts = self._split(raw_values[0])
        return [_read_scalar(self._decode(item), self._item_types) for item in parts]

    def _split(self, string: str) -> list[str]:
        if not string:
            return []
        style = self._parameter.style
        separator = _SEPARATORS.get(style, ",")
        if style == "label" and self._parameter.explode:
            separator = "."
        if style == "spaceDelimited":
            string = string.replace("+", "%20")
        parts = string.split(separator)
        if len(parts) == 1 and self._item_types and not self._may_contain(unquote(separator)):
            # Many clients also encode the separators; a number has no comma of its own.
            parts = [
                part for encoded_part in parts for part in _split_decoded(encoded_part, separator)
            ]
        return parts

    def _may_contain(self, separator: str) -> bool:
        """Return whether an item may contain the separator."""
        if "string" not in self._item_types:
            return False
        choices = self._item_choices
        return choices is None or any(separator in str(choice) for choice in choices)

    def _strip_prefix(self, string: str) -> str:
        """Return the value after `.` of a label, or `;name=` of a matrix."""
        parameter = self._parameter
        if parameter.style == "label":
            return string.removeprefix(".")
        name = re.escape(parameter.name)
        if parameter.explode and "array" in self._types:
            return ",".join(re.findall(rf";{name}=([^;]*)", string))
        if parameter.explode and self._types == {"object"}:
            return string.removeprefix(";")
        return re.sub(rf"^;{name}=?", "", string)

    def _split_entries(self, string: str) -> list[str]:
        """Yield `name=value` for each member of an object in one string."""
        parameter = self._parameter
        if parameter.explode and parameter.style != "form":
            separator = {"label": ".", "matrix": ";"}.get(parameter.style, ",")
            return string.split(separator) if string else []
        parts = string.split(_SEPARATORS.get(parameter.style, ",")) if string else []
        return [f"{key}={value}" for key, value in zip(parts[::2], parts[1::2], strict=False)]

    def _read_object(self, entries: Iterable[str]) -> dict[str, Any]:
        pairs = [entry.partition("=") for entry in entries]
        names = [(self._decode(key), self._decode(value)) for key, _, value in pairs]
        values_by_name: dict[str, Any] = {}
        for name, value in names:
            values_by_name.setdefault(name, []).append(value)
        return {
            name: self._read_member(join(name), values) for name, values in values_by_name.items()
        }

    def _read_member(self, pointer: str, values: Sequence[str]) -> Any:
        return read_typed(
            self._spec, find_schema_at(self._spec, self.schema_pointer, pointer), values
        )

    def _read_deep_object(self, raw_values: Sequence[str]) -> Any:
        pairs = [entry.partition("=") for entry in raw_values]
        prefix = len(self._parameter.name)
        entries = [(unquote_plus(key)[prefix:], unquote_plus(value)) for key, _, value in pairs]
        return nest_entries(self._spec, self.schema_pointer, entries)


def _split_decoded(string: str, separator: str) -> list[str]:
    return unquote(string).split(unquote(separator))


def nest_entries(spec: Spec, schema_pointer: str | None, entries: Iterable[tuple[str, str]]) -> Any:
    """Return the object of keys such as `[a][b]` and `[tags][]`, members converted to their types.

    Raises:
        UnreadableValue: a key is invalid, or two of them conflict.
    """
    values: dict[tuple[str, ...], list[str]] = {}
    for key, value in entries:
        tokens = tuple(_KEY.findall(key))
        if "".join(f"[{token}]" for token in tokens) != key:
            raise UnreadableValue(f"has a key that cannot be read: {key!r}")
        if len(tokens) > 1 and (tokens[-1] == "" or tokens[-1].isdecimal()):
            owner = _find_schema(spec, schema_pointer, tokens[:-1])
            if owner is not None and "array" in types_of(spec, owner):
                tokens = tokens[:-1]
        values.setdefault(tokens, []).append(value)
    result: dict[str, Any] = {}
    for tokens, strings in values.items():
        node = result
        for token in tokens[:-1]:
            inner = node.setdefault(token, {})
            if not is_object(inner):
                raise UnreadableValue("has a member that is a value and an object")
            node = inner
        member_pointer = _find_schema(spec, schema_pointer, tokens)
        node[tokens[-1] if tokens else ""] = read_typed(spec, member_pointer, strings)
    return _restore_arrays(spec, schema_pointer, result)


def _find_schema(spec: Spec, schema_pointer: str | None, tokens: Sequence[str]) -> str | None:
    return find_schema_at(spec, schema_pointer, join(*tokens)) if schema_pointer else None


def _restore_arrays(spec: Spec, schema_pointer: str | None, value: Any) -> Any:
    """Return the value with `{"0": x, "1": y}` as `[x, y]` if the schema has an array."""
    if not is_object(value) or schema_pointer is None:
        return value
    inner = {
        key: _restore_arrays(spec, find_schema_at(spec, schema_pointer, join(key)), v)
        for key, v in value.items()
    }
    types = types_of(spec, schema_pointer)
    is_indexed = inner and all(key.isdecimal() and len(key) < 4 for key in inner)
    if "array" in types and "object" not in types and is_indexed:
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def read_typed(spec: Spec, schema_pointer: str | None, strings: Sequence[str]) -> Any:
    """Return the strings of one field as a value of the schema at `schema_pointer`."""
    types = types_of(spec, schema_pointer) if schema_pointer else set[str]()
    if "array" in types and schema_pointer is not None:
        item = find_schema_at(spec, schema_pointer, "/0")
        kinds = types_of(spec, item) if item else set[str]()
        if strings == [""] and "string" not in kinds:
            return []
        return [_read_scalar(string, kinds) for string in strings]
    values = [_read_scalar(string, types) for string in strings]
    return values if len(values) > 1 else values[0]


def _read_scalar(string: str, types: set[str]) -> Any:
    """Return a string converted to one of its types; objects are JSON."""
    if types & {"object", "array"} and "string" not in types:
        try:
            value = json.loads(string)
        except (ValueError, RecursionError):
            return string
        return value if is_object(value) or is_array(value) else string
    return coerce_text(string, types)
