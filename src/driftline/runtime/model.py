"""The base of every generated model: frozen attrs classes that remember what was not said.

An optional field that is absent reads as None, as does one that is null; `is_set` tells them
apart, and `to_dict` writes back what was read: unknown fields, odd formats and all.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
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
    takes_null: bool

    def is_plain(self, value: Any) -> bool:
        """Whether a value is what it should be, and stays as it is."""
        reader = self.reader
        if value is None:
            return self.takes_null
        return type(value) in reader.plain or (type(value) is str and value in reader.known)


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
        absent = [name for name in _plan(type(self)).optional if getattr(self, name) is ABSENT]
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
        return name in _plan(type(self)).names and name not in self._absent

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, on_drift: OnDrift | None = None) -> Self:
        """Reads a JSON object. What is not as documented is kept and reported, never raised."""
        return cls.read_from(data, Reading(cls.__name__, on_drift))

    def to_dict(self) -> dict[str, Any]:
        """The JSON object: absent fields left out, what was read written as it came."""
        raw, absent = self._raw or {}, self._absent
        result: dict[str, Any] = {}
        for name, wire in _plan(type(self)).wire_names:
            if name in absent:
                continue
            result[wire] = raw[wire] if wire in raw else encode(getattr(self, name))
        return {**result, **(self._extra or {})}

    def to_json(self) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        names = [name for name, _ in _plan(type(self)).wire_names if name not in self._absent]
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({inner})"

    @classmethod
    def read_from(cls, data: Mapping[str, Any], reading: Reading) -> Self:
        """Reads a JSON object as part of a larger reading."""
        fields = cls._fields()
        values: dict[str, Any] = {}
        raw: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for wire, value in data.items():
            field = fields.get(wire)
            if field is None:
                extra[wire] = value
                _note(reading, wire, "field.undocumented", "no such field", value)
            elif field.is_plain(value):
                values[field.name] = value
            else:
                reading.path.append(wire)
                reading.exact = True
                values[field.name] = _read_field(field, value, reading)
                if not reading.exact:
                    raw[wire] = value
                reading.path.pop()
        missing = _NOTHING
        if len(values) < len(fields):
            missing = frozenset(field.name for field in fields.values()) - values.keys()
            for field in fields.values():
                if field.required and field.name in missing:
                    _note(reading, field.wire, "field.missing", field.reader.name, None)
        return cls._restore(values, missing, raw or None, extra or None)

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
        absent: frozenset[str],
        raw: dict[str, Any] | None,
        extra: dict[str, Any] | None,
    ) -> Self:
        """A model of what was read; its slots are filled past `__init__`, which takes longer."""
        result = object.__new__(cls)
        plan = _plan(cls)
        for name, fill in plan.slots:
            fill(result, values.get(name))
        values = {"_absent": absent, "_raw": raw, "_extra": extra, "_origin": None}
        for name, fill in plan.own_slots:
            fill(result, values[name])
        return result

    @classmethod
    def _fields(cls) -> dict[str, _Field]:
        found = Model._fields_by_class.get(cls)
        if found is None:
            hints = get_type_hints(cls, localns=_Names(cls))
            read = [_field(each, reader(hints[each.name])) for each in _plan(cls).attributes]
            found = Model._fields_by_class[cls] = {field.wire: field for field in read}
        return found


def _field(attribute: Any, read: Reader) -> _Field:
    words = attribute.metadata
    nullable = words.get("nullable", True)
    takes_null = nullable and read.accepts(None) > 0
    return _Field(attribute.name, words["wire"], words["required"], nullable, read, takes_null)


def _read_field(field: _Field, value: Any, reading: Reading) -> Any:
    if value is None and not field.nullable:
        reading.drift("field.null", field.reader.name, value)
        return None
    return field.reader.read(value, reading)


def _note(reading: Reading, wire: str, kind: DriftKind, expected: str, got: Any) -> None:
    reading.path.append(wire)
    reading.drift(kind, expected, got)
    reading.path.pop()


Fill = Callable[[Any, Any], None]


@attrs.frozen
class _Plan:
    """What is asked of a model's class over and over, worked out once."""

    attributes: tuple[Any, ...]
    wire_names: tuple[tuple[str, str], ...]
    names: frozenset[str]
    optional: tuple[str, ...]
    # The fields, each with what fills it in a frozen instance; then the base's own.
    slots: tuple[tuple[str, Fill], ...]
    own_slots: tuple[tuple[str, Fill], ...]


_PLANS: dict[Any, _Plan] = {}


def _plan(model: Any) -> _Plan:
    found = _PLANS.get(model)
    if found is None:
        everything = attrs.fields(model)
        fields = tuple(a for a in everything if "wire" in a.metadata)
        found = _PLANS[model] = _Plan(
            attributes=fields,
            wire_names=tuple((a.name, a.metadata["wire"]) for a in fields),
            names=frozenset(a.name for a in fields),
            optional=tuple(a.name for a in fields if not a.metadata["required"]),
            slots=tuple((a.name, getattr(model, a.name).__set__) for a in fields),
            own_slots=tuple(
                (a.name, getattr(model, a.name).__set__) for a in everything if a not in fields
            ),
        )
    return found


def value_at(value: Any, pointer: str | None) -> Any:
    """What stands at a JSON pointer (by wire names) of a model or JSON value, or None."""
    if pointer is None:
        return None
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Model):
            own = {wire: attribute for attribute, wire in _plan(type(value)).wire_names}
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
