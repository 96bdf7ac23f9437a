"""One thing wrong with a message, before it is a finding."""

from __future__ import annotations

import attrs

__all__ = ["Flaw"]


@attrs.frozen
class Flaw:
    """One thing wrong with a message; `where` is its place in it, indexes collapsed.

    `rests_on` is the clause that the finding stands or falls with, if that is another one, and
    `keyword` the word of JSON Schema that a request breaks.
    """

    kind: str
    pointer: str
    message: str
    expected: str
    got: str
    where: str = ""
    rests_on: str = ""
    keyword: str = ""
