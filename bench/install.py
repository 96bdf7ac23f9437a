"""Counts the distributions that an application installs, with all dependencies."""

from __future__ import annotations

from bench.children import report
from bench.figures import Comparison, Target
from bench.pages import ROOT

VENDOR = "roark-analytics==2.24.1"
RESOLVE = ("--quiet", "--dry-run", "--ignore-installed", "--report", "-")


def _count(requirement: str) -> float:
    """Return the number of packages that pip would install into an empty environment."""
    return float(len(report("-m", "pip", "install", *RESOLVE, requirement)["install"]))


def measure(_: int) -> list[Comparison]:
    """Compare this project with the vendor's SDK; the count is the same in every round."""
    return [
        Comparison(
            measurement="install",
            subject="pip install, into nothing",
            unit="packages",
            ours="this project",
            rounds=(_count(str(ROOT)),),
            reference="vendor's SDK",
            reference_rounds=(_count(VENDOR),),
            target=Target("at most", 10, of="figure"),
        )
    ]
