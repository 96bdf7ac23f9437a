"""Trouble on demand: what goes wrong on the way, when somebody asks for it."""

from driftline.mock.trouble.applying import Drifts, Trouble
from driftline.mock.trouble.rules import Latency, Rule
from driftline.mock.trouble.syntax import SYNTAX, parse_rule

__all__ = ["SYNTAX", "Drifts", "Latency", "Rule", "Trouble", "parse_rule"]
