"""The meaning of every finding by id: the source of `KINDS`, help and docs."""

from driftline.checks.catalogue.entry import CatalogueEntry
from driftline.checks.catalogue.table import CATALOGUE, EDITABLE, FROM_READINGS
