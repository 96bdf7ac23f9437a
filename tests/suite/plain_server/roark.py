"""/v1/call and /v1/call-analysis: recorded calls are sent in, and listed."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from functools import cmp_to_key
from typing import Any

from . import forms
from .web import Answer, Asked, Plain

STATUSES = ["RINGING", "IN_PROGRESS", "ENDED"]
DIRECTIONS = ["INBOUND", "OUTBOUND"]
ENDED = [
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
SORTED = {"duration": "durationMs"} | {
    name: name for name in ("createdAt", "startedAt", "endedAt", "title", "status")
}
TOPICS = ["Billing inquiry", "password reset", "Ünïcode & more", "zebra crossing", "Late delivery"]
HOW_MANY = (123, 5, 20, 101, 33, 1, 250, 8, 64, 40)


class Roark(Plain):
    """A project's calls."""

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
        """One more call, the latest of all."""
        self.calls.append(
            self._make_call(len(self.calls)) | {"createdAt": _text(datetime.now(UTC))}
        )

    def list(self, asked: Asked) -> Answer:
        """One page, sorted, filtered and searched."""
        if not self._is_known(asked):
            return self.problem(401, "a token, please")
        chosen = {name: asked.all(name) for name in dict(asked.query)}
        if any(len(values) > 1 for name, values in chosen.items() if name in PARAMETERS):
            return self.problem(400, "once is enough")
        given = {name: values[0] for name, values in chosen.items() if name in PARAMETERS}
        wrong = [name for name, value in given.items() if not PARAMETERS[name](value)]
        if wrong:
            return self.problem(422 if self.seed % 5 == 4 else 400, f"wrong: {wrong[0]}")
        rows = self._sort(given.get("sortBy", "createdAt"), given.get("sortDirection", "desc"))
        rows = [row for row in rows if given.get("status") in (None, row.get("status"))]
        if text := given.get("searchText", "").casefold():
            rows = [row for row in rows if text in _join_searched(row)]
        return self._page(rows, int(given.get("limit", 20)), given.get("after"))

    def _page(self, rows: list[dict[str, Any]], limit: int, after: str | None) -> Answer:
        begin = 0
        if after is not None:
            last = self.cursors.get(after.lower(), after.lower())
            places = [n for n, row in enumerate(rows, 1) if row["id"] == last]
            if not places:
                return self.problem(400, "no such call to begin after")
            begin = places[0]
        page = rows[begin : begin + limit]
        more = begin + limit < len(rows)
        pagination: dict[str, Any] = {"hasMore": more, "total": len(rows)}
        if more:
            pagination["nextCursor"] = self._cursor(page[-1]["id"])
        elif self.seed % 2:
            pagination["nextCursor"] = None
        shown = [{k: v for k, v in row.items() if k[0] != "_"} for row in page]
        return Answer(200, {"pagination": pagination, "data": shown})

    def _cursor(self, last: str) -> str:
        """The ID of the last call, or something that only this server understands."""
        if self.seed % 2 == 0:
            return last
        found = str(uuid.uuid5(uuid.UUID(self.project), last))
        self.cursors[found] = last
        return found

    def _sort(self, by: str, direction: str) -> list[dict[str, Any]]:
        """Rows without the field come first or last; those that are alike in some order."""
        name, sign = SORTED[by], -1 if direction == "desc" else 1
        missing = 1 if self.seed % 3 else -1

        def compare(one: dict[str, Any], other: dict[str, Any]) -> int:
            a, b = one.get(name), other.get(name)
            if a is None or b is None:
                return missing * ((a is None) - (b is None))
            if name == "status" and self.seed % 4 < 2:
                a, b = a.lower(), b.lower()
            if name == "title" and self.seed % 4 > 1:
                a, b = a.casefold(), b.casefold()
            if name.endswith("At"):
                a, b = forms.moment(a), forms.moment(b)
            return sign * ((a > b) - (a < b))

        tied = sorted(self.calls, key=lambda row: row["id"]) if self.seed % 2 else self.calls
        return sorted(tied, key=cmp_to_key(compare))

    def create(self, asked: Asked) -> Answer:
        """Adds a call."""
        body = self._body(asked, CREATE, ["recordingUrl"])
        if isinstance(body, Answer):
            return body
        external = body.get("externalId")
        if external in self.external:
            return self.problem(409, "there is such a call")
        row = self._make_call(len(self.calls)) | {
            "callDirection": body["callDirection"],
            "startedAt": body["startedAt"],
            "createdAt": _text(datetime.now(UTC)),
        }
        for name in ("endedStatus", "properties", "recordingUrl"):
            if name in body:
                row[name] = body[name]
        self.calls.append(row)
        shown = ("id", "projectId", "status", "callDirection", "startedAt", "createdAt")
        data = {name: row[name] for name in shown if name in row}
        data |= {"agents": row["agents"], "customers": []}
        if external is not None:
            self.external.add(external)
            data["externalId"] = external
        return Answer(200, {"data": data})

    def analyse(self, asked: Asked) -> Answer:
        """Starts an analysis between two participants."""
        body = self._body(asked, ANALYSE, ["recordingUrl", "participants"])
        if isinstance(body, Answer):
            return body
        roles = [{"role": each.get("role", "CUSTOMER")} for each in body["participants"]]
        call = {
            "id": self._id(),
            "callDirection": body["callDirection"],
            "startedAt": body["startedAt"],
            "isTest": body.get("isTest", False),
            "participants": roles,
        }
        if "endedReason" in body:
            call["endedReason"] = body["endedReason"]
        return Answer(200, {"data": {"jobId": self._id(), "status": "PENDING", "call": call}})

    def _body(self, asked: Asked, fields: Any, needed: list[str]) -> Any:
        if not self._is_known(asked):
            return self.problem(401, "a token, please")
        if asked.headers.get("content-type", "").split(";")[0].strip().lower() != TYPE:
            return self.problem(415, "JSON, please")
        try:
            body = json.loads(asked.body, parse_constant=_no)
        except ValueError:
            return self.problem(400, "no JSON")
        if not isinstance(body, dict):
            return self.problem(400, "no object")
        for name in (*needed, "startedAt", "interfaceType", "callDirection"):
            if name not in body:
                return self.problem(400, f"{name} is missing")
        for name, value in body.items():
            if name in fields and not fields[name](value):
                return self.problem(400, f"{name} is wrong")
        return body

    def _is_known(self, asked: Asked) -> bool:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and token.strip() == self.credentials["bearerToken"]

    def _id(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))

    def _make_call(self, number: int) -> dict[str, Any]:
        chance = self.chance
        begin = datetime(2024, 5, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(9000))
        lasted, status = timedelta(milliseconds=chance.randrange(10**6)), chance.choice(STATUSES)
        where = {"id": self._id(), "environment": "Production", "phoneNumberE164": "+1234567890"}
        row: dict[str, Any] = {
            "createdAt": _text(begin + timedelta(hours=1)),
            "id": self._id(),
            "projectId": self.project,
            "callDirection": chance.choice(DIRECTIONS),
            "startedAt": _text(begin),
            "status": status,
            "agents": [{"id": self._id(), "endpoint": where}] if chance.random() < 0.8 else [],
            "_transcript": f"line {number} about refunds",
        }
        if status == "ENDED":
            row |= {"endedAt": _text(begin + lasted), "durationMs": lasted.total_seconds() * 1000}
            row |= {"endedStatus": chance.choice(ENDED), "title": chance.choice(TOPICS)}
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


