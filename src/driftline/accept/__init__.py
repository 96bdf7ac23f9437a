"""Turns findings into the smallest edits of the spec, which are shown first, then written."""

from driftline.accept.applying import AcceptanceResult, apply_plan, commit_plan
from driftline.accept.assumptions import confirm_assumptions
from driftline.accept.callers import run_mypy
from driftline.accept.effects import Effects, measure_effects, stage_plan
from driftline.accept.outcome import Acceptance, describe_finding
from driftline.accept.plan import AcceptancePlan, build_plan, select_findings
