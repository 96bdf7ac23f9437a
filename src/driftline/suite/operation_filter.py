"""Selects the operations of a run by `--operation` and `--tag`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

import attrs

from driftline.errors import UsageError
from driftline.openapi import Operation, Spec, is_array


@attrs.frozen(kw_only=True)
class OperationFilter:
    """Globs for operations, by id or as `METHOD /path`, and for their tags; none: all.

    A glob that begins with `!` leaves out what it matches. `apis` are the filters of single APIs.
    """

    operations: Sequence[str] = ()
    tags: Sequence[str] = ()
    apis: Mapping[str, OperationFilter] = attrs.field(factory=dict[str, "OperationFilter"])

    def __bool__(self) -> bool:
        return bool(self.operations or self.tags or self.apis)

    def has(self, spec: Spec, operation: Operation) -> bool:
        """Return whether the filter selects an operation."""
        if spec.name in self.apis:
            return self.apis[spec.name].has(spec, operation)
        tags = list_tags(spec, operation)
        names = [operation.id, f"{operation.method} {operation.path}"]
        pairs = [(glob, names) for glob in self.operations]
        pairs += [(glob, tags) for glob in self.tags]
        if any(_matches(glob[1:], values) for glob, values in pairs if glob.startswith("!")):
            return False
        positive_pairs = [(glob, values) for glob, values in pairs if not glob.startswith("!")]
        return not positive_pairs or any(_matches(glob, values) for glob, values in positive_pairs)

    def check(self, specs: Sequence[Spec]) -> None:
        """Raise a UsageError if the filter selects nothing."""
        if any(self.has(spec, operation) for spec in specs for operation in spec.operations):
            return
        globs = ", ".join(map(repr, (*self.operations, *self.tags)))
        hint = "Name an operation by its id or as 'GET /path', or a tag; * matches anything."
        raise UsageError(f"no operation matches {globs}", hint)


def list_tags(spec: Spec, operation: Operation) -> list[str]:
    """Return the tags of an operation."""
    tags = spec.get_node(operation.pointer).get("tags")
    return [str(tag) for tag in tags] if is_array(tags) else []


def _matches(glob: str, values: Sequence[str]) -> bool:
    return any(fnmatchcase(value, glob) for value in values)


ALL = OperationFilter()
