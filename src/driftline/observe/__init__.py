"""Passive runs: the checks of the contract suite over recorded traffic; nothing is sent."""

from driftline.observe.run import (
    FileLine as FileLine,
    Observation as Observation,
    Progress as Progress,
    observe as observe,
)
