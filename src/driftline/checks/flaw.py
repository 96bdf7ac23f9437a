"""One thing wrong with a message, before it is a finding."""

from __future__ import annotations

import attrs

from driftline.checks.observation import ObservedSchema


@attrs.frozen
class Flaw:
    """One thing wrong with a message; `where` is its place in it, indexes collapsed.

    `rests_on` is the clause that the finding stands or falls with, if that is another one,
    `variant` which wrong value it is, `keyword` the word of JSON Schema that a request breaks, and
    `observed` what came.
    """

    kind: str
    pointer: str
    message: str
    expected: str
    got: str
    where: str = ""
    rests_on: str = ""
    variant: str = ""
    keyword: str = ""
    observed: ObservedSchema | None = None
