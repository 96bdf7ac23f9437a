"""How the mock says no."""

from __future__ import annotations

import attrs

from driftline.mock.http.messages import Headers


@attrs.frozen
class Rejection(Exception):
    """A request that the spec does not allow; the text is for a person to read."""

    status: int
    text: str
    headers: Headers = ()

    def __str__(self) -> str:
        return self.text
