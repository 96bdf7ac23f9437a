"""Changes as data for all formats of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args

import attrs

from driftline.changes.wire.uses import Use, Uses
from driftline.errors import Location
from driftline.rules import Direction, Severity

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)


@attrs.frozen(kw_only=True)
class Change:
    """One cause: a clause that differs between two documents, with all its uses.

    `id` is stable, `severity` and `direction` follow from it. `old` and `new` are the clause in
    either document, or the nearest node where it is missing. `before` and `after` are short JSON,
    or empty where there is nothing. `assumed` is the reason of an old clause that was assumed.
    """

    id: str
    severity: Severity
    direction: Direction
    api: str
    message: str
    old: Location
    new: Location
    before: str = ""
    after: str = ""
    assumed: str = ""
    uses: Sequence[Use] = ()

    @property
    def operations(self) -> tuple[str, ...]:
        """The affected operations, each once."""
        if isinstance(self.uses, Uses):
            return self.uses.operations
        return tuple(dict.fromkeys(use.operation for use in self.uses if use.operation))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        fields = attrs.asdict(self, recurse=False)
        locations = {side: _describe_location(getattr(self, side)) for side in ("old", "new")}
        return {**fields, **locations, "uses": [attrs.asdict(use) for use in self.uses]}


def _describe_location(location: Location) -> dict[str, Any]:
    file, line = location.file.as_posix(), location.line
    return {"file": file, "line": line, "pointer": location.pointer}
