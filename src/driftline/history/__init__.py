"""What many runs found, without a server: a file of lines, and what each clause went through."""

from driftline.history.file import append_run, read_runs
from driftline.history.run_entry import RunEntry, TrackedClause
from driftline.history.timeline import ClauseTimeline, Timeline, build_timeline

__all__ = [
    "ClauseTimeline",
    "RunEntry",
    "Timeline",
    "TrackedClause",
    "append_run",
    "build_timeline",
    "read_runs",
]
