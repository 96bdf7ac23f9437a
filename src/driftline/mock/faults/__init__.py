"""Trouble on demand: what goes wrong on the way, when somebody asks for it."""

from driftline.mock.faults.applying import Drifts, Trouble
from driftline.mock.faults.rules import Latency, Rule
from driftline.mock.faults.syntax import SYNTAX, parse_rule

__all__ = ["SYNTAX", "Drifts", "Latency", "Rule", "Trouble", "parse_rule"]
