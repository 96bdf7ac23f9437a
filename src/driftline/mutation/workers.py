"""Distributes tasks among processes; if one dies, only its own task fails."""

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
    """`jobs` processes that call `work` with each task; `prepare` runs first and must not fail."""

    work: Callable[..., Any]
    jobs: int
    prepare: Callable[..., None]
    context: tuple[Any, ...] = ()

    def iterate_results(self, tasks: Iterable[Task]) -> Generator[Done, None, None]:
        """Yield each finished task with its future.

        A process that dies breaks its pool, and the pool does not tell which task it had. All
        running tasks are then repeated, each in a process of its own.
        """
        pending = iter(tasks)
        while suspects := (yield from self._run_together(pending, self.jobs)):
            for task in suspects:
                yield from self._run_alone(task)

    def _run_together(
        self, pending: Iterator[Task], jobs: int
    ) -> Generator[Done, None, list[Task]]:
        """Run the waiting tasks until a process dies; return the tasks that were running."""
        # A forked process would inherit locks that threads of the caller hold.
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(jobs, spawn, self.prepare, self.context)
        under_way: dict[Future[Any], Task] = {}
        suspects: list[Task] = []
        try:
            while not suspects:
                # At most one task per process, so that few are running when one dies.
                for task in islice(pending, jobs - len(under_way)):
                    under_way[_submit(pool, self.work, task)] = task
                if not under_way:
                    break
                for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                    task = under_way.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
                        suspects.append(task)
                    else:
                        yield task, future
            suspects += under_way.values()
            return suspects
        finally:
            pool.shutdown(wait=not under_way, cancel_futures=True)

    def _run_alone(self, task: Task) -> Iterator[Done]:
        suspects = yield from self._run_together(iter([task]), 1)
        for suspect in suspects:
            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("its process died"))
            yield suspect, future


def _submit(pool: ProcessPoolExecutor, work: Callable[..., Any], task: Task) -> Future[Any]:
    """Return the future of the task, even if the pool is broken."""
    try:
        return pool.submit(work, *task)
    except BrokenProcessPool as error:
        future: Future[Any] = Future()
        future.set_exception(error)
        return future
