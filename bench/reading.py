"""Reads all decoded fields, so that fields that are converted on access are measured, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import get_annotations
from typing import cast

from driftline.runtime import Model

_NAMES: dict[type[object], tuple[str, ...]] = {}


def read_all(value: object) -> int:
    """Reads every field of a model, or value of a JSON object, and of all in it; counts them."""
    kind = type(value)
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = _list_names(kind)
    inside: Iterable[object]
    if names:
        inside = [getattr(value, name) for name in names]
    elif kind is str:
        return 1
    elif isinstance(value, Mapping):
        inside = cast("Mapping[str, object]", value).values()
    elif isinstance(value, Sequence):
        inside = cast("Sequence[object]", value)
    else:
        return 1
    return sum(map(read_all, inside))


def _list_names(kind: type[object]) -> tuple[str, ...]:
    """Return the fields of one of our models or of the vendor's; other values have none."""
    if issubclass(kind, Model):
        return tuple(name for name in get_annotations(kind) if not name.startswith("_"))
    fields: Iterable[str] = getattr(kind, "model_fields", ())
    return tuple(fields)
