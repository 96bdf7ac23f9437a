"""Validates a document against JSON Schemas, and reports each mistake once with its location."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
import jsonschema_rs

from driftline.openapi import pointer as json_pointer
from driftline.openapi.schema.validation import list_reasons

Validator = jsonschema_rs.Draft202012Validator
# Keywords that fail for a whole object whenever a part of it fails.
_CONSEQUENCES = frozenset({"unevaluatedProperties", "unevaluatedItems"})


@attrs.frozen
class Mistake:
    """A mistake at a location in the checked value; `missing` is a member that it lacks."""

    path: str
    message: str
    missing: str = ""


@cache
def load_vocabulary() -> Mapping[str, Any]:
    """Return the JSON Schema of driftline's extensions."""
    text = (
        files("driftline.openapi.extensions").joinpath("vocabulary.schema.json").read_text("utf-8")
    )
    vocabulary: Mapping[str, Any] = json.loads(text)
    return vocabulary


@cache
def build_extension_validator(name: str) -> Validator:
    """Return the validator for the value of one extension, such as `x-listing`."""
    return Validator({**load_vocabulary(), "$ref": f"#/$defs/{name}"})


def list_mistakes(validator: Validator, value: Any) -> list[Mistake]:
    """Return the mistakes in `value`, each once."""
    errors = [reason for error in validator.iter_errors(value) for reason in list_reasons(error)]
    located_errors = [(json_pointer.join(*error.instance_path), error) for error in errors]
    causes = [path for path, error in located_errors if _get_keyword(error) not in _CONSEQUENCES]
    mistakes = [
        mistake
        for path, error in located_errors
        if _get_keyword(error) not in _CONSEQUENCES or not _has_cause_within(path, causes)
        for mistake in _describe_error(path, error)
    ]
    return list(dict.fromkeys(mistakes))


def _has_cause_within(path: str, causes: Iterable[str]) -> bool:
    return any(cause == path or cause.startswith(path + "/") for cause in causes)


def _get_keyword(error: Any) -> str:
    return str(error.schema_path[-1]) if error.schema_path else ""


def _describe_error(path: str, error: Any) -> Iterator[Mistake]:
    if _get_keyword(error) in {*_CONSEQUENCES, "additionalProperties"}:
        for name in getattr(error.kind, "unexpected", []):
            at = path + json_pointer.join(name)
            yield Mistake(at, f"{str(name)[:60]!r} is not allowed here")
        return
    branches: list[list[Any]] = getattr(error.kind, "context", None) or []
    missing = [getattr(reason.kind, "property", None) for branch in branches for reason in branch]
    if missing and all(isinstance(name, str) for name in missing):
        names = ", ".join(map(str, missing))
        yield Mistake(path, f"one of these is required: {names}", str(missing[0]))
        return
    message = str(error.message)
    excerpt = message if len(message) <= 160 else f"{message[:60]} … {message[-95:]}"
    yield Mistake(path, excerpt, str(getattr(error.kind, "property", "")))
