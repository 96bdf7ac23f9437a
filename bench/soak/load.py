"""Clients that send many requests at once, at a limited rate, and record the outcomes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

import httpx

from bench.soak.asking import HEADERS, Question, make_question
from bench.soak.ledger import ClientOutcome, Ledger

CLIENTS = 8


class Load:
    """Asks `rate` things a second of the mock at `url`, by clients side by side."""

    def __init__(self, url: str, ledger: Ledger, rate: float, seed: int) -> None:
        self._url, self._ledger, self._rate = url, ledger, rate
        self._source = random.Random(seed)  # noqa: S311 (a mixture, not a secret)
        self.number = 0
        self.is_dying = False
        self.seen: list[ClientOutcome] = []

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Asks until it is over."""
        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(self._ask(is_over))

    async def _ask(self, is_over: Callable[[], bool]) -> None:
        due, before = time.monotonic(), 0
        async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=1)) as client:
            while not is_over():
                self.number += 1
                question = make_question(self.number, self._source)
                seen = await self._send(client, question, before)
                self._ledger.note(seen)
                self.seen.append(seen)
                before = question.number
                due = max(due + CLIENTS / self._rate, time.monotonic() - 1)
                await asyncio.sleep(due - time.monotonic())

    async def _send(
        self, client: httpx.AsyncClient, question: Question, before: int
    ) -> ClientOutcome:
        status, body, error = None, None, ""
        try:
            answer = await client.request(
                question.method,
                f"{self._url}/{question.api}{question.path}",
                params={**question.query, "soak": question.number},
                headers=dict(question.headers or HEADERS[question.api]),
                json=question.body,
            )
            status, body = answer.status_code, answer.json()
        except httpx.HTTPError as problem:
            error = type(problem).__name__
        except ValueError:
            error = "no JSON"
        return ClientOutcome(question, status, body, error, before, self.is_dying)
