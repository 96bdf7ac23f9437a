"""Valid bodies: the documented examples, or else the simplest one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from driftline.checks import fit_body
from driftline.media import FIELD_KINDS, FORM_KINDS, VALUE_KINDS
from driftline.openapi import MediaType, Spec, describe_stream, get_costs, is_valid
from driftline.suite.fuzzing.covering import cover
from driftline.suite.http.session import NotChecked
from driftline.suite.simplest_value import make_value

_CANDIDATES: Final = 8
"""How many bodies are made to find one that its schema allows."""


def make_bodies(spec: Spec, media: MediaType) -> Mapping[str, Any]:
    """Return the documented bodies that can be sent, or else the simplest body, by name.

    Raises:
        NotChecked: none could be made.
    """
    examples = media.examples.items()
    valid = {name: value for name, value in examples if _is_sendable_body(spec, media, value)}
    return valid or {"minimal": _make_body(spec, media)}


def _make_body(spec: Spec, media: MediaType) -> Any:
    """Return the simplest body; for a form, with all fields, since a form cannot contain `[]`.

    Raises:
        NotChecked: none could be made.
    """
    if media.kind == "json_lines":
        item = describe_stream(spec, media).data.pointer
        return [make_value(spec, item) if item else {}]
    if not media.schema_pointer:
        return {} if media.kind in FORM_KINDS else "text"
    value = fit_body(media, make_value(spec, media.schema_pointer))
    if media.kind not in FIELD_KINDS:
        return value
    if media.kind in VALUE_KINDS and is_valid(spec, media.schema_pointer, value, "request"):
        return value
    for candidate in cover(spec, media.schema_pointer, _CANDIDATES, "request"):
        return candidate
    location = spec.locate(media.schema_pointer)
    message = f"no valid body could be generated for the schema at {location}"
    problem = get_costs(spec).find_problem(media.schema_pointer)
    if problem is not None:
        raise NotChecked(f"{message}: {problem.reason} ({spec.locate(problem.pointer)})")
    raise NotChecked(f"{message}; add an example of the body")


def _is_sendable_body(spec: Spec, media: MediaType, value: Any) -> bool:
    """Return whether the schema and the media type allow a documented body."""
    if media.kind not in FIELD_KINDS:
        return isinstance(value, str)
    return not media.schema_pointer or is_valid(spec, media.schema_pointer, value, "request")
