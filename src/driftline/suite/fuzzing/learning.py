"""Rules that a live server applies beyond its document, learned from its rejections.

schemathesis reads the error bodies of many frameworks. A request that keeps these rules gets
further, to code that may fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from schemathesis.core.error_feedback import ErrorFeedbackStore
from schemathesis.core.error_feedback.collector import record_response  # pyright: ignore[reportUnknownVariableType]
from schemathesis.generation.feedback import FeedbackSources

ROUNDS: Final = 3
"""A server may name one rule at a time."""
REQUESTS: Final = 5
"""Maximum requests of a round."""


class Lessons:
    """The learned rules of one operation."""

    def __init__(self) -> None:
        self._store = ErrorFeedbackStore()
        self._generation = 0

    def note(self, case: Any, response: Any) -> None:
        """Learn from a response that rejects a request which the document allows."""
        record_response(store=self._store, operation=case.operation, case=case, response=response)

    def iterate_rounds(self) -> Iterator[FeedbackSources]:
        """Yield the learned rules, as long as a round adds one."""
        for _ in range(ROUNDS):
            self._store.checkpoint()
            if self._store.generation == self._generation:
                return
            self._generation = self._store.generation
            yield FeedbackSources(error_feedback=self._store)


def names_rule(case: Any, response: Any) -> bool:
    """Return whether a rejection names a rule, known or not."""
    store = ErrorFeedbackStore()  # that of the lessons does not show a rule that it knows already
    start = store.generation
    record_response(store=store, operation=case.operation, case=case, response=response)
    store.checkpoint()
    return store.generation != start
