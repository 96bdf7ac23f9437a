"""Worker processes: if one dies, no other task is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from driftline.mutation.workers import Workers

_WORDS: list[str] = []


def keep(word: str) -> None:
    """Prepare a worker process."""
    _WORDS.append(word)


def run_task(task: str) -> str:
    """Die, fail, or return the task with the context of the process."""
    if task == "die":
        os._exit(9)
    if task == "fail":
        raise LookupError("no such mutant")
    return f"{task} {' '.join(_WORDS)}"


def run_tasks(*names: str, jobs: int = 2) -> dict[str, str]:
    """Return the result of each task."""
    workers = Workers(work=run_task, jobs=jobs, prepare=keep, context=("prepared",))
    results: dict[str, str] = {}
    for (name,), future in workers.iterate_results((name,) for name in names):
        assert name not in results
        error = future.exception()
        results[name] = type(error).__name__ if error else str(future.result())
    return results


def test_every_task_is_done_once_by_a_prepared_process() -> None:
    """Each task runs once in a prepared process, with more or fewer tasks than processes."""
    assert run_tasks("a", "b", "c") == {name: f"{name} prepared" for name in "abc"}
    assert run_tasks() == {}


def test_a_process_that_dies_fails_only_its_task() -> None:
    """If a process dies, only its task fails, and the others still run."""
    results = run_tasks("a", "die", "b", "fail", "c")
    assert results.pop("die") == BrokenProcessPool.__name__
    assert results.pop("fail") == LookupError.__name__
    assert results == {name: f"{name} prepared" for name in "abc"}


def test_a_consumer_that_stops_ends_the_work() -> None:
    """If the consumer stops, no further task is started."""
    started_tasks: list[str] = []

    def generate_tasks() -> Iterator[tuple[str, ...]]:
        for number in range(100):
            started_tasks.append(str(number))
            yield (str(number),)

    workers = Workers(work=run_task, jobs=1, prepare=keep, context=("prepared",))
    listening = workers.iterate_results(generate_tasks())
    next(listening)
    with pytest.raises(RuntimeError, match="enough"):
        listening.throw(RuntimeError("enough"))
    assert len(started_tasks) == 1
