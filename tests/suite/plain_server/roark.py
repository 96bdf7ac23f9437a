"""Roark: /v1/call creates and lists recorded calls, /v1/call-analysis starts an analysis."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from typing import Any

from . import forms
from .web import PlainApi, PlainRequest, PlainResponse

STATUSES = ["RINGING", "IN_PROGRESS", "ENDED"]
DIRECTIONS = ["INBOUND", "OUTBOUND"]
ENDED_STATUSES = [
    "PARTICIPANTS_DID_NOT_SPEAK",
    "AGENT_DID_NOT_ANSWER",
    "AGENT_DID_NOT_SPEAK",
    "AGENT_STOPPED_SPEAKING",
    "AGENT_ENDED_CALL",
    "AGENT_TRANSFERRED_CALL",
    "AGENT_BUSY",
    "AGENT_ERROR",
    "CUSTOMER_ENDED_CALL",
    "VOICE_MAIL_REACHED",
    "SILENCE_TIME_OUT",
    "PHONE_CALL_PROVIDER_CONNECTION_ERROR",
    "CUSTOMER_DID_NOT_ANSWER",
    "CUSTOMER_DID_NOT_SPEAK",
    "CUSTOMER_STOPPED_SPEAKING",
    "CUSTOMER_BUSY",
    "DIAL_ERROR",
    "MAX_DURATION_REACHED",
    "UNKNOWN",
]
SORT_FIELDS = {"duration": "durationMs"} | {
    name: name for name in ("createdAt", "startedAt", "endedAt", "title", "status")
}
TOPICS = ["Billing inquiry", "password reset", "Ünïcode & more", "zebra crossing", "Late delivery"]
HOW_MANY = (123, 5, 20, 101, 33, 1, 250, 8, 64, 40)


class Roark(PlainApi):
    """A server with the calls of one project."""

    name = "roark"

    def __init__(self, seed: int, credentials: dict[str, str]) -> None:
        self.seed, self.credentials = seed, credentials
        self.chance = random.Random(f"roark {seed}")
        self.project = self._id()
        self.calls = [self._make_call(n) for n in range(HOW_MANY[seed % len(HOW_MANY)])]
        self.cursors: dict[str, str] = {}
        self.external: set[str] = set()
        self.routes = {
            ("GET", "/v1/call"): self.list,
            ("POST", "/v1/call"): self.create,
            ("POST", "/v1/call-analysis"): self.analyse,
        }

    def come(self) -> None:
        """Append one more call, the most recent one."""
        self.calls.append(
            self._make_call(len(self.calls)) | {"createdAt": _format_time(datetime.now(UTC))}
        )

    def list(self, request: PlainRequest) -> PlainResponse:
        """Return one page of the calls, sorted, filtered and searched."""
        if not self._is_known(request):
            return self.problem(401, "a token, please")
        values_by_name = {name: request.all(name) for name in dict(request.query)}
        if any(len(values) > 1 for name, values in values_by_name.items() if name in PARAMETERS):
            return self.problem(400, "once is enough")
        arguments = {
            name: values[0] for name, values in values_by_name.items() if name in PARAMETERS
        }
        wrong_names = [name for name, value in arguments.items() if not PARAMETERS[name](value)]
        if wrong_names:
            return self.problem(422 if self.seed % 5 == 4 else 400, f"wrong: {wrong_names[0]}")
        rows = self._sort(
            arguments.get("sortBy", "createdAt"), arguments.get("sortDirection", "desc")
        )
        rows = [row for row in rows if arguments.get("status") in (None, row.get("status"))]
        if search_string := arguments.get("searchText", "").casefold():
            rows = [row for row in rows if search_string in _join_searched(row)]
        return self._page(rows, int(arguments.get("limit", 20)), arguments.get("after"))

    def _page(self, rows: list[dict[str, Any]], limit: int, after: str | None) -> PlainResponse:
        begin = 0
        if after is not None:
            last = self.cursors.get(after.lower(), after.lower())
            row_numbers = [n for n, row in enumerate(rows, 1) if row["id"] == last]
            if not row_numbers:
                return self.problem(400, "no such call to begin after")
            begin = row_numbers[0]
        page = rows[begin : begin + limit]
        has_more = begin + limit < len(rows)
        pagination: dict[str, Any] = {"hasMore": has_more, "total": len(rows)}
        if has_more:
            pagination["nextCursor"] = self._cursor(page[-1]["id"])
        elif self.seed % 2:
            pagination["nextCursor"] = None
        visible_rows = [{k: v for k, v in row.items() if k[0] != "_"} for row in page]
        return PlainResponse(200, {"pagination": pagination, "data": visible_rows})

    def _cursor(self, last: str) -> str:
        """Return the ID of the last call, or for odd seeds an opaque cursor."""
        if self.seed % 2 == 0:
            return last
        cursor = str(uuid.uuid5(uuid.UUID(self.project), last))
        self.cursors[cursor] = last
        return cursor

    def _sort(self, sort_by: str, direction: str) -> list[dict[str, Any]]:
        """Sort the calls; the seed decides where rows without the field and equal rows go."""
        name, sign = SORT_FIELDS[sort_by], -1 if direction == "desc" else 1
        missing = 1 if self.seed % 3 else -1

        def compare(first: dict[str, Any], second: dict[str, Any]) -> int:
            a, b = first.get(name), second.get(name)
            if a is None or b is None:
                return missing * ((a is None) - (b is None))
            if name == "status" and self.seed % 4 < 2:
                a, b = a.lower(), b.lower()
            if name == "title" and self.seed % 4 > 1:
                a, b = a.casefold(), b.casefold()
            if name.endswith("At"):
                a, b = forms.parse_time(a), forms.parse_time(b)
            return sign * ((a > b) - (a < b))

        calls_in_tie_order = (
            sorted(self.calls, key=lambda row: row["id"]) if self.seed % 2 else self.calls
        )
        return sorted(calls_in_tie_order, key=cmp_to_key(compare))

    def create(self, request: PlainRequest) -> PlainResponse:
        """Create a call."""
        body = self._body(request, CREATE, ["recordingUrl"])
        if isinstance(body, PlainResponse):
            return body
        external = body.get("externalId")
        if external in self.external:
            return self.problem(409, "there is such a call")
        row = self._make_call(len(self.calls)) | {
            "callDirection": body["callDirection"],
            "startedAt": body["startedAt"],
            "createdAt": _format_time(datetime.now(UTC)),
        }
        for name in ("endedStatus", "properties", "recordingUrl"):
            if name in body:
                row[name] = body[name]
        self.calls.append(row)
        visible_fields = ("id", "projectId", "status", "callDirection", "startedAt", "createdAt")
        data = {name: row[name] for name in visible_fields if name in row}
        data |= {"agents": row["agents"], "customers": []}
        if external is not None:
            self.external.add(external)
            data["externalId"] = external
        return PlainResponse(200, {"data": data})

    def analyse(self, request: PlainRequest) -> PlainResponse:
        """Start an analysis of a call between two participants."""
        body = self._body(request, ANALYSE, ["recordingUrl", "participants"])
        if isinstance(body, PlainResponse):
            return body
        roles = [
            {"role": participant.get("role", "CUSTOMER")} for participant in body["participants"]
        ]
        call = {
            "id": self._id(),
            "callDirection": body["callDirection"],
            "startedAt": body["startedAt"],
            "isTest": body.get("isTest", False),
            "participants": roles,
        }
        if "endedReason" in body:
            call["endedReason"] = body["endedReason"]
        return PlainResponse(
            200, {"data": {"jobId": self._id(), "status": "PENDING", "call": call}}
        )

    def _body(self, request: PlainRequest, fields: Any, required_fields: list[str]) -> Any:
        if not self._is_known(request):
            return self.problem(401, "a token, please")
        if request.headers.get("content-type", "").split(";")[0].strip().lower() != TYPE:
            return self.problem(415, "JSON, please")
        try:
            body = json.loads(request.body, parse_constant=_reject_constant)
        except ValueError:
            return self.problem(400, "no JSON")
        if not isinstance(body, dict):
            return self.problem(400, "no object")
        for name in (*required_fields, "startedAt", "interfaceType", "callDirection"):
            if name not in body:
                return self.problem(400, f"{name} is missing")
        for name, value in body.items():
            if name in fields and not fields[name](value):
                return self.problem(400, f"{name} is wrong")
        return body

    def _is_known(self, request: PlainRequest) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and token.strip() == self.credentials["bearerToken"]

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def _make_call(self, number: int) -> dict[str, Any]:
        chance = self.chance
        begin = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(9000))
        duration, status = timedelta(milliseconds=chance.randrange(10**6)), chance.choice(STATUSES)
        endpoint = {"id": self._id(), "environment": "Production", "phoneNumberE164": "+1234567890"}
        row: dict[str, Any] = {
            "createdAt": _format_time(begin + timedelta(hours=1)),
            "id": self._id(),
            "projectId": self.project,
            "callDirection": chance.choice(DIRECTIONS),
            "startedAt": _format_time(begin),
            "status": status,
            "agents": [{"id": self._id(), "endpoint": endpoint}] if chance.random() < 0.8 else [],
            "_transcript": f"line {number} about refunds",
        }
        if status == "ENDED":
            row |= {
                "endedAt": _format_time(begin + duration),
                "durationMs": duration.total_seconds() * 1000,
            }
            row |= {"endedStatus": chance.choice(ENDED_STATUSES), "title": chance.choice(TOPICS)}
            row |= {"summary": f"{chance.choice(TOPICS)} of customer {number}"}
            row["customers"] = [{"phoneNumberE164": "+1234567891"}, {}]
            row["properties"] = {"department": "sales", "deep": {"list": [1, None]}}
        if chance.random() < 0.3:
            row |= {
                "recordingUrl": "https://example.com/a.mp3?sig=x",
                "simulationJobId": self._id(),
            }
        return row


TYPE = "application/json"


def _reject_constant(constant: str) -> None:
    raise ValueError(constant)


def _format_time(timestamp: datetime) -> str:
    return timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _join_searched(row: dict[str, Any]) -> str:
    return "\n".join(str(row.get(k, "")) for k in ("title", "summary", "_transcript")).casefold()


def _is_limit(value: str) -> bool:
    return bool(forms.INTEGER.fullmatch(value)) and 1 <= int(value[:9]) <= 100


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_short_string(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 255


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_object_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


def _is_pair(value: Any) -> bool:
    fine = _is_object_list(value) and len(value) == 2
    return fine and all(isinstance(participant.get("role", ""), str) for participant in value)


PARAMETERS = {
    "limit": _is_limit,
    "after": forms.is_uuid,
    "sortBy": lambda value: value in SORT_FIELDS,
    "sortDirection": lambda value: value in ("asc", "desc"),
    "status": lambda value: value in STATUSES,
    "searchText": _is_string,
}
COMMON_FIELDS = {
    "startedAt": forms.is_time,
    "interfaceType": lambda value: value in ("PHONE", "WEB"),
    "callDirection": lambda value: value in DIRECTIONS,
}
CREATE = COMMON_FIELDS | {
    "recordingUrl": forms.is_uri,
    "stereoRecordingUrl": forms.is_uri,
    "endedStatus": lambda value: value in ENDED_STATUSES,
    "transcript": _is_object_list,
    "toolInvocations": _is_object_list,
    "properties": _is_object,
    "vapiCallId": forms.is_uuid,
    "livekitRoomId": _is_short_string,
    "externalId": _is_short_string,
    "agent": _is_object,
    "agents": _is_object_list,
    "customer": _is_object,
    "customers": _is_object_list,
}
ANALYSE = COMMON_FIELDS | {
    "recordingUrl": _is_string,
    "stereoRecordingUrl": _is_string,
    "participants": _is_pair,
    "endedReason": _is_string,
    "isTest": lambda value: isinstance(value, bool),
}
