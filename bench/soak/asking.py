"""The mixture of requests to the mock, and the expected responses."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import attrs

HEADERS: Mapping[str, Mapping[str, str]] = {
    "roark": {"Authorization": "Bearer mock-roark-bearer-token"},
    "revox": {"Authorization": "Bearer mock-revox-api-key"},
    "zudu": {"X-API-KEY": "sk_mock-zudu-api-key", "X-API-SECRET": "s3cr3t_mock-zudu-api-secret"},
}
STATES = ("RINGING", "IN_PROGRESS", "ENDED")


@attrs.frozen
class Question:
    """One request, by its number, and the status that it gets when nothing goes wrong."""

    number: int
    api: str
    path: str
    status: int = 200
    method: str = "GET"
    query: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None

    @property
    def creates(self) -> bool:
        return self.body is not None


def make_question(number: int, source: random.Random) -> Question:
    """A request of the mixture: mostly pages, some calls created, some that have to be rejected."""
    kind = source.choices(_KINDS, _SHARES)[0]
    return kind(number, source)


def _page(number: int, source: random.Random) -> Question:
    query: dict[str, Any] = {"limit": source.choice((1, 20, 100))}
    if source.random() < 0.5:
        query["status"] = source.choice(STATES)
    if source.random() < 0.5:
        query["sortBy"] = source.choice(("createdAt", "duration", "title"))
        query["sortDirection"] = source.choice(("asc", "desc"))
    if source.random() < 0.1:
        query["searchText"] = source.choice(("billing", "a", "nothing has this"))
    return Question(number, "roark", "/v1/call", query=query)


def _request_numbered_page(number: int, source: random.Random) -> Question:
    query = {"page": source.randint(1, 5), "page_size": source.choice((1, 20))}
    return Question(number, "revox", "/call", query=query)


def _request_other_api(number: int, source: random.Random) -> Question:
    return Question(number, "zudu", "/api/calls", query={"limit": source.choice((1, 20))})


def _create(number: int, source: random.Random) -> Question:
    body = {
        "recordingUrl": f"https://example.com/{number}.wav",
        "startedAt": "2026-01-02T03:04:05Z",
        "interfaceType": source.choice(("PHONE", "WEB")),
        "callDirection": source.choice(("INBOUND", "OUTBOUND")),
        "properties": {"soak": str(number)},
    }
    return Question(number, "roark", "/v1/call", method="POST", body=body)


def _request_as_stranger(number: int, source: random.Random) -> Question:
    headers = {"Authorization": "Bearer wrong"}
    return Question(number, "roark", "/v1/call", status=401, headers=headers)


def _request_wrongly(number: int, source: random.Random) -> Question:
    query = {"limit": source.choice((0, -1, "many"))}
    return Question(number, "roark", "/v1/call", status=400, query=query)


def _request_nowhere(number: int, source: random.Random) -> Question:
    return Question(number, "revox", f"/nothing/{source.random()}", status=404)


_KINDS = (
    _page,
    _request_numbered_page,
    _request_other_api,
    _create,
    _request_as_stranger,
    _request_wrongly,
    _request_nowhere,
)
_SHARES = (50, 15, 10, 10, 5, 5, 5)