def _no(word: str) -> None:
    raise ValueError(word)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _join_searched(row: dict[str, Any]) -> str:
    return "\n".join(str(row.get(k, "")) for k in ("title", "summary", "_transcript")).casefold()


def _limit(value: str) -> bool:
    return bool(forms.WHOLE.fullmatch(value)) and 1 <= int(value[:9]) <= 100


def _string(value: Any) -> bool:
    return isinstance(value, str)


def _short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 255


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(map(_object, value))


def _two(value: Any) -> bool:
    fine = _objects(value) and len(value) == 2
    return fine and all(isinstance(each.get("role", ""), str) for each in value)


PARAMETERS = {
    "limit": _limit,
    "after": forms.uuid,
    "sortBy": lambda value: value in SORTED,
    "sortDirection": lambda value: value in ("asc", "desc"),
    "status": lambda value: value in STATUSES,
    "searchText": _string,
}
BOTH = {
    "startedAt": forms.time,
    "interfaceType": lambda value: value in ("PHONE", "WEB"),
    "callDirection": lambda value: value in DIRECTIONS,
}
CREATE = BOTH | {
    "recordingUrl": forms.uri,
    "stereoRecordingUrl": forms.uri,
    "endedStatus": lambda value: value in ENDED,
    "transcript": _objects,
    "toolInvocations": _objects,
    "properties": _object,
    "vapiCallId": forms.uuid,
    "livekitRoomId": _short,
    "externalId": _short,
    "agent": _object,
    "agents": _objects,
    "customer": _object,
    "customers": _objects,
}
ANALYSE = BOTH | {
    "recordingUrl": _string,
    "stereoRecordingUrl": _string,
    "participants": _two,
    "endedReason": _string,
    "isTest": lambda value: isinstance(value, bool),
}
