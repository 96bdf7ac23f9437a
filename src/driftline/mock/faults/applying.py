"""Injects faults: decides which rules match a request, and changes its response."""

from __future__ import annotations

import random
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import attrs

from driftline.errors import UsageError
from driftline.mock.core import Mock
from driftline.mock.faults.rules import FaultRule
from driftline.mock.faults.syntax import SYNTAX, parse_rules
from driftline.mock.http.messages import (
    WHOLE,
    Delivery,
    Handle,
    Headers,
    HttpRequest,
    HttpResponse,
    build_json_response,
)
from driftline.mock.http.streams import corrupt_stream
from driftline.openapi import Operation

Hit = tuple[FaultRule, random.Random]


class DriftSource(Protocol):
    """The source of mocks that violate one clause of their spec."""

    def list_ids(self, mock: Mock) -> Sequence[str]:
        """Return the ids of all drifts of this mock."""
        ...

    def handle(self, mock: Mock, drift: str) -> Handle:
        """Return the mock with that drift, on the rows of this mock."""
        ...


@attrs.define(eq=False)
class _ActiveRule:
    """A rule with its counts of matched and affected requests."""

    rule: FaultRule
    handle: Handle | None = None
    match_count: int = 0
    hit_count: int = 0

    def decide(self, seed: int) -> random.Random | None:
        """Return the random numbers of this time, if the rule applies; deterministic for a seed."""
        rule = self.rule
        if rule.next is not None and self.hit_count >= rule.next:
            return None
        self.match_count += 1
        source = random.Random(f"{seed} {rule} {self.match_count}")  # noqa: S311 - the same each time
        if source.random() >= rule.share:
            return None
        self.hit_count += 1
        return source

    def to_dict(self) -> dict[str, Any]:
        remaining_hits = None if self.rule.next is None else self.rule.next - self.hit_count
        fields = {
            "rule": str(self.rule),
            "matches": self.match_count,
            "hits": self.hit_count,
            "left": remaining_hits,
        }
        return fields if self.rule.drift is None else {**fields, "drift": self.rule.drift}


