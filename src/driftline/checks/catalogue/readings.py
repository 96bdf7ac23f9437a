"""The findings that need no server: the spec itself, and the generated client beside it."""

from __future__ import annotations

from driftline.checks.catalogue.entry import CatalogueEntry

READINGS = (
    CatalogueEntry(
        id="spec.unsound",
        summary="the spec violates a rule",
        meaning="An example breaks its schema, a pointer leads nowhere, or another rule of "
        "specs/README.md does not hold. driftline lint tells the same.",
        message="the example does not satisfy the schema: 'maybe' is not of type 'boolean'",
        expected="An example that the schema allows.",
        got='"maybe"',
        remedy="Fix the line that the finding names; expected says how.",
        checks=("spec",),
    ),
    CatalogueEntry(
        id="generated.stale",
        summary="the client in generated/ is not what the spec gives",
        meaning="The spec was changed and the client not regenerated, or a generated file was "
        "changed by hand. The files that differ are named.",
        message="the client in generated/ is not what the spec gives: 2 files",
        expected="what `driftline generate shop` makes",
        got="shop_client/client.py (different), shop_client/models/order.py (missing)",
        remedy="Run driftline generate and commit what it changes.",
        checks=("fresh",),
    ),
)
