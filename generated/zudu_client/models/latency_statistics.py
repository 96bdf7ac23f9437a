# Made by `driftline generate zudu`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from collections.abc import Sequence

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import ABSENT, Model
from driftline.runtime import optional as _optional

__all__ = ["LatencyStatistics"]


@_frozen(kw_only=True, repr=False, eq=False)
class LatencyStatistics(Model):
    """Measurements in milliseconds, and how they are distributed."""

    max_: float | None = _field(default=ABSENT, metadata=_optional("max"))
    """The longest."""
    min_: float | None = _field(default=ABSENT, metadata=_optional("min"))
    """The shortest."""
    num: int | None = _field(default=ABSENT, metadata=_optional("num"))
    """How many were measured."""
    p50: float | None = _field(default=ABSENT, metadata=_optional("p50"))
    """Half were at most this long."""
    p90: float | None = _field(default=ABSENT, metadata=_optional("p90"))
    """90 % were at most this long."""
    p95: float | None = _field(default=ABSENT, metadata=_optional("p95"))
    """95 % were at most this long."""
    p99: float | None = _field(default=ABSENT, metadata=_optional("p99"))
    """99 % were at most this long."""
    values: Sequence[float] | None = _field(default=ABSENT, metadata=_optional("values"))
    """Single measurements."""
