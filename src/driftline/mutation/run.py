"""Tests every mutant of some specs in several processes, and stores the results."""

from __future__ import annotations

import fnmatch
import hashlib
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from driftline import journal
from driftline.errors import UsageError
from driftline.mutation.clauses import generate_mutants, list_clauses
from driftline.mutation.mutants import Mutant
from driftline.mutation.report import MutationReport, MutationSubject
from driftline.mutation.trial import Result, Touched, build_failure, record_touched, try_mutant
from driftline.mutation.workers import Workers
from driftline.openapi import Spec, load
from driftline.project import Project
from driftline.shard import Shard

STATE = "drill.jsonl"
_MANY = 60
"""From this many mutants on, a run of the right mock is cheaper than checks that cannot differ."""
Progress = Callable[[Result | None, int, int], None]
Task = tuple[Spec, Mutant]


def _ignore_progress(result: Result | None, completed: int, total: int) -> None:
    """Ignore progress."""


def run_mutation_test(
    project: Project,
    specs: Sequence[Spec],
    *,
    jobs: int = 1,
    shard: Shard | None = None,
    seed: int = 0,
    only: str = "*",
    state: Path | None = None,
    fresh: bool = False,
    progress: Progress = _ignore_progress,
) -> MutationReport:
    """Try the mutants of `specs` whose ID matches `only`, as far as they belong to `shard`.

    `state` keeps the results; those for the same spec, code and seed are reused, unless `fresh`.

    Raises:
        UsageError: no mutant matches.
    """
    started_at, clock = datetime.now(UTC), perf_counter()
    mutants = ((spec, mutant) for spec in specs for mutant in generate_mutants(spec))
    candidates = [pair for pair in mutants if fnmatch.fnmatchcase(pair[1].id, only)]
    tasks = [(spec, mutant) for spec, mutant in candidates if (shard or Shard()).has(mutant.id)]
    if not candidates:
        hint = "Pass a glob of mutant ids, for example 'shop/orders.list/*'."
        raise UsageError(f"no mutant matches {only!r}", hint)
    digests = {spec.name: _compute_digest(project, spec, seed) for spec in specs}
    earlier = {} if fresh else dict(_load_results(state, digests))
    results = {mutant.id: earlier[mutant.id] for _, mutant in tasks if mutant.id in earlier}
    todo = [(spec, mutant) for spec, mutant in tasks if mutant.id not in results]
    progress(None, len(results), len(tasks))
    with _open_results(state, fresh=fresh) as store:
        for result in _try_mutants(project, todo, jobs, seed):
            results[result.id] = result
            store(result, digests[result.api])
            progress(result, len(results), len(tasks))
    subjects = (_build_subject(spec, [m for s, m in tasks if s is spec]) for spec in specs)
    return MutationReport(
        subjects=tuple(subjects),
        results=tuple(results[mutant.id] for _, mutant in tasks),
        started=started_at,
        seconds=perf_counter() - clock,
        seed=seed,
        remembered=len(tasks) - len(todo),
    )


def _build_subject(spec: Spec, mutants: Sequence[Mutant]) -> MutationSubject:
    return MutationSubject(
        spec.name, len(list_clauses(spec)), len({mutant.clause for mutant in mutants})
    )


def _try_mutants(project: Project, tasks: Sequence[Task], jobs: int, seed: int) -> Iterator[Result]:
    """Yield the results as they arrive; those of mutants that need no test first."""
    pending = [task for task in tasks if not task[1].equivalent]
    for spec, mutant in tasks:
        if mutant.equivalent:
            yield try_mutant(project, spec, mutant, seed)
    counts = Counter(spec.name for spec, _ in pending)
    touched_by_api = {
        spec.name: record_touched(project, spec, seed)
        for spec in dict(pending)
        if counts[spec.name] >= _MANY
    }
    if jobs == 1 or len(pending) < 2:
        for spec, mutant in pending:
            yield try_mutant(project, spec, mutant, seed, touched_by_api.get(spec.name))
        return
    paths = tuple((spec.name, spec.path) for spec in dict(tasks))
    tasks_by_id: dict[tuple[str, ...], Task] = {
        (spec.name, mutant.id): (spec, mutant) for spec, mutant in pending
    }
    workers = Workers(
        work=_try,
        jobs=min(jobs, len(pending)),
        prepare=_prepare,
        context=(project.root, paths, seed, touched_by_api),
    )
    for task, future in workers.iterate_results(tasks_by_id):
        yield _read_result(future, *tasks_by_id[task])


def _read_result(future: Future[dict[str, Any]], spec: Spec, mutant: Mutant) -> Result:
    try:
        return Result.from_dict(future.result())
    except Exception as error:  # a process that died, or could not read the spec
        return build_failure(spec, mutant, f"{type(error).__name__}: {error}")


_WORKER: dict[str, Any] = {}


def _prepare(
    root: Path,
    paths: tuple[tuple[str, Path], ...],
    seed: int,
    touched_by_api: Mapping[str, Touched],
) -> None:
    """Load what all mutants of this process share."""
    _WORKER.update(project=Project(root), paths=dict(paths), seed=seed, touched=touched_by_api)


@lru_cache
def _load_mutants(path: Path) -> tuple[Spec, dict[str, Mutant]]:
    """Return a spec, loaded once for all of its mutants, and these by id."""
    spec = load(path)
    return spec, {mutant.id: mutant for mutant in generate_mutants(spec)}


def _try(api: str, name: str) -> dict[str, Any]:
    spec, mutants = _load_mutants(_WORKER["paths"][api])
    operations_by_check = _WORKER["touched"].get(api)
    return try_mutant(
        _WORKER["project"], spec, mutants[name], _WORKER["seed"], operations_by_check
    ).to_dict()


def _compute_digest(project: Project, spec: Spec, seed: int) -> str:
    """Return a digest of what a result depends on: spec, client, suite, and driftline itself."""
    folders = (Path(__file__).parents[1], project.suite, project.generated / spec.client_package)
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    digest = hashlib.sha256(f"{seed}".encode())
    for path in (spec.path, *files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _load_results(state: Path | None, digests: dict[str, str]) -> Iterable[tuple[str, Result]]:
    """Yield earlier results that are still valid; errors are tested again."""
    for entry in journal.read_entries(state) if state else ():
        try:
            digest, result = entry.pop("digest"), Result.from_dict(entry)
        except (KeyError, TypeError):
            continue  # a line of another version
        if digest == digests.get(result.api) and result.verdict != "error":
            yield result.id, result


@contextmanager
def _open_results(state: Path | None, *, fresh: bool) -> Generator[Callable[[Result, str], None]]:
    """Write each result at once, so that a run may be interrupted."""
    if state is None:
        yield lambda result, digest: None
        return
    with journal.open_append(state, fresh=fresh) as write:
        yield lambda result, digest: write({**result.to_dict(), "digest": digest})
