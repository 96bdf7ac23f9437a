"""Revox: GET /call returns one page of call attempts."""

from __future__ import annotations

import random
from typing import Any

from . import forms
from .web import PlainApi, PlainRequest, PlainResponse

MAX_SAFE_INTEGER = 9007199254740991
STATUSES = {
    "initializing": [],
    "queued_for_calling": ["queued"],
    "calling": ["ringing", "ongoing"],
    "scheduled": [],
    "completed": ["completed"],
    "cancelled": [],
    "errored": ["error"],
}
ERRORS = ["busy", "no_answer", "too_many_calls", "number_non_attributed", None]
RESULTS = ["IVR", "voicemail", "human", "unknown", "ios-screening-filter", None]
HOW_MANY = (37, 4, 130, 7, 20, 1, 250, 21, 14, 99)


class Revox(PlainApi):
    """A server with call attempts in the order of creation, in reverse order, or ordered by ID."""

    name = "revox"

    def __init__(self, seed: int, credentials: dict[str, str]) -> None:
        self.seed, self.credentials = seed, credentials
        self.chance = chance = random.Random(f"revox {seed}")
        self.calls = [_call(chance, n, seed) for n in range(HOW_MANY[seed % len(HOW_MANY)])]
        if seed % 3 == 1:
            self.calls.reverse()
        if seed % 3 == 2:
            self.calls.sort(key=lambda call: call["id"])
        self.routes = {("GET", "/call"): self.list}

    def come(self) -> None:
        """Insert one more call before all others."""
        self.calls.insert(0, _call(self.chance, len(self.calls), self.seed))

    def list(self, request: PlainRequest) -> PlainResponse:
        """Return a page; `page` and `page_size` are required, `statuses` is comma-separated or
        repeated.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token.strip() != self.credentials["apiKey"]:
            return self.problem(401, "who are you?")
        page, size = _parse_number(request, "page"), _parse_number(request, "page_size")
        if page is None or size is None:
            return self.problem(400, "page and page_size are numbers from 1")
        calls = self.calls
        if status_words := [
            status_word
            for value in request.all("statuses")
            for status_word in value.split(",")
            if status_word
        ]:
            if any(status_word not in STATUSES for status_word in status_words):
                return self.problem(400, "no such status")
            states = {state for status_word in status_words for state in STATUSES[status_word]}
            calls = [call for call in calls if call["status"] in states]
        begin = (int(page) - 1) * int(size)
        return PlainResponse(200, {"calls": calls[begin : begin + int(size)]})


def _parse_number(request: PlainRequest, name: str) -> float | None:
    values = request.all(name)
    if len(values) != 1 or not forms.NUMBER.fullmatch(values[0]):
        return None
    number = float(values[0])
    return number if 1 <= number <= MAX_SAFE_INTEGER else None


def _call(chance: random.Random, number: int, seed: int) -> dict[str, Any]:
    status = chance.choice(["queued", "ringing", "ongoing", "completed", "completed", "error"])
    timestamps = [None, {}, f"2025-01-01T00:00:{number % 60:02d}Z", 1_700_000_000 + number]
    timestamp = timestamps[seed % 4]
    call: dict[str, Any] = {
        "status": status,
        "started_at": timestamp,
        "answered_at": timestamp if status == "completed" else None,
        "ended_at": timestamp,
        "phone_number": f"+1555{number:07d}",
        "dial_error": chance.choice(ERRORS),
        "recording_url": None if status == "queued" else "https://example.com/a.wav",
        "result": chance.choice(RESULTS),
        "id": f"att_{chance.getrandbits(48):x}",
    }
    if chance.random() < 0.6:
        call |= {"end_reason": "tool_end_call", "ended_by": chance.choice(["agent", "user", None])}
        call["structured_output"] = chance.choice([None, {"answer": 42, "list": [1]}, {}])
        turn = {"role": "tool", "content": "ok", "tool_arguments": "{}", "tool_is_error": False}
        call["transcript"] = chance.choice([None, [], [{"role": "user", "content": "Hi"}, turn]])
    return call
