"""Turns findings into the smallest edits of the spec, which are shown first, then written."""

from driftline.accept.applying import (
    AcceptanceResult as AcceptanceResult,
    apply_plan as apply_plan,
    commit_plan as commit_plan,
)
from driftline.accept.assumptions import confirm_assumptions as confirm_assumptions
from driftline.accept.callers import run_mypy as run_mypy
from driftline.accept.effects import (
    Effects as Effects,
    measure_effects as measure_effects,
    stage_plan as stage_plan,
)
from driftline.accept.outcome import Acceptance as Acceptance, describe_finding as describe_finding
from driftline.accept.plan import (
    AcceptancePlan as AcceptancePlan,
    build_plan as build_plan,
    select_findings as select_findings,
)
