"""Rules that a live server has and its document does not, read from what it rejects.

schemathesis reads the error bodies of many frameworks. A request that keeps these rules gets
further, to where the server may fail.
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
"""Requests of a round."""


class Lessons:
    """What was learned about one operation."""

    def __init__(self) -> None:
        self._store = ErrorFeedbackStore()
        self._generation = 0

    def note(self, case: Any, response: Any) -> None:
        """Read a response; only what rejects a request that the document allows says something."""
        record_response(store=self._store, operation=case.operation, case=case, response=response)

    def iterate_rounds(self) -> Iterator[FeedbackSources]:
        """Yield what to make requests with, as long as something new is learned."""
        for _ in range(ROUNDS):
            self._store.checkpoint()
            if self._store.generation == self._generation:
                return
            self._generation = self._store.generation
            yield FeedbackSources(error_feedback=self._store)
