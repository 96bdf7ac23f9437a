"""A failed check of schemathesis' in our words."""

from __future__ import annotations

from typing import Final

import attrs

REQUEST: Final = frozenset({"request.valid.rejected", "request.invalid.accepted"})
"""The kinds that are about the request as much as about the response."""


@attrs.frozen
class Verdict:
    """A failed check of schemathesis'."""

    kind: str
    pointer: str
    message: str
    expected: str
    where: str

    @property
    def is_about_the_response(self) -> bool:
        """Whether our own reading of the response finds the same, if it finds anything."""
        return not self.is_about_the_request and not self.kind.startswith("effect.")

    @property
    def is_about_the_request(self) -> bool:
        """Whether it says that a right request was rejected, or a wrong one taken."""
        return self.kind in REQUEST
