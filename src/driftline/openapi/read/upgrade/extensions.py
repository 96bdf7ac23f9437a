"""Reads driftline's own extensions: a value that says something else is not used."""

from __future__ import annotations

from functools import cache
from typing import Any

from driftline.openapi.lint.metaschema import (
    build_extension_validator,
    list_mistakes,
    load_vocabulary,
)
from driftline.openapi.pointer import join
from driftline.openapi.read.notes import Notes


@cache
def _words() -> frozenset[str]:
    return frozenset(name for name in load_vocabulary()["$defs"] if name.startswith("x-"))


def read_extensions(node: dict[str, Any], pointer: str, notes: Notes) -> None:
    """Check the extensions of an object, and take away those that cannot be read."""
    for name in node.keys() & _words():
        found = list_mistakes(build_extension_validator(name), node[name])
        place = pointer + join(name)
        if found:
            del node[name]
        for mistake in found:
            message = f"{name}: {mistake.message}"
            hint = "See specs/README.md."
            notes.error("extension.invalid", place + mistake.path, message, hint)
