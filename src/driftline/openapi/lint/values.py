"""Validates examples and defaults, and finds schemas without a usable value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import isinf
from typing import Any

import attrs

from driftline.errors import Problem
from driftline.file_formats import find_format_problem
from driftline.openapi import pointer as json_pointer
from driftline.openapi.model import MediaType, Spec
from driftline.openapi.pointer import is_array, is_object
from driftline.openapi.schema.cost import get_costs
from driftline.openapi.schema.impossible import find_conflict
from driftline.openapi.schema.validation import find_broken, list_violations
from driftline.openapi.schema.walk import list_holders, list_roots, list_subschemas

HINT = "Correct the value, or the schema."
_MOST = 5


@attrs.frozen
class NamedValue:
    """An example or default with its schema: the pointers of both, and which of them it is."""

    keyword: str
    schema: str
    location: str
    value: Any


def lint_values(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for every example or default that its schema rejects."""
    values = list(list_values(spec))
    for index in find_broken(
        spec, [(named_value.schema, named_value.value) for named_value in values]
    ):
        yield from _lint_value(spec, values[index])
    yield from _lint_bodies(spec)


def _lint_bodies(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for every example of a file that is not a file of its media type."""
    for media in _list_media_types(spec):
        node = spec.get_node(media.pointer)
        is_file = media.kind != "json" and "*" not in media.name and is_object(node)
        for pointer, example in _list_examples(spec, media.pointer, node) if is_file else ():
            if not isinstance(example, str):
                continue
            content = example.encode("utf-8", "replace")
            problem = find_format_problem(media.kind, media.name, content)
            if problem is not None:
                message = f"this example is not {problem.expected}"
                yield Problem("example.invalid", spec.locate(pointer), message, HINT, "warning")


def _list_media_types(spec: Spec) -> Iterator[MediaType]:
    """Yield every form of every body of a request or a response."""
    for operation in spec.operations:
        yield from operation.body.content if operation.body else ()
        for response in operation.responses:
            yield from response.content


def list_values(spec: Spec) -> Iterator[NamedValue]:
    """Yield every example and default of the spec."""
    for pointer, node in list_holders(spec.document):
        for value_pointer, value in _list_examples(spec, pointer, node):
            yield NamedValue("example", pointer + "/schema", value_pointer, value)
    for root, schema in list_roots(spec.document):
        for pointer, subschema in list_subschemas(schema, root):
            for keyword in ("default", "example"):
                # Generators write `example: null` for a schema without an example.
                if keyword in subschema and (keyword, subschema[keyword]) != ("example", None):
                    yield NamedValue(keyword, pointer, f"{pointer}/{keyword}", subschema[keyword])
            examples = subschema.get("examples")
            for index, value in enumerate(examples if is_array(examples) else ()):
                yield NamedValue("example", pointer, f"{pointer}/examples/{index}", value)


def _list_examples(spec: Spec, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in node:
        yield pointer + "/example", node["example"]
    examples = node.get("examples")
    for name in examples if is_object(examples) else ():
        target, example = spec.resolve(pointer + json_pointer.join("examples", name))
        if is_object(example) and "value" in example:
            yield target + "/value", example["value"]


def _lint_value(spec: Spec, named_value: NamedValue) -> Iterator[Problem]:
    for violation in list_violations(spec, named_value.schema, named_value.value)[:_MOST]:
        suffix = f" at {violation.path}" if violation.path else ""
        message = violation.message if len(violation.message) < 200 else violation.keyword
        yield Problem(
            f"{named_value.keyword}.invalid",
            spec.locate(named_value.location + violation.path),
            f"this {named_value.keyword} violates its schema{suffix}: {message}",
            HINT,
            "warning",
        )


_MOST_COSTS = 50
"""Problems that are reported; a document made to be costly may have one for each schema."""


def lint_costs(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for each schema without a usable value, only the innermost ones."""
    costs = get_costs(spec)
    needed_schemas = set(_list_needed(spec))
    endless = {root for root, _ in list_roots(spec.document) if isinf(costs.estimate_size(root))}
    for pointer in (
        islice(costs.list_endless_loops(sorted(endless)), _MOST_COSTS) if endless else ()
    ):
        message = "no finite value satisfies the schema: every value contains another one"
        hint = "Make the field that leads back optional or nullable."
        yield Problem("schema.no-finite-value", spec.locate(pointer), message, hint, "warning")
    yield from islice(_list_costly(spec, sorted(needed_schemas - endless)), _MOST_COSTS)
    yield from islice(_list_impossible(spec), _MOST_COSTS)


def _list_impossible(spec: Spec) -> Iterator[Problem]:
    """Yield a problem for each schema of which two clauses exclude each other."""
    conflicts = {
        conflict: None
        for root, schema in list_roots(spec.document)
        for pointer, _ in list_subschemas(schema, root)
        if (conflict := find_conflict(spec, pointer)) is not None
    }
    for pointer, reason in conflicts:
        message = f"no value satisfies the schema: {reason}"
        hint = "Correct one of the two; the mock responds with 501 where it needs such a value."
        yield Problem("schema.impossible", spec.locate(pointer), message, hint, "warning")


def _list_costly(spec: Spec, pointers: Sequence[str]) -> Iterator[Problem]:
    reported_pointers: set[str] = set()
    for pointer in pointers:
        costly = get_costs(spec).find_problem(pointer)
        if (
            costly
            and costly.pointer not in reported_pointers
            and spec.get_node(costly.pointer) is not False
        ):
            reported_pointers.add(costly.pointer)
            location = spec.locate(costly.pointer)
            hint = "Lower its bounds; the mock responds with 501 where it needs such a value."
            yield Problem("schema.too-costly", location, costly.reason, hint, "warning")


def _list_needed(spec: Spec) -> Iterator[str]:
    """Yield the schemas of request bodies and of successes."""
    for operation in spec.operations:
        bodies = operation.body.content if operation.body else ()
        successes = [
            response for response in operation.responses if response.status.startswith("2")
        ]
        for media in (*bodies, *(media for response in successes for media in response.content)):
            if media.schema_pointer:
                yield media.schema_pointer
