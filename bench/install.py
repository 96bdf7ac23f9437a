"""How many distributions an application gets: what is installed, and all that it needs."""

from __future__ import annotations

from bench.children import report
from bench.figures import Comparison, Target
from bench.pages import ROOT

VENDOR = "roark-analytics==2.24.1"
RESOLVE = ("--quiet", "--dry-run", "--ignore-installed", "--report", "-")


def _count(requirement: str) -> float:
    """Whatever pip would bring into an empty environment, `what` itself among it."""
    return float(len(report("-m", "pip", "install", *RESOLVE, requirement)["install"]))


def measure(_: int) -> list[Comparison]:
    """This project against the vendor's SDK. A count is the same in every round: one will do."""
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
