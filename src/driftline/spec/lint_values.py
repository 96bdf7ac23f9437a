"""Holds every example and default of a spec against the schema it stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from driftline.errors import SpecProblem
from driftline.spec import pointer as json_pointer
from driftline.spec.model import Spec
from driftline.spec.pointer import is_array, is_object
from driftline.spec.schema import violations
from driftline.spec.walk import holders, roots, subschemas

__all__ = ["value_problems"]

REMEDY = "Mend the value, or the schema."


def value_problems(spec: Spec) -> Iterator[SpecProblem]:
    """Every example or default that its own schema does not allow."""
    for pointer, node in holders(spec.document):
        for place, value in _examples(spec, pointer, node):
            yield from _broken(spec, "example", pointer + "/schema", place, value)
    for root, schema in roots(spec.document):
        for pointer, each in subschemas(schema, root):
            for word in ("default", "example"):
                if word in each:
                    place = f"{pointer}/{word}"
                    yield from _broken(spec, word, pointer, place, each[word])
            listed = each.get("examples")
            for index, value in enumerate(listed if is_array(listed) else ()):
                yield from _broken(spec, "example", pointer, f"{pointer}/examples/{index}", value)


def _examples(spec: Spec, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in node:
        yield pointer + "/example", node["example"]
    named = node.get("examples")
    for name in named if is_object(named) else ():
        place, example = spec.resolve(pointer + json_pointer.join("examples", name))
        if is_object(example) and "value" in example:
            yield place + "/value", example["value"]


def _broken(spec: Spec, word: str, schema: str, place: str, value: Any) -> Iterator[SpecProblem]:
    for violation in violations(spec, schema, value):
        where = f" at {violation.path}" if violation.path else ""
        message = violation.message if len(violation.message) < 200 else violation.keyword
        what = f"this {word} breaks its schema{where}: {message}"
        yield SpecProblem(spec.location(place + violation.path), what, REMEDY)
