"""Rules that a live server applies beyond its document, learned from its rejections.

schemathesis reads the error bodies of many frameworks. A request that keeps these rules gets
further, to code that may fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from schemathesis.core.error_feedback import ErrorFeedbackStore
from schemathesis.core.error_feedback.collector import record_response  # pyright: ignore[reportUnknownVariableType]
from schemathesis.generation.feedback import FeedbackSources

from driftline.checks import Exchange
from driftline.openapi import Spec, find_request_path, sanitize_path_name
from driftline.suite.fuzzing.schema import load_schema
from driftline.suite.fuzzing.schemathesis_cases import build_case_response

ROUNDS: Final = 3
"""A server may name one rule at a time."""
REQUESTS: Final = 5
"""Maximum requests of a round."""


class LearnedRules:
    """The learned rules of one operation."""

    def __init__(self) -> None:
        self._store = ErrorFeedbackStore()
        self._generation = 0

    def note(self, case: Any, response: Any) -> None:
        """Learn from a response that rejects a request which the document allows."""
        record_response(store=self._store, operation=case.operation, case=case, response=response)

    def iterate_rounds(self) -> Iterator[FeedbackSources]:
        """Yield the learned rules of each round, until a round adds none."""
        for _ in range(ROUNDS):
            self._store.checkpoint()
            if self._store.generation == self._generation:
                return
            self._generation = self._store.generation
            yield FeedbackSources(error_feedback=self._store)


def build_case(spec: Spec, exchange: Exchange) -> Any:
    """Return a case of the exchange's operation, as far as responses are judged by it."""
    operation = spec.find_operation(exchange.operation)
    assert operation is not None  # noqa: S101 - it was called
    path_parameters = {
        sanitize_path_name(parameter.name): "x"
        for parameter in operation.parameters
        if parameter.location == "path"
    }
    api = load_schema(spec)[find_request_path(operation)][operation.method]
    try:
        body = {"body": json.loads(exchange.request.body), "media_type": "application/json"}
    except ValueError:
        body = {}
    return api.Case(path_parameters=path_parameters, **body)


def mentions_rule(spec: Spec, exchange: Exchange) -> bool:
    """Return whether a rejection names a rule, known or not."""
    lessons = LearnedRules()  # those of the operation do not show a rule that they know already
    lessons.note(build_case(spec, exchange), build_case_response(exchange))
    return any(True for _ in lessons.iterate_rounds())
