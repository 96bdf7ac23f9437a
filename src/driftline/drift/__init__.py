"""The main job: do spec, generated client, mock or live server, and documents agree?"""

from driftline.drift.files import write
from driftline.drift.report import Api, OperationLine, Report
from driftline.drift.run import check

__all__ = ["Api", "OperationLine", "Report", "check", "write"]
