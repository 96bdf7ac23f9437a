"""Checks of recorded traffic, without sending anything."""

from driftline.observe.run import FileLine, Observation, Progress, observe
