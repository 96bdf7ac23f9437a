"""Use the unmodified vendor package to create a call, and a second one with its externalId."""

import json
import sys

import roark_analytics
from roark_analytics import Roark

client = Roark(base_url=sys.argv[1], bearer_token=sys.argv[2], max_retries=0)
call = {
    "recording_url": "https://example.com/a.wav",
    "started_at": "2026-01-02T03:04:05Z",
    "interface_type": "PHONE",
    "call_direction": "OUTBOUND",
    "external_id": "vendor-1",
    "agent": {"name": "Ada", "prompt": {"resolved_prompt": "Be kind."}},
    "transcript": [{"role": "AGENT", "text": "Hi", "start_offset_ms": 0, "end_offset_ms": 9}],
}
response = client.call.create(**call)
try:
    client.call.create(**call)
    rejected_status = None
except roark_analytics.ConflictError as error:
    rejected_status = error.status_code
print(
    json.dumps(
        {
            "version": roark_analytics.__version__,
            "id": response.data.id,
            "externalId": response.data.external_id,
            "direction": response.data.call_direction,
            "refused": rejected_status,
        }
    )
)
