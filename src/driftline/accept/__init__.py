"""From a finding to the smallest edit of the spec: shown first, then written, all or nothing."""

from driftline.accept.applying import AcceptanceResult, apply_plan, commit_plan
from driftline.accept.assumptions import confirm_assumptions
from driftline.accept.edits import RejectedFinding, SpecEdit
from driftline.accept.effects import Effects, StagedProject, measure_effects, stage_plan
from driftline.accept.outcome import Acceptance
from driftline.accept.plan import AcceptancePlan, build_plan
from driftline.accept.selecting import select_findings

__all__ = [
    "Acceptance",
    "AcceptancePlan",
    "AcceptanceResult",
    "Effects",
    "RejectedFinding",
    "SpecEdit",
    "StagedProject",
    "apply_plan",
    "build_plan",
    "commit_plan",
    "confirm_assumptions",
    "measure_effects",
    "select_findings",
    "stage_plan",
]
