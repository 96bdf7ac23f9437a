"""Validates examples and defaults, and finds schemas without a usable value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isinf
from typing import Any

import attrs

from driftline.errors import Problem
from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import Spec
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.schema.cost import get_costs
from driftline.openapi.schema.validation import find_broken, list_violations
from driftline.openapi.schema.walk import list_holders, list_roots, list_subschemas

HINT = "Correct the value, or the schema."
_MOST = 5


@attrs.frozen
class NamedValue:
    """An example or default with its schema: the pointers of both, and which of them it is."""

    word: str
    schema: str
    place: str
    value: Any


def lint_values(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for every example or default that its schema rejects."""
    listed = list(list_values(spec))
    for index in find_broken(spec, [(told.schema, told.value) for told in listed]):
        yield from _lint_value(spec, listed[index])


def list_values(spec: Spec) -> Iterator[NamedValue]:
    """Yield every example and default of the spec."""
    for pointer, node in list_holders(spec.document):
        for place, value in _list_examples(spec, pointer, node):
            yield NamedValue("example", pointer + "/schema", place, value)
    for root, schema in list_roots(spec.document):
        for pointer, each in list_subschemas(schema, root):
            for word in ("default", "example"):
                if word in each:
                    yield NamedValue(word, pointer, f"{pointer}/{word}", each[word])
            listed = each.get("examples")
            for index, value in enumerate(listed if is_array(listed) else ()):
                yield NamedValue("example", pointer, f"{pointer}/examples/{index}", value)


def _list_examples(spec: Spec, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in node:
        yield pointer + "/example", node["example"]
    named = node.get("examples")
    for name in named if is_object(named) else ():
        place, example = spec.resolve(pointer + json_pointer.join("examples", name))
        if is_object(example) and "value" in example:
            yield place + "/value", example["value"]


def _lint_value(spec: Spec, reported: NamedValue) -> Iterator[Problem]:
    for violation in list_violations(spec, reported.schema, reported.value)[:_MOST]:
        where = f" at {violation.path}" if violation.path else ""
        message = violation.message if len(violation.message) < 200 else violation.keyword
        yield Problem(
            f"{reported.word}.invalid",
            spec.locate(reported.place + violation.path),
            f"this {reported.word} breaks its schema{where}: {message}",
            HINT,
            "warning",
        )


_MOST_COSTS = 50
"""Problems that are reported; a document made to be costly may have one for each schema."""


def lint_costs(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for each schema without a usable value, only the innermost ones."""
    costs = get_costs(spec)
    needed = set(_list_needed(spec))
    endless = {place for place, _ in list_roots(spec.document) if isinf(costs.estimate_size(place))}
    for place in islice(costs.list_endless_loops(sorted(endless)), _MOST_COSTS) if endless else ():
        message = "no finite value satisfies the schema: every value contains another one"
        hint = "Make the field that leads back optional or nullable."
        yield Problem("schema.no-finite-value", spec.locate(place), message, hint, "warning")
    yield from islice(_list_costly(spec, sorted(needed - endless)), _MOST_COSTS)


def _list_costly(spec: Spec, places: Sequence[str]) -> Iterator[Problem]:
    reported: set[str] = set()
    for place in places:
        costly = get_costs(spec).find_problem(place)
        if costly and costly.pointer not in reported and spec.get_node(costly.pointer) is not False:
            reported.add(costly.pointer)
            location = spec.locate(costly.pointer)
            hint = "Lower its bounds; the mock responds with 501 where it needs such a value."
            yield Problem("schema.too-costly", location, costly.reason, hint, "warning")


def _list_needed(spec: Spec) -> Iterator[str]:
    """Yield the schemas of request bodies and of successes."""
    for operation in spec.operations:
        bodies = operation.body.content if operation.body else ()
        successes = [each for each in operation.responses if each.status.startswith("2")]
        for media in (*bodies, *(media for each in successes for media in each.content)):
            if media.schema_pointer:
                yield media.schema_pointer
