"""Use the unmodified vendor package to start an analysis, and one with too few participants."""

import json
import sys

import roark_analytics
from roark_analytics import Roark

client = Roark(base_url=sys.argv[1], bearer_token=sys.argv[2], max_retries=0)
analysis = {
    "recording_url": "https://example.com/recording.wav",
    "started_at": "2025-02-11T01:04:32.737Z",
    "interface_type": "PHONE",
    "call_direction": "INBOUND",
    "is_test": True,
}
response = client.call_analysis.create(
    **analysis, participants=[{"role": "AGENT"}, {"role": "CUSTOMER"}]
)
try:
    client.call_analysis.create(**analysis, participants=[{"role": "AGENT"}])
    rejected_status = None
except roark_analytics.BadRequestError as error:
    rejected_status = error.status_code
print(
    json.dumps(
        {
            "version": roark_analytics.__version__,
            "jobId": response.data.job_id,
            "isTest": response.data.call.is_test,
            "direction": response.data.call.call_direction,
            "participants": len(response.data.call.participants),
            "refused": rejected_status,
        }
    )
)
