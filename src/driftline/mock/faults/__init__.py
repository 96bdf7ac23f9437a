"""Fault injection: latency, errors, resets, broken bodies and drift, on demand."""

from driftline.mock.faults.applying import DriftSource as DriftSource, Faults as Faults
from driftline.mock.faults.rules import FaultRule as FaultRule, Latency as Latency
from driftline.mock.faults.syntax import SYNTAX as SYNTAX, parse_rule as parse_rule
