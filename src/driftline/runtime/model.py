"""The base of every generated model: frozen attrs classes that remember what was not said.

An optional field that is absent reads as None, as does one that is null; `is_set` tells them
apart, and `to_dict` writes back what was read: unknown fields, odd formats and all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self, get_type_hints

import attrs

from driftline.runtime.drift import DriftKind, OnDrift, Reading
from driftline.runtime.json_types import is_object
from driftline.runtime.readers import Reader, reader
from driftline.runtime.values import ABSENT, encode

__all__ = ["Model", "optional", "required", "value_at"]


def required(wire_name: str) -> dict[str, Any]:
    """Metadata of a field that the document requires; for generated code."""
    return {"wire": wire_name, "required": True}


def optional(wire_name: str, *, nullable: bool = False) -> dict[str, Any]:
    """Metadata of a field that may be absent; for generated code."""
    return {"wire": wire_name, "required": False, "nullable": nullable}


@attrs.frozen
class _Field:
    """How one field of a model is read."""

    name: str
    wire: str
    required: bool
    nullable: bool
    reader: Reader


_NOTHING: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True, repr=False)
class Model:
    """A JSON object as a frozen value. Unknown fields are kept in `extra`."""

    _absent: frozenset[str] = attrs.field(init=False, default=_NOTHING)
    _extra: dict[str, Any] | None = attrs.field(init=False, default=None)
    # What was on the wire, where writing the typed value would not give the same again.
    _raw: dict[str, Any] | None = attrs.field(init=False, default=None, eq=False)
    # Of a page of a listing: where it came from. See `pages`.
    _origin: Any = attrs.field(init=False, default=None, eq=False)

    _fields_by_class: ClassVar[dict[type[Model], dict[str, _Field]]] = {}

    def __attrs_post_init__(self) -> None:
        absent = [name for name in _optional_names(type(self)) if getattr(self, name) is ABSENT]
        for name in absent:
            object.__setattr__(self, name, None)
        if absent:
            object.__setattr__(self, "_absent", frozenset(absent))

    @property
    def extra(self) -> Mapping[str, Any]:
        """The fields that the document does not know, as they came."""
        return self._extra or {}

    def is_set(self, name: str) -> bool:
        """Whether the field (by its Python name) is there at all, be it null."""
        return name in _optional_names(type(self), everything=True) and name not in self._absent

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, on_drift: OnDrift | None = None) -> Self:
        """Reads a JSON object. What is not as documented is kept and reported, never raised."""
        return cls.read_from(data, Reading(cls.__name__, on_drift))

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: absent fields left out, what was read written as it came."""
        raw, absent = self._raw or {}, self._absent
        result: dict[str, Any] = {}
        for name, wire in _wire_names(type(self)):
            if name in absent:
                continue
            result[wire] = raw[wire] if wire in raw else encode(getattr(self, name))
        return {**result, **(self._extra or {})}

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        names = [name for name, _ in _wire_names(type(self)) if name not in self._absent]
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({inner})"

    @classmethod
    def read_from(cls, data: Mapping[str, Any], reading: Reading) -> Self:
        """Reads a JSON object as part of a larger reading."""
        fields = cls._fields()
        values: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        path = reading.path
        for wire, value in data.items():
            field = fields.get(wire)
            path.append(wire)
            if field is None:
                extra[wire] = value
                reading.drift("field.undocumented", "no such field", value)
            else:
                reading.exact = True
                values[field.name] = _read_field(field, value, reading)
                if not reading.exact:
                    raw[wire] = value
            path.pop()
        missing = [field for field in fields.values() if field.name not in values]
        for field in missing:
            values[field.name] = ABSENT
            if field.required:
                _note(reading, field.wire, "field.missing", field.reader.name)
        return cls._restore(values, raw, extra, [f.name for f in missing if f.required])

    @classmethod
    def accepts(cls, data: Mapping[str, Any]) -> int:
        """How well a JSON object fits, for choosing among the members of a union; 0: not."""
        fields = cls._fields()
        if any(field.required and wire not in data for wire, field in fields.items()):
            return 0
        values_fit = all(
            fields[wire].reader.accepts(value) or (value is None and fields[wire].nullable)
            for wire, value in data.items()
            if wire in fields
        )
        known = sum(wire in fields for wire in data)
        return (1000 if values_fit else 2) + known

    @classmethod
    def _restore(
        cls,
        values: dict[str, Any],
        raw: dict[str, Any],
        extra: dict[str, Any],
        missing: list[str],
    ) -> Self:
        result = cls(**values)
        if missing:  # required, and yet not there: None to the reader, absent to the writer
            for name in missing:
                object.__setattr__(result, name, None)
            object.__setattr__(result, "_absent", result._absent | frozenset(missing))
        if raw:
            object.__setattr__(result, "_raw", raw)
        if extra:
            object.__setattr__(result, "_extra", extra)
        return result

    @classmethod
    def _fields(cls) -> dict[str, _Field]:
        found = Model._fields_by_class.get(cls)
        if found is None:
            hints = get_type_hints(cls, localns=_Names(cls))
            found = {
                attribute.metadata["wire"]: _Field(
                    attribute.name,
                    attribute.metadata["wire"],
                    attribute.metadata["required"],
                    attribute.metadata.get("nullable", True),
                    reader(hints[attribute.name]),
                )
                for attribute in _attributes(cls)
            }
            Model._fields_by_class[cls] = found
        return found


def _read_field(field: _Field, value: Any, reading: Reading) -> Any:
    if value is None and not field.nullable:
        reading.drift("field.null", field.reader.name, value)
        return None
    return field.reader.read(value, reading)


def _note(reading: Reading, wire: str, kind: DriftKind, expected: str) -> None:
    reading.path.append(wire)
    reading.drift(kind, expected, None)
    reading.path.pop()


_attributes_of: dict[type[Model], tuple[Any, ...]] = {}


def _attributes(model: type[Model]) -> tuple[Any, ...]:
    found = _attributes_of.get(model)
    if found is None:
        found = tuple(a for a in attrs.fields(model) if "wire" in a.metadata)
        _attributes_of[model] = found
    return found


def _wire_names(model: type[Model]) -> Iterator[tuple[str, str]]:
    for attribute in _attributes(model):
        yield attribute.name, attribute.metadata["wire"]


def _optional_names(model: type[Model], *, everything: bool = False) -> list[str]:
    return [a.name for a in _attributes(model) if everything or not a.metadata["required"]]


def value_at(value: Any, pointer: str | None) -> Any:
    """What stands at a JSON pointer (by wire names) of a model or JSON value, or None."""
    if pointer is None:
        return None
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Model):
            own = {wire: attribute for attribute, wire in _wire_names(type(value))}
            value = getattr(value, own[name]) if name in own else value.extra.get(name)
        else:
            value = value.get(name) if is_object(value) else None
    return value


class _Names(dict[str, Any]):
    """Finds the other models of a package by name, when a type hint is read for the first time."""

    def __init__(self, model: type[Model]) -> None:
        super().__init__()
        self._package = sys.modules[model.__module__.rpartition(".")[0] or model.__module__]

    def __missing__(self, name: str) -> Any:
        if name.startswith("__"):
            raise KeyError(name)
        try:
            return getattr(self._package, name)
        except AttributeError:
            raise KeyError(name) from None
