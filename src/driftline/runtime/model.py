"""The base of generated models: frozen attrs classes that remember undocumented and missing data.

An optional field reads as None both if it is absent and if it is null; `is_set` tells the two
apart, and `to_dict` writes back what was read, including unknown fields and invalid formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Self

import attrs

from driftline.runtime.decode import fast_decoder
from driftline.runtime.decode.fields import Field, get_plan
from driftline.runtime.decode.lenient_decoder import (
    ANY_SCALAR,
    ANYTHING,
    FULLY,
    MAPPED,
    PARTLY,
    UNFIT_ENTRIES,
)
from driftline.runtime.encode.values import ABSENT, encode
from driftline.runtime.json_types import is_object
from driftline.runtime.telemetry.drift import DecodingContext, DriftKind, OnDrift

_NONE: frozenset[str] = frozenset()
# The penalty for a field with a value outside its literals.
_OTHER_LITERAL = 10
# A field of any type, or one whose entries do not fit, says little of the member.
_VAGUE = {UNFIT_ENTRIES, ANY_SCALAR, ANYTHING}
# The gain for an object all of whose fields are documented: more than single fields add.
_ALL_DOCUMENTED = 100


@attrs.frozen
class _ExtraParts:
    """The parts of an object that its class has no field for.

    `extra` has the undocumented fields by wire name. `missing_names` are the Python names of
    required fields that were absent, and `null_names` those of optional fields that were null
    although they are not nullable.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    missing_names: frozenset[str] = _NONE
    null_names: frozenset[str] = _NONE


