"""Judges recorded exchanges by the rules of the contract suite, and shows no secret of them."""

from driftline.observe.judging.exchanges import JudgedExchange, build_recorded_exchange
from driftline.observe.judging.judge import NAMES, Judge

__all__ = ["NAMES", "Judge", "JudgedExchange", "build_recorded_exchange"]
