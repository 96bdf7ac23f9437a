"""Passive runs: the checks of the contract suite over recorded traffic; nothing is sent."""

from driftline.observe.run import STDIN, FileLine, Observation, Progress, observe

__all__ = ["STDIN", "FileLine", "Observation", "Progress", "observe"]
