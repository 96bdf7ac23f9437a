"""All entries of the catalogue by id, in the order in which they are explained."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.checks.catalogue.answers import ANSWERS
from driftline.checks.catalogue.effects import EFFECTS
from driftline.checks.catalogue.entry import CatalogueEntry
from driftline.checks.catalogue.listings import LISTINGS
from driftline.checks.catalogue.others import OTHERS
from driftline.checks.catalogue.readings import READINGS
from driftline.checks.catalogue.requests import REQUESTS

__all__ = ["CATALOGUE", "FROM_READINGS"]

CATALOGUE: Mapping[str, CatalogueEntry] = {
    entry.id: entry for entry in (*ANSWERS, *REQUESTS, *LISTINGS, *EFFECTS, *OTHERS, *READINGS)
}

FROM_READINGS = frozenset(entry.id for entry in READINGS)
"""The ids that need no server: the contract suite never reports them."""
