"""Trouble on demand: what goes wrong on the way, when somebody asks for it."""

from driftline.mock.faults.applying import DriftSource, Faults
from driftline.mock.faults.rules import FaultRule, Latency
from driftline.mock.faults.syntax import SYNTAX, parse_rule

__all__ = ["SYNTAX", "DriftSource", "FaultRule", "Faults", "Latency", "parse_rule"]
