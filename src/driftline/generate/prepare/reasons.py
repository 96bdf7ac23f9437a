"""What is widened in a client's types, and why: one ID and one text each."""

from __future__ import annotations

from typing import Final

from driftline.errors import Problem
from driftline.openapi import Spec

_WIDER: Final = "The client works with a wider type here."
REASONS: Final[dict[str, tuple[str, str]]] = {
    "client.widened.schema-false": (
        "no value is valid here (`false`)",
        "Typed as `Any`. Remove the property, or give it a schema.",
    ),
    "client.widened.array-without-items": (
        "the array has no `items`",
        "Typed as a sequence of `Any`. Describe the items.",
    ),
    "client.widened.tuple": (
        "positions of an array have schemas of their own",
        "Typed as a sequence of any of them.",
    ),
    "client.widened.enum-empty": (
        "the `enum` lists no value",
        "Typed without it. List the values, or remove the keyword.",
    ),
    "client.widened.enum-type": (
        "values of the `enum` are not of the schema's `type`",
        "Typed by `type` alone. Quote the values, or correct the type.",
    ),
    "client.widened.enum-values": (
        "the `enum` has values that no literal type can name",
        "Typed by the kinds of its values.",
    ),
    "client.widened.const-value": (
        "the `const` is a value that no literal type can name",
        "Typed by the kind of the value.",
    ),
    "client.widened.allof-conflict": (
        "the parts of the `allOf` exclude each other",
        "Typed as `Any`. Correct the types of the parts.",
    ),
    "client.widened.allof-choices": (
        "the `allOf` combines several choices",
        "Typed by the fields that are always there.",
    ),
    "client.widened.recursive-alias": (
        "the schema contains itself without an object in between",
        "Typed as `Any` where it comes again.",
    ),
    "client.widened.too-large": (
        "the type has too many parts to be written out",
        "Typed as `Any`. Give its parts names under components/schemas.",
    ),
    "client.widened.unknown-type": (
        "the `type` is not one of JSON Schema's",
        "Typed as `Any`. Correct the type.",
    ),
    "client.widened.reference": (
        "the `$ref` leads to no schema",
        "Typed as `Any`. Correct the reference.",
    ),
    "client.widened.unknown": (
        "openapi-python-client cannot express this schema",
        "Typed as `Any`. Please report it, with the schema.",
    ),
    "client.response-status": (
        "the status of the response is not a code, a range such as 4XX, or default",
        "The client treats the response as undocumented. Correct the status.",
    ),
    "client.parameter-outside-path": (
        "the path has no place for this path parameter",
        "The client does not send it. Correct its name, or the path.",
    ),
    "client.parameter-undocumented": (
        "the path has a parameter that is not described",
        "Typed as `Any`. Describe it under `parameters`.",
    ),
}


class Reporter:
    """Collects problems, one for each schema and reason."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._found: dict[tuple[str, str], Problem] = {}

    def report(self, problem_id: str, pointer: str) -> None:
        """Add a problem with the clause at `pointer`."""
        key = (problem_id, pointer)
        if key not in self._found:
            message, hint = REASONS[problem_id]
            location = self._spec.locate(pointer)
            self._found[key] = Problem(problem_id, location, message, hint, "warning")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems in the order of the file."""
        return tuple(
            sorted(
                self._found.values(),
                key=lambda found: (found.location.line, found.location.pointer, found.id),
            )
        )
