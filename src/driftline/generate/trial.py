"""What of a spec the generator cannot take: nothing any more, since `prepare` widens it."""

from __future__ import annotations

import attrs

from driftline.spec import Spec

__all__ = ["Unfit", "trial"]


@attrs.frozen
class Unfit:
    """What cannot be taken, by its place in the document, and what the generator says of it."""

    place: tuple[str, ...]
    reason: str


def trial(spec: Spec) -> list[Unfit]:
    """Return nothing: every operation of a spec can be generated."""
    del spec
    return []
