"""Comparisons: the rounds of ours and of a reference, their medians and their ratio."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any, Literal

import attrs

Rounds = Mapping[str, tuple[float, ...]]
"""By name of what was measured: its figure in each round."""


class CannotMeasure(Exception):
    """A measurement cannot run here; the text says why."""


@attrs.frozen
class Target:
    """The target of a comparison.

    `at most` limits ours divided by the reference, `at least` asks how many times less than the
    reference ours is. With `of="figure"`, the target is for our figure itself.
    """

    direction: Literal["at most", "at least"]
    number: float
    of: Literal["ratio", "figure"] = "ratio"

    def is_met_by(self, value: float) -> bool:
        """Whether a ratio, or figure, is good enough."""
        return value <= self.number if self.direction == "at most" else value >= self.number


@attrs.frozen(kw_only=True)
class Comparison:
    """A comparison of ours with one reference, round by round. Less is better."""

    measurement: str
    subject: str
    unit: str
    ours: str
    rounds: tuple[float, ...]
    reference: str
    reference_rounds: tuple[float, ...]
    target: Target | None = None

    @property
    def figure(self) -> float:
        """The median of our rounds."""
        return statistics.median(self.rounds)

    @property
    def reference_figure(self) -> float:
        """The median of the reference's rounds."""
        return statistics.median(self.reference_rounds)

    @property
    def inverted(self) -> bool:
        """Whether the ratio tells how many times less ours is, and not how many times more."""
        return self.target is not None and self.target.direction == "at least"

    @property
    def ratio(self) -> float:
        """Our median divided by the reference's; if `inverted`, the reference's divided by ours."""
        ours, reference = self.figure, self.reference_figure
        return reference / ours if self.inverted else ours / reference

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.target is None:
            return None
        return self.target.is_met_by(self.figure if self.target.of == "figure" else self.ratio)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            **attrs.asdict(self),
            "figure": self.figure,
            "reference_figure": self.reference_figure,
            "ratio": self.ratio,
            "inverted": self.inverted,
            "met": self.met,
        }


def compare(
    rounds: Rounds,
    ours: str,
    reference: str,
    target: Target | None = None,
    *,
    measurement: str,
    subject: str,
    unit: str,
) -> Comparison:
    """Return the comparison of two cases that were measured together."""
    return Comparison(
        measurement=measurement,
        subject=subject,
        unit=unit,
        ours=ours,
        rounds=rounds[ours],
        reference=reference,
        reference_rounds=rounds[reference],
        target=target,
    )
