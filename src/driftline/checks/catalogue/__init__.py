"""What every finding means, by its id: the one place that `KINDS`, help and docs are made from."""

from driftline.checks.catalogue.entry import CatalogueEntry
from driftline.checks.catalogue.table import CATALOGUE, FROM_READINGS

__all__ = ["CATALOGUE", "FROM_READINGS", "CatalogueEntry"]
