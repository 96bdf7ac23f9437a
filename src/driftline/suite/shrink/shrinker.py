"""Minimizes the request that shows a finding, and finds the part that causes a rejection.

Each variation is sent to the server: a part is omitted, and the response judged again. A live
server receives few of these requests, and no write that the run may not send.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from driftline.checks import Exchange, Outgoing
from driftline.openapi import Operation
from driftline.suite.http.sender import Unsendable
from driftline.suite.http.session import BudgetExhausted, NotAllowed, Session
from driftline.suite.shrink.request_parts import (
    Part,
    list_differences,
    list_parts,
    list_parts_below,
    remove_part,
    replace_part,
)

MOCK_TRIALS = 60
LIVE_TRIALS = 10


class VariationSender:
    """Sends variations of a request; None once the limit is reached."""

    def __init__(self, session: Session, operation: Operation) -> None:
        self.session = session
        self.operation = operation
        is_mock = session.target.is_mock
        self.is_stateful = not is_mock and not operation.is_read
        may_send = operation.is_read or operation.id in session.target.allow_writes
        self.trials_left = MOCK_TRIALS if is_mock else LIVE_TRIALS if may_send else 0

    def __call__(self, request: Outgoing) -> Exchange | None:
        """Return the response to a request, from the initial state if the server is a mock."""
        if self.trials_left <= 0:
            return None
        self.trials_left -= 1
        self.session.target.reset()
        try:
            return self.session.send_raw(self.operation, request)
        except (BudgetExhausted, NotAllowed, Unsendable):
            self.trials_left = 0
            return None


def reduce_exchange(
    trials: VariationSender,
    exchange: Exchange,
    shows: Callable[[Exchange], bool],
) -> Exchange:
    """Return the smallest variation of an exchange that shows the same finding."""
    spec, operation = trials.session.spec, trials.operation
    parts = list_parts(spec, operation, exchange.request)[::-1]
    pending = [part for part in parts if part.location != "path"]
    while pending:
        part = pending.pop(0)
        variation = trials(remove_part(exchange.request, part))
        if variation is not None and shows(variation):
            exchange = variation
        else:
            pending = [*list(list_parts_below(part, exchange.request))[::-1], *pending]
    return exchange


def find_culprits(
    trials: VariationSender, exchange: Exchange, accepted: Sequence[Outgoing]
) -> list[tuple[Part, Exchange]]:
    """Return the parts that cause a rejection, each with an exchange that shows it.

    If no single part is the cause, each is tried in an accepted request.
    """
    culprit = find_culprit(trials, exchange, accepted)
    if culprit is not None:
        return [(culprit, exchange)]
    for nearest in _select_nearest(trials, exchange, accepted):
        parts = list_differences(trials.session.spec, trials.operation, exchange.request, nearest)
        variations = [
            (part, trials(replace_part(nearest, part, exchange.request))) for part in parts
        ]
        culprits = [
            (part, variation)
            for part, variation in variations
            if variation and variation.status == exchange.status
        ]
        if culprits:
            return culprits
    return []


def _select_nearest(
    trials: VariationSender, exchange: Exchange, accepted: Sequence[Outgoing]
) -> list[Outgoing]:
    """Return the accepted requests that differ least from a rejected one."""

    def count_differences(request: Outgoing) -> int:
        spec, operation = trials.session.spec, trials.operation
        return len(list_differences(spec, operation, exchange.request, request))

    return sorted(accepted, key=count_differences)[:2]


def find_culprit(
    trials: VariationSender, exchange: Exchange, accepted: Sequence[Outgoing]
) -> Part | None:
    """Return the only part that must be as in an accepted request to avoid the rejection."""
    spec, operation, rejected_request = trials.session.spec, trials.operation, exchange.request
    for nearest in _select_nearest(trials, exchange, accepted):
        culprit: Part | None = None
        pending = list_differences(spec, operation, rejected_request, nearest)
        while pending:
            part = pending.pop(0)
            variation = trials(replace_part(rejected_request, part, nearest))
            if variation is not None and variation.status not in {
                exchange.status,
                *range(500, 600),
            }:
                culprit = part
                pending = list_differences(spec, operation, rejected_request, nearest, inside=part)
        if culprit is not None:
            return culprit
    return None
