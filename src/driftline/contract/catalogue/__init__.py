"""What every finding means, by its id: the one place that `KINDS`, help and docs are made from."""

from driftline.contract.catalogue.entry import Entry
from driftline.contract.catalogue.table import CATALOGUE, FROM_READINGS

__all__ = ["CATALOGUE", "FROM_READINGS", "Entry"]
