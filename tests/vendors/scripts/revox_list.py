"""Use the unmodified vendor package to page, and to filter by a comma-joined array."""

import json
import sys

import revox
from revox import Revox

client = Revox(base_url=sys.argv[1], api_key=sys.argv[2], max_retries=0)
ids, page = [], 1
while calls := client.call.list(page=page, page_size=100).calls:
    ids += [call.id for call in calls]
    page += 1
filtered_page = client.call.list(page=1, page_size=250, statuses=["completed", "errored"])
try:
    Revox(base_url=sys.argv[1], api_key="wrong", max_retries=0).call.list(page=1, page_size=1)
    rejected_status = None
except revox.AuthenticationError as error:
    rejected_status = error.status_code
print(
    json.dumps(
        {
            "version": revox.__version__,
            "ids": ids,
            "filtered": [call.id for call in filtered_page.calls],
            "refused": rejected_status,
        }
    )
)
