"""Judges recorded exchanges by the rules of the contract suite, and redacts secrets."""

from driftline.observe.judging.exchanges import build_recorded_exchange as build_recorded_exchange
from driftline.observe.judging.judge import Judge as Judge
