"""Zudu: GET /api/calls returns the first page of an organization's calls, the latest first."""

from __future__ import annotations

import random
from typing import Any

from .web import PlainApi, PlainRequest, PlainResponse

HOW_MANY = (25, 3, 20, 21, 40, 0, 1, 19, 61, 200)
LIMIT = 20


class Zudu(PlainApi):
    """A server with the calls of one organization; the seed decides how many."""

    name = "zudu"

    def __init__(self, seed: int, credentials: dict[str, str]) -> None:
        self.seed, self.credentials = seed, credentials
        self.chance = chance = random.Random(f"zudu {seed}")
        self.calls = [_call(chance, n) for n in range(max(1, HOW_MANY[seed % len(HOW_MANY)]))]
        self.calls.sort(key=lambda call: -call["start_timestamp"])
        self.routes = {("GET", "/api/calls"): self.list}

    def come(self) -> None:
        """Add one more call at its position in the order."""
        self.calls.append(_call(self.chance, len(self.calls)))
        self.calls.sort(key=lambda call: -call["start_timestamp"])

    def list(self, request: PlainRequest) -> PlainResponse:
        """Return the first page; it requires both credentials and has no parameters."""
        given_credentials = (request.headers.get("x-api-key"), request.headers.get("x-api-secret"))
        if given_credentials != (self.credentials["apiKey"], self.credentials["apiSecret"]):
            return self.problem(401 if self.seed % 4 < 2 else 403, "not for you")
        page, total = self.calls[:LIMIT], len(self.calls)
        pagination = {
            "has_previous_page": False,
            "has_next_page": total > LIMIT,
            "total_pages": -(-total // LIMIT),
            "total_count": total,
            "limit": LIMIT,
            "page": 0,
        }
        data = {
            "returned_count": len(page),
            "calls": page,
            "pagination": pagination,
            "sort_by": "start_timestamp",
            "sort_order": "descending",
            "applied_filters": {},
            "organization_id": f"org-{self.seed}",
        }
        value: dict[str, Any] = {"data": data, "status": "success", "message": "Here they are"}
        if self.seed % 2:
            value["error"] = None
        return PlainResponse(200, value)


def _call(chance: random.Random, number: int) -> dict[str, Any]:
    begin = 1_700_000_000_000 + chance.randrange(40) * 60_000
    duration = chance.randrange(900_000)
    call: dict[str, Any] = {
        "id": f"{chance.getrandbits(64):016x}",
        "call_id": f"call-{number}",
        "agent_id": f"agent-{chance.randrange(5)}",
        "call_status": chance.choice(["ENDED", "ONGOING", "FAILED"]),
        "call_type": "PHONE_CALL",
        "direction": chance.choice(["INBOUND", "OUTBOUND"]),
        "from_number": "+0987654321",
        "to_number": "+1234567890",
        "start_timestamp": begin,
        "opt_out_sensitive_data_storage": chance.random() < 0.5,
        "metadata": {"customer_id": f"cust-{number}", "nested": {"deep": [1, None]}},
        "events": [],
        "transcript_object": [{"role": "agent", "content": "Hello"}],
    }
    if chance.random() < 0.7:
        call |= {"end_timestamp": begin + duration, "call_duration": duration}
        call |= {"transcript": "Hello - naïve 😀", "call_cost": {"combined_cost": 0.25}}
        call["latency"] = {"e2e": {"max": 350.1, "min": 120, "num": 2, "values": [120, 350.1]}}
        call["call_analysis"] = {"call_successful": True, "user_sentiment": "Neutral"}
        call["telephony_identifier"] = {"call_sid": f"CA{number}"}
    return call
