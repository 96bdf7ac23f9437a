"""The meaning of every finding by id: the source of `KINDS`, help and docs."""

from driftline.checks.catalogue.entry import CatalogueEntry as CatalogueEntry
from driftline.checks.catalogue.table import (
    CATALOGUE as CATALOGUE,
    EDITABLE as EDITABLE,
    FROM_READINGS as FROM_READINGS,
)
