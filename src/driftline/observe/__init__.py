"""Checks of recorded traffic, without sending anything."""

from driftline.observe.run import (
    FileLine as FileLine,
    Observation as Observation,
    Progress as Progress,
    observe as observe,
)
