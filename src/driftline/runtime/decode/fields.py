"""The fields of a model, derived once for each class: where they are stored and how they are read.

The slot of a field holds the wire value (or the value that you passed): a string stays a string, so
that it is written back unchanged. If the type hint promises another type, a `_ConvertedSlot`
converts it on access. An absent field holds ABSENT if it is nullable, and None otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import attrs

from driftline.runtime.decode.lenient_decoder import Reader, get_reader
from driftline.runtime.encode.values import ABSENT


def required(
    wire_name: str, *, read_only: bool = False, write_only: bool = False
) -> dict[str, Any]:
    """Return the metadata of a required field; used by generated code.

    A `read_only` field is never sent in a request. A `write_only` one is optional in a response.
    """
    if write_only:
        return optional(wire_name)
    return {"wire": wire_name, "required": True, "read_only": read_only}


def optional(
    wire_name: str, *, nullable: bool = False, read_only: bool = False, write_only: bool = False
) -> dict[str, Any]:
    """Return the metadata of an optional field; used by generated code."""
    return {
        "wire": wire_name,
        "required": False,
        "nullable": nullable,
        "read_only": read_only,
    }


class _ConvertedSlot:
    """Converts a slot's value to its type hint on access, for example to a timestamp."""

    __slots__ = ("get", "put", "show")

    def __init__(self, slot: Any, show: Callable[[Any], Any] | None) -> None:
        self.get = slot.__get__
        self.put = slot.__set__
        self.show = show

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        value = self.get(instance)
        if value is None or value is ABSENT:
            return None
        return self.show(value) if self.show else value

    def __set__(self, instance: Any, value: Any) -> None:
        self.put(instance, value)


@attrs.frozen(eq=False)
class Field:
    """One field: its names, its type hint, and its slot."""

    name: str
    wire: str
    required: bool
    nullable: bool
    hint: Any
    reader: Reader
    takes_null: bool
    get: Callable[[Any], Any]
    put: Callable[[Any, Any], None]
    read_only: bool = False

    @property
    def blank(self) -> Any:
        """The slot's value when the field is absent."""
        return ABSENT if self.nullable and not self.required else None

    def is_plain(self, value: Any) -> bool:
        """Return whether a value has the documented type and is kept unchanged."""
        reader = self.reader
        if value is None:
            return self.takes_null
        return type(value) in reader.plain_types or (
            type(value) is str and value in reader.literals
        )


@attrs.frozen(eq=False)
class ModelPlan:
    """The fields of one model class; `additional_reader` reads typed additional properties."""

    fields: tuple[Field, ...]
    by_wire: Mapping[str, Field]
    by_name: Mapping[str, Field]
    additional_reader: Reader | None = None


_PLANS: dict[Any, ModelPlan] = {}
_LOCK = RLock()


def get_plan(model: Any) -> ModelPlan:
    """Return the plan of a model class."""
    model_plan = _PLANS.get(model)
    if model_plan is None:
        with _LOCK:
            model_plan = _PLANS.get(model) or _build_plan(model)
            _PLANS[model] = model_plan
    return model_plan


def _build_plan(model: Any) -> ModelPlan:
    hints = get_type_hints(model, localns=_Names(model))
    attributes = (attribute for attribute in attrs.fields(model) if "wire" in attribute.metadata)
    fields = tuple(
        _build_field(model, attribute, hints[attribute.name]) for attribute in attributes
    )
    return ModelPlan(
        fields=fields,
        by_wire={field.wire: field for field in fields},
        by_name={field.name: field for field in fields},
        additional_reader=_get_additional(hints.get("_additional")),
    )


def _get_additional(hint: Any) -> Reader | None:
    """Return the reader of additional properties.

    Generated code declares their type as `_additional: ClassVar[Mapping[str, T]]`.
    """
    if get_origin(hint) is not ClassVar:
        return None
    (mapping,) = get_args(hint)
    return get_reader(get_args(mapping)[1])


def _build_field(model: Any, attribute: Any, hint: Any) -> Field:
    metadata, slot = attribute.metadata, getattr(model, attribute.name)
    nullable, read = metadata.get("nullable", True), get_reader(hint)
    if read.show or (nullable and not metadata["required"]):
        setattr(model, attribute.name, _ConvertedSlot(slot, read.show))
    return Field(
        name=attribute.name,
        wire=metadata["wire"],
        required=metadata["required"],
        nullable=nullable,
        hint=hint,
        reader=read,
        takes_null=nullable and read.accepts(None) > 0,
        get=slot.__get__,
        put=slot.__set__,
        read_only=metadata.get("read_only", False),
    )


class _Names(dict[str, Any]):
    """Resolves the names of other models of the package in type hints, at first use."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._package = sys.modules[model.__module__.rpartition(".")[0] or model.__module__]

    def __missing__(self, name: str) -> Any:
        if name.startswith("__"):
            raise KeyError(name)
        try:
            return getattr(self._package, name)
        except AttributeError:
            raise KeyError(name) from None
