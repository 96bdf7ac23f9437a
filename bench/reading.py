"""Reading all that was decoded, so that nothing is left for later."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, cast

from driftline.runtime import Model

__all__ = ["read_all"]


_GETTERS: dict[type[Any], Callable[[Any], tuple[Any, ...]]] = {}


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
    getter = _GETTERS.get(kind)
    if getter is None:
        names = [name for name in inspect.get_annotations(kind) if not name.startswith("_")]
        # Of one name alone, attrgetter gives the value and no tuple.
        getter = attrgetter(*names) if len(names) > 1 else lambda of: (getattr(of, names[0]),)
        _GETTERS[kind] = getter
    return getter(model)