class Faults:
    """The active fault rules of the APIs of `mocks` (None: served by something else).

    Rules are strings or `FaultRule`s. Each decides independently, in order; if two of them set the
    same thing, the first wins, and latencies add up. Safe to use from several threads.
    """

    def __init__(
        self, mocks: Mapping[str, Mock | None], *, seed: int = 0, drifts: DriftSource | None = None
    ) -> None:
        self.seed = seed
        self._mocks = mocks
        self._drifts = drifts
        self._active_rules: tuple[_ActiveRule, ...] = ()
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[FaultRule]:
        return (active.rule for active in self._active_rules)

    def set(self, *rules: str | FaultRule, seed: int | None = None) -> None:
        """Replace all rules by these.

        Raises:
            UsageError: a rule is invalid or matches nothing; no rule was changed.
        """
        active_rules = self._activate_all(rules)
        with self._lock:
            self.seed = self.seed if seed is None else seed
            self._active_rules = active_rules

    def add(self, *rules: str | FaultRule) -> None:
        """Append rules.

        Raises:
            UsageError: a rule is invalid or matches nothing; no rule was changed.
        """
        active_rules = self._activate_all(rules)
        with self._lock:
            self._active_rules = (*self._active_rules, *active_rules)

    def remove(self, *rules: str) -> None:
        """Remove the first rule with each text, in the form of `to_dict`; others keep their counts.

        Raises:
            UsageError: a rule does not exist; no rule was removed.
        """
        with self._lock:
            remaining_rules = list(self._active_rules)
            for rule in rules:
                active_rule = next(
                    (active for active in remaining_rules if str(active.rule) == rule), None
                )
                if active_rule is None:
                    raise UsageError(
                        f"unknown fault rule {rule!r}", "List the rules: GET /_driftline/faults."
                    )
                remaining_rules.remove(active_rule)
            self._active_rules = tuple(remaining_rules)

    @contextmanager
    def apply_during(self, *rules: str | FaultRule) -> Generator[None]:
        """Add these rules for one block.

        Raises:
            UsageError: a rule is invalid or matches nothing.
        """
        active_rules = self._activate_all(rules)
        with self._lock:
            self._active_rules = (*self._active_rules, *active_rules)
        try:
            yield
        finally:
            with self._lock:
                self._active_rules = tuple(
                    active for active in self._active_rules if active not in active_rules
                )

    def restart(self) -> None:
        """Restart the counts, so that each rule behaves as at its first request."""
        self.set(*self)

    def to_dict(self) -> dict[str, Any]:
        """Return the rules and their counts as JSON data."""
        with self._lock:
            return {"seed": self.seed, "rules": [active.to_dict() for active in self._active_rules]}

    def list_drifts(self, api: str) -> Sequence[str]:
        """Return the ids that `drift=` accepts for an API."""
        mock = self._mocks.get(api)
        return self._drifts.list_ids(mock) if self._drifts and mock else ()

    def respond(self, api: str, request: HttpRequest, handle: Handle) -> HttpResponse:
        """Return the response to a request, with the active faults."""
        if not self._active_rules:
            return handle(request)
        mock = self._mocks.get(api)
        operation = mock.find_operation(request) if mock else None
        hits, drifting = self._find_hits(api, operation.id if operation else "")
        if not hits:
            return handle(request)
        delivery = _choose_delivery(hits)
        if _get_first(hits, "reset") == "request":
            return HttpResponse(0, delivery=delivery)
        response = self._replace_response(hits, mock, operation)
        if response is None:
            response = (drifting or handle)(request)
        body, item = _get_first(hits, "body"), _get_first(hits, "item")
        response = corrupt_body(response, body) if body else response
        response = corrupt_stream(response, item) if item else response
        return attrs.evolve(response, delivery=delivery)

    def _find_hits(self, api: str, operation: str) -> tuple[list[Hit], Handle | None]:
        hits: list[Hit] = []
        drifting: Handle | None = None
        with self._lock:
            for active in self._active_rules:
                if not active.rule.matches(api, operation):
                    continue
                source = active.decide(self.seed)
                if source is not None:
                    hits.append((active.rule, source))
                    drifting = drifting or active.handle
        return hits, drifting

    def _replace_response(
        self, hits: Sequence[Hit], mock: Mock | None, operation: Operation | None
    ) -> HttpResponse | None:
        """Return the response that a rule sends instead of the mock's, if any."""
        for rule, _ in hits:
            if rule.status is not None:
                return _respond(mock, operation, rule.status, "fault injected", _wait(rule))
            if rule.drift is not None:
                return None
            if rule.expired and (mock is None or (operation and operation.security)):
                realm = mock.spec.name if mock else "mock"
                error_parameters = (
                    'error="invalid_token", error_description="The credential has expired"'
                )
                challenge = ("WWW-Authenticate", f'Bearer realm="{realm}", {error_parameters}')
                return _respond(mock, operation, 401, "the credential has expired", (challenge,))
        return None

    def _activate_all(self, rules: Sequence[str | FaultRule]) -> tuple[_ActiveRule, ...]:
        """Return the active rules, after checking that each matches something."""
        return tuple(map(self._activate, parse_rules(rules)))

    def _activate(self, rule: FaultRule) -> _ActiveRule:
        about = [
            api for api in self._mocks for id_ in self._list_ids(api) if rule.matches(api, id_)
        ]
        if not about:
            operations = ", ".join(
                f"{api}/{id_}" for api in self._mocks for id_ in self._list_ids(api) if id_
            )
            message = f"invalid fault {str(rule)!r}: matches no operation"
            raise UsageError(message, f"Use one of: {operations or ', '.join(self._mocks)}.")
        if rule.drift is None:
            return _ActiveRule(rule)
        return self._activate_drift(rule, rule.drift, list(dict.fromkeys(about)))

    def _list_ids(self, api: str) -> Sequence[str]:
        mock = self._mocks[api]
        return ["", *(operation.id for operation in mock.spec.operations)] if mock else [""]

    def _activate_drift(self, rule: FaultRule, drift: str, apis: Sequence[str]) -> _ActiveRule:
        """Return a rule with the mock that it sends requests to, found by the drift's id."""
        api = drift.partition("/")[0]
        mock = self._mocks.get(api) if api in apis else None
        if self._drifts is None or mock is None or drift not in self._drifts.list_ids(mock):
            message = f"invalid fault {str(rule)!r}: unknown drift id"
            raise UsageError(message, self._suggest_ids(drift, apis))
        bound = attrs.evolve(rule, api=api)
        return _ActiveRule(bound, self._drifts.handle(mock, drift))

    def _suggest_ids(self, drift: str, apis: Sequence[str]) -> str:
        """Return ids similar to an invalid one."""
        from difflib import get_close_matches  # noqa: PLC0415 - only for a mistake

        ids = [id_ for api in apis for id_ in self.list_drifts(api)]
        if not ids:
            return SYNTAX
        similar_ids = get_close_matches(drift, ids, 3, 0.3) or ids[:3]
        return f"Use a similar id: {', '.join(similar_ids)}; list all: GET /_driftline/drifts."


