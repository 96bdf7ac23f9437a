"""Runs the registered checks over the operations of a run, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

import attrs

from driftline.checks import CHECKS, Check, RegisteredCheck
from driftline.suite.probe import Examination
from driftline.suite.run_state import Run, Subject

Rank = Callable[[str, str], int | None]
"""Ranks a check by operation and name: the lowest first, None to skip it."""
StopWhen = Callable[[Check], bool]


@attrs.frozen
class Plan:
    """One registered check of one operation."""

    check: RegisteredCheck
    subject: Subject

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.subject.spec.name, self.subject.operation.id, self.check.name)

    @property
    def examination(self) -> Examination:
        """The function of the check."""
        return find_examination(self.check)

    @property
    def id(self) -> str:
        """The ID of the parametrized test."""
        return f"{self.check.name.replace(' ', '-')}-{self.subject.id}"


def find_examination(check: RegisteredCheck) -> Examination:
    """Return the function of a check."""
    if not isinstance(check.examination, str):
        return check.examination
    module, _, name = check.examination.partition(":")
    examine: Examination = getattr(import_module(f"driftline.suite.{module}"), name)
    return examine


def select_subjects(run: Run, check: RegisteredCheck) -> list[Subject]:
    """Return the operations of this run to which a check applies."""
    return [
        subject for subject in run.list_subjects() if check.applies(subject.spec, subject.operation)
    ]


def plan_checks(
    run: Run, rank: Rank | None = None, own_checks: Sequence[RegisteredCheck] = ()
) -> list[Plan]:
    """Return the plans in order: check by check, or by `rank`; `own_checks` checks come last."""
    checks = (*CHECKS, *own_checks)
    plans = [Plan(check, subject) for check in checks for subject in select_subjects(run, check)]
    if rank is None:
        return plans
    ranks = [(rank(plan.subject.operation.id, plan.check.name), plan) for plan in plans]
    ranked_plans = [(position, plan) for position, plan in ranks if position is not None]
    return [plan for _, plan in sorted(ranked_plans, key=lambda pair: pair[0])]


def run_checks(run: Run, plans: Sequence[Plan], stop_when: StopWhen | None = None) -> bool:
    """Run the planned checks and record each; return whether all were run.

    Raises:
        TargetError: no server has ever responded.
    """
    for plan in plans:
        check = run.examine(plan.subject, plan.check.name, find_examination(plan.check))
        run.record(check)
        if stop_when is not None and stop_when(check):
            return False
    return True
