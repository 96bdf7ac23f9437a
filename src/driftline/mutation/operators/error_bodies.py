"""Bodies of errors that have another shape than the documented one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from driftline.checks.undocumented import find_undocumented_fields
from driftline.mutation.operators.listings import replace_value
from driftline.openapi.model import MediaType, Spec
from driftline.openapi.schema.validation import list_violations

__all__ = ["replace_error_body"]

_SHAPES: Final[tuple[Any, ...]] = (
    {"detail": "It went wrong."},
    {"error": {"code": "wrong", "message": "It went wrong."}},
    ["It went wrong."],
)
"""What frameworks make of an error by themselves."""


def replace_error_body(spec: Spec, media: MediaType) -> Callable[[Any], Any] | None:
    """Return what makes another shape of a documented error; None if every shape is allowed."""
    for shape in _SHAPES:
        schema = media.schema_pointer
        is_wrong = list_violations(spec, schema, shape, "response")
        if schema and (is_wrong or any(find_undocumented_fields(spec, schema, shape))):
            return partial(replace_value, shape)
    return None
