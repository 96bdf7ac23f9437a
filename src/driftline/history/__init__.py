"""The history of many runs, in a file: when each finding came and went."""

from driftline.history.file import (
    MessageDelivery,
    append_delivery,
    append_run,
    read_deliveries,
    read_runs,
)
from driftline.history.run_entry import RunEntry, TrackedClause
from driftline.history.timeline import Timeline, build_timeline
