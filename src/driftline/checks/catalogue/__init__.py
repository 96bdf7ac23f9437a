"""What every finding means, by its id: the one place that `KINDS`, help and docs are made from."""

from driftline.checks.catalogue.entry import CatalogueEntry as CatalogueEntry
from driftline.checks.catalogue.table import (
    CATALOGUE as CATALOGUE,
    EDITABLE as EDITABLE,
    FROM_READINGS as FROM_READINGS,
)
