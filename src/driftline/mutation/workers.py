"""Work shared out among processes, of which one may die without taking more than its own task."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any

import attrs

Task = tuple[str, ...]
Done = tuple[Task, Future[Any]]


@attrs.frozen(kw_only=True)
class Workers:
    """`jobs` processes that call `work` with each task; `prepare`, first, must not fail."""

    work: Callable[..., Any]
    jobs: int
    prepare: Callable[..., None]
    context: tuple[Any, ...] = ()

    def iterate_results(self, tasks: Iterable[Task]) -> Generator[Done, None, None]:
        """Yield each task with its future, as they are done.

        A process that dies takes its pool along, and nobody can say which it was. All that were
        under way then are tried once more, each with a process of its own.
        """
        waiting = iter(tasks)
        while suspects := (yield from self._run_together(waiting, self.jobs)):
            for task in suspects:
                yield from self._run_alone(task)

    def _run_together(
        self, waiting: Iterator[Task], jobs: int
    ) -> Generator[Done, None, list[Task]]:
        """Do what waits, until a process dies; gives back what was under way then."""
        # Forked, a process would inherit locks that threads of the caller hold.
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(jobs, spawn, self.prepare, self.context)
        under_way: dict[Future[Any], Task] = {}
        lost: list[Task] = []
        try:
            while not lost:
                # No more than there are processes, so that few are under way when one dies.
                for task in islice(waiting, jobs - len(under_way)):
                    under_way[_submit(pool, self.work, task)] = task
                if not under_way:
                    break
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    task = under_way.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
                        lost.append(task)
                    else:
                        yield task, future
            lost += under_way.values()
            return lost
        finally:
            pool.shutdown(wait=not under_way, cancel_futures=True)

    def _run_alone(self, task: Task) -> Iterator[Done]:
        lost = yield from self._run_together(iter([task]), 1)
        for each in lost:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("its process died"))
            yield each, future


def _submit(pool: ProcessPoolExecutor, work: Callable[..., Any], task: Task) -> Future[Any]:
    """Return the future of the task, even if the pool has broken by now."""
    try:
        return pool.submit(work, *task)
    except BrokenProcessPool as error:
        future: Future[Any] = Future()
        future.set_exception(error)
        return future
