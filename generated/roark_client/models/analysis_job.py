# Made by `driftline generate roark`. Do not edit: change specs/ and run it again.
from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from attrs import field as _field
from attrs import frozen as _frozen
from driftline.runtime import Model
from driftline.runtime import required as _required

if TYPE_CHECKING:
    from .analysis_call import AnalysisCall

__all__ = ["AnalysisJob"]


@_frozen(kw_only=True, repr=False, eq=False)
class AnalysisJob(Model):
    """The job that analyses a call, and the call."""

    job_id: UUID = _field(metadata=_required("jobId"))
    """Names the job."""
    status: str = _field(metadata=_required("status"))
    """How far the job is. The document's example is PENDING."""
    call: AnalysisCall = _field(metadata=_required("call"))
    """The call that is analysed."""
