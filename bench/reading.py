"""Reading all that was decoded, so that nothing is left for later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import get_annotations
from typing import cast

from driftline.runtime import Model

__all__ = ["read_all"]

_NAMES: dict[type[Model], list[str]] = {}


def read_all(value: object) -> int:
    """Reads every field of a model, or value of a JSON object, and of all in it; counts them."""
    if isinstance(value, Model):
        inside = _fields(value)
    elif isinstance(value, Mapping):
        inside = cast("Mapping[str, object]", value).values()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inside = cast("Sequence[object]", value)
    else:
        return 1
    return sum(map(read_all, inside))


def _fields(model: Model) -> Iterable[object]:
    kind = type(model)
    if kind not in _NAMES:
        _NAMES[kind] = [name for name in get_annotations(kind) if name[0] != "_"]
    return [getattr(model, name) for name in _NAMES[kind]]
