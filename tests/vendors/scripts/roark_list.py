"""Use the unmodified vendor package to list, page by cursor, filter, and fail to authenticate."""

import json
import sys

import roark_analytics
from roark_analytics import Roark

client = Roark(base_url=sys.argv[1], bearer_token=sys.argv[2], max_retries=0)
ids, cursor = [], None
while True:
    page = client.call.list(limit=100, **({"after": cursor} if cursor else {}))
    ids += [call.id for call in page.data]
    cursor = page.pagination.next_cursor
    if not page.pagination.has_more:
        break
ended_calls = client.call.list(status="ENDED", sort_by="duration", sort_direction="asc", limit=50)
try:
    Roark(base_url=sys.argv[1], bearer_token="wrong", max_retries=0).call.list()
    rejected_status = None
except roark_analytics.AuthenticationError as error:
    rejected_status = error.status_code
print(
    json.dumps(
        {
            "version": roark_analytics.__version__,
            "ids": ids,
            "total": page.pagination.total,
            "statuses": sorted({call.status for call in ended_calls.data}),
            "durations": [
                call.duration_ms for call in ended_calls.data if call.duration_ms is not None
            ],
            "refused": rejected_status,
        }
    )
)
