"""Which operations a run is about: all, or those that `--operation` and `--tag` name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import attrs

from driftline.errors import UsageError
from driftline.openapi.model import Operation, Spec
from driftline.openapi.pointer import is_array

__all__ = ["ALL", "OperationFilter"]


@attrs.frozen(kw_only=True)
class OperationFilter:
    """Globs for operations, by id or as `METHOD /path`, and for their tags; none: all."""

    operations: Sequence[str] = ()
    tags: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.operations or self.tags)

    def has(self, spec: Spec, operation: Operation) -> bool:
        """Whether the filter lets an operation through."""
        if not self:
            return True
        names = (operation.id, f"{operation.method} {operation.path}")
        tags = spec.get_node(operation.pointer).get("tags")
        return any(fnmatchcase(name, glob) for glob in self.operations for name in names) or any(
            fnmatchcase(str(tag), glob)
            for glob in self.tags
            for tag in (tags if is_array(tags) else ())
        )

    def check(self, specs: Sequence[Spec]) -> None:
        """Raise a UsageError where the filter lets nothing through."""
        if any(self.has(spec, operation) for spec in specs for operation in spec.operations):
            return
        globs = ", ".join(map(repr, (*self.operations, *self.tags)))
        hint = "Name an operation by its id or as 'GET /path', or a tag; * matches anything."
        raise UsageError(f"no operation matches {globs}", hint)


ALL = OperationFilter()