class Model:
    """A JSON object as a frozen value. Unknown fields are kept in `extra`.

    Subclasses are attrs classes with exactly the documented fields.
    """

    # Unset if nothing is undocumented or missing.
    __slots__ = ("_extra_parts",)

    _extra_parts: _ExtraParts

    def __attrs_post_init__(self) -> None:
        unset: list[str] = []
        for field in get_plan(type(self)).fields:
            if field.required:
                if field.read_only and field.get(self) is ABSENT:
                    unset.append(field.name)
                    field.put(self, None)
            elif not field.nullable and field.get(self) is ABSENT:
                field.put(self, None)
        if unset:
            object.__setattr__(self, "_extra_parts", _ExtraParts(missing_names=frozenset(unset)))

    @property
    def extra(self) -> Mapping[str, Any]:
        """The undocumented fields, decoded if additional properties have a documented type."""
        extra_parts, additional = _get_extra_parts(self), get_plan(type(self)).additional_reader
        if extra_parts is None:
            return {}
        if additional is None or additional.show is None:
            return extra_parts.extra
        return {name: additional.show(value) for name, value in extra_parts.extra.items()}

    def is_set(self, name: str) -> bool:
        """Return whether the field (by its Python name) is present, even as null."""
        field = get_plan(type(self)).by_name.get(name)
        return field is not None and self._has_value(field)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, on_drift: OnDrift | None = None) -> Self:
        """Read a JSON object. Differences from the document are kept and reported, not raised."""
        model: Self | None = fast_decoder.convert(cls, data)
        return (
            cls.read_from(data, DecodingContext(cls.__name__, on_drift)) if model is None else model
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object without absent fields, with decoded values unchanged."""
        fields = get_plan(type(self)).fields
        result = {field.wire: encode(field.get(self)) for field in fields if self._has_value(field)}
        extra_parts = _get_extra_parts(self)
        return (
            {**result, **encode(extra_parts.extra)} if extra_parts and extra_parts.extra else result
        )

    def _list_fields_to_send(self) -> dict[str, Any]:
        """Return the fields of a request by wire name, not yet encoded.

        Omits readOnly fields.
        """
        fields = get_plan(type(self)).fields
        result = {f.wire: f.get(self) for f in fields if not f.read_only and self._has_value(f)}
        extra_parts = _get_extra_parts(self)
        return {**result, **extra_parts.extra} if extra_parts and extra_parts.extra else result

    def to_json(self) -> str:
        """Return `to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __repr__(self) -> str:
        names = [field.name for field in get_plan(type(self)).fields if self._has_value(field)]
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({inner})"

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, Model):
            return NotImplemented
        if _get_extra_parts(self) != _get_extra_parts(other):
            return False
        fields = get_plan(type(self)).fields
        same = (
            self._has_value(f) == other._has_value(f)
            for f in fields
            if f.nullable and not f.required
        )
        return all(same) and all(getattr(self, f.name) == getattr(other, f.name) for f in fields)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in get_plan(type(self)).fields))

    def __reduce__(self) -> Any:
        slot_values = [field.get(self) for field in get_plan(type(self)).fields]
        return _restore, (type(self), slot_values, _get_extra_parts(self))

    @classmethod
    def read_from(cls, data: Mapping[str, Any], reading: DecodingContext) -> Self:
        """Read a JSON object as part of a larger value."""
        if reading.path:
            model: Self | None = fast_decoder.convert(cls, data)
            if model is not None:
                return model
        model_plan = get_plan(cls)
        fields, additional = model_plan.by_wire, model_plan.additional_reader
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        null: set[str] = set()
        for wire, value in data.items():
            field = fields.get(wire)
            if field is None and additional is not None:
                reading.path.append(wire)
                extra[wire] = additional.read(value, reading)
                reading.path.pop()
            elif field is None:
                extra[wire] = value
                if len(reading.path) != reading.open_depth:
                    _note(reading, wire, "field.undocumented", "no such field", value)
            elif field.is_plain(value):
                values[field.name] = value
            elif value is None and not field.nullable:
                _note(reading, wire, "field.null", field.reader.name, value)
                null.add(field.name)
            else:
                reading.path.append(wire)
                values[field.name] = field.reader.read(value, reading)
                reading.path.pop()
        missing = [f for f in fields.values() if f.required and f.wire not in data]
        for field in missing:
            _note(reading, field.wire, "field.missing", field.reader.name, None)
        extra_parts = _ExtraParts(extra, frozenset(f.name for f in missing), frozenset(null))
        slot_values = [values.get(f.name, f.blank) for f in fields.values()]
        result: Self = _restore(cls, slot_values, extra_parts if extra or missing or null else None)
        return result

    @classmethod
    def score_fit(cls, data: Mapping[str, Any]) -> int:
        """Return how well a JSON object fits, to choose a member of a union; 0: not at all."""
        model_plan = get_plan(cls)
        fields = model_plan.by_wire
        missing = sum(field.required and wire not in data for wire, field in fields.items())
        documented = literals = inner = vague = mismatches = 0
        for wire, value in data.items():
            field = fields.get(wire)
            if field is None:
                continue
            documented += 1
            is_literal = bool(field.reader.literals)
            # An optional field's type includes None, which is not a documented value.
            fit = int(field.takes_null) if value is None else field.reader.accepts(value)
            if fit:
                literals += is_literal and value is not None
                inner += _ALL_DOCUMENTED if fit == MAPPED else max(0, fit - FULLY)
                vague += fit in _VAGUE
            else:
                mismatches += _OTHER_LITERAL if is_literal else 1
        if missing or mismatches:
            return max(1, min(PARTLY, PARTLY // 2 + documented - 2 * missing - mismatches))
        is_complete = documented == len(data) or model_plan.additional_reader is not None
        # Members may differ only at deeper levels.
        complete = _ALL_DOCUMENTED if is_complete else 0
        return FULLY + complete + 2 * documented + literals + inner - vague

    @classmethod
    def _list_literals(cls) -> Mapping[str, frozenset[Any]]:
        """Return the literals of each field that has only a few, by wire name."""
        return {f.wire: f.reader.literals for f in get_plan(cls).fields if f.reader.literals}

    def _has_value(self, field: Field) -> bool:
        value, extra_parts = field.get(self), _get_extra_parts(self)
        if value is not None:
            return value is not ABSENT
        if field.required:
            return extra_parts is None or field.name not in extra_parts.missing_names
        return field.nullable or (extra_parts is not None and field.name in extra_parts.null_names)


def _note(reading: DecodingContext, wire: str, kind: DriftKind, expected: str, value: Any) -> None:
    reading.path.append(wire)
    reading.note_drift(kind, expected, value)
    reading.path.pop()


def _restore(model: Any, slot_values: list[Any], extra_parts: _ExtraParts | None) -> Any:
    """Return a model with these slots in field order, without calling `__init__`."""
    model_plan = get_plan(model)
    result = object.__new__(model)
    for field, value in zip(model_plan.fields, slot_values, strict=True):
        field.put(result, value)
    if extra_parts is not None:
        object.__setattr__(result, "_extra_parts", extra_parts)
    return result


def _get_extra_parts(model: Model) -> _ExtraParts | None:
    return getattr(model, "_extra_parts", None)


def get_value_at(value: Any, pointer: str | None) -> Any:
    """Return the value at a JSON pointer (by wire names) of a model or JSON value, or None."""
    if pointer is None:
        return None
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Model):
            field = get_plan(type(value)).by_wire.get(name)
            value = getattr(value, field.name) if field else value.extra.get(name)
        else:
            value = value.get(name) if is_object(value) else None
    return value
