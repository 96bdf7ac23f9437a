"""All entries of the catalogue by id, in the order in which they are explained."""

from __future__ import annotations

from collections.abc import Mapping

from driftline.checks.catalogue.client import CLIENT, OWN, READINGS
from driftline.checks.catalogue.effects import EFFECTS
from driftline.checks.catalogue.entry import CatalogueEntry
from driftline.checks.catalogue.listings import LISTINGS
from driftline.checks.catalogue.requests import REQUESTS
from driftline.checks.catalogue.responses import RESPONSES

_ENTRIES = (*RESPONSES, *REQUESTS, *LISTINGS, *EFFECTS, *CLIENT, *OWN, *READINGS)

CATALOGUE: Mapping[str, CatalogueEntry] = {entry.id: entry for entry in _ENTRIES}

EDITABLE = frozenset(e.id for e in CATALOGUE.values() if isinstance(e.settled_by, str))
"""The ids of findings that an edit of the spec settles."""
FOLLOWING = frozenset(entry.id for entry in CLIENT)
"""The ids of findings about the client, which follow from what it received."""
FROM_READINGS = frozenset(entry.id for entry in READINGS)
"""The ids that need no server: the contract suite never reports them."""
