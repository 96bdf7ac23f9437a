"""Work in several processes: whatever happens to one of them, no other task is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool

import pytest

from driftline.mutation.workers import Workers

_KEPT: list[str] = []


def keep(word: str) -> None:
    """Prepares a process."""
    _KEPT.append(word)


def work(what: str) -> str:
    """Dies, fails, or says what it was prepared with."""
    if what == "die":
        os._exit(9)
    if what == "fail":
        raise LookupError("no such mutant")
    return f"{what} {' '.join(_KEPT)}"


def results(*names: str, jobs: int = 2) -> dict[str, str]:
    """What became of each task."""
    workers = Workers(work=work, jobs=jobs, prepare=keep, context=("prepared",))
    done: dict[str, str] = {}
    for (name,), future in workers.iterate_results((each,) for each in names):
        assert name not in done
        error = future.exception()
        done[name] = type(error).__name__ if error else str(future.result())
    return done


def test_every_task_is_done_once_by_a_prepared_process() -> None:
    """More tasks than processes, and fewer."""
    assert results("a", "b", "c") == {name: f"{name} prepared" for name in "abc"}
    assert results() == {}


def test_a_process_that_dies_takes_only_its_task() -> None:
    """What was under way beside it is done after all, and so is what had not begun."""
    found = results("a", "die", "b", "fail", "c")
    assert found.pop("die") == BrokenProcessPool.__name__
    assert found.pop("fail") == LookupError.__name__
    assert found == {name: f"{name} prepared" for name in "abc"}


def test_whoever_stops_listening_ends_the_work() -> None:
    """No task is begun that nobody waits for."""
    taken: list[str] = []

    def tasks() -> Iterator[tuple[str, ...]]:
        for number in range(100):
            taken.append(str(number))
            yield (str(number),)

    workers = Workers(work=work, jobs=1, prepare=keep, context=("prepared",))
    listening = workers.iterate_results(tasks())
    next(listening)
    with pytest.raises(RuntimeError, match="enough"):
        listening.throw(RuntimeError("enough"))
    assert len(taken) == 1
