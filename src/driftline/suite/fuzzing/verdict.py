"""A failed check of schemathesis, as a finding."""

from __future__ import annotations

from typing import Final

import attrs

REQUEST: Final = frozenset({"request.valid.rejected", "request.invalid.accepted"})
"""The finding IDs that are about both request and response."""


@attrs.frozen
class Verdict:
    """A failed check of schemathesis."""

    kind: str
    pointer: str
    message: str
    expected: str
    where: str

    @property
    def is_about_the_response(self) -> bool:
        """Return whether the check of responses finds the same."""
        return not self.is_about_the_request and not self.kind.startswith("effect.")

    @property
    def is_about_the_request(self) -> bool:
        """Return whether a valid request was rejected, or an invalid one accepted."""
        return self.kind in REQUEST
