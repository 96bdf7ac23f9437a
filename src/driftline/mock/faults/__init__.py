"""Fault injection: latency, errors, resets, broken bodies and drift, on demand."""

from driftline.mock.faults.applying import DriftSource, Faults
from driftline.mock.faults.rules import FaultRule, Latency
from driftline.mock.faults.syntax import SYNTAX, parse_rule
