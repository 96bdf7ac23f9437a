"""The history of many runs in a file: when each finding appeared and disappeared."""

from driftline.history.file import (
    MessageDelivery as MessageDelivery,
    append_delivery as append_delivery,
    append_run as append_run,
    list_tracked as list_tracked,
    read_deliveries as read_deliveries,
    read_runs as read_runs,
)
from driftline.history.run_entry import RunEntry as RunEntry, TrackedClause as TrackedClause
from driftline.history.timeline import Timeline as Timeline, build_timeline as build_timeline