def _get_first(hits: Sequence[Hit], field: str) -> Any:
    values = (getattr(rule, field) for rule, _ in hits)
    return next((value for value in values if value is not None), None)


def _wait(rule: FaultRule) -> Headers:
    """Return the value of Retry-After: the rule's, or one second for 429."""
    wait = rule.retry_after or ("1" if rule.status == 429 else "none")
    return () if wait == "none" else (("Retry-After", wait),)


def _respond(
    mock: Mock | None, operation: Operation | None, status: int, message: str, headers: Headers
) -> HttpResponse:
    if mock is not None:
        return mock.build_documented_response(operation, status, message, headers)
    problem = {"type": "about:blank", "status": status, "detail": message}
    kind = "application/problem+json"
    return build_json_response(status, problem, media_type=kind, headers=headers)


def _choose_delivery(hits: Sequence[Hit]) -> Delivery:
    """Return how the response is sent."""
    reset, truncate, drip = (_get_first(hits, name) for name in ("reset", "truncate", "drip"))
    delay = sum(rule.latency.draw(source) for rule, source in hits if rule.latency)
    delivery = attrs.evolve(WHOLE, delay=delay, rules=tuple(str(rule) for rule, _ in hits))
    pace = _get_first(hits, "pace")
    if pace is not None:
        delivery = attrs.evolve(delivery, pause=pace)
    if drip is not None:
        piece = next(rule.piece for rule, _ in hits if rule.drip is not None)
        delivery = attrs.evolve(delivery, pause=drip, piece=piece)
    if reset is not None:
        silent = reset in {"request", "before"}
        share = 0.5 if reset == "body" else 1.0
        return attrs.evolve(delivery, end="reset", is_silent=silent, share=share)
    if truncate is not None:
        return attrs.evolve(delivery, end="close", share=truncate)
    return delivery


_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Service</title></head>"
    b"<body><h1>Something went wrong</h1><p>This page was made by a gateway.</p></body></html>\n"
)
_GARBAGE = b"\x00\xff\xfe{]" + bytes(range(128, 160))


def corrupt_body(response: HttpResponse, body: str) -> HttpResponse:
    """Return the response with another body.

    `html` and `text` declare their media type, the others do not.
    """
    if body == "html":
        return response.replace_headers(("Content-Type", "text/html; charset=utf-8"), body=_PAGE)
    if body == "text":
        plain = b"upstream connect error or disconnect/reset before headers\n"
        return response.replace_headers(("Content-Type", "text/plain"), body=plain)
    if body == "empty":
        return response.replace_headers(body=b"")
    if body == "half":
        return response.replace_headers(body=response.body[: len(response.body) // 2])
    return response.replace_headers(body=_GARBAGE)
