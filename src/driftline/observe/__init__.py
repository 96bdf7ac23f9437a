"""Checks of recorded traffic, without sending anything."""

from driftline.observe.run import (
    FileSummary as FileSummary,
    Observation as Observation,
    Progress as Progress,
    observe as observe,
)
