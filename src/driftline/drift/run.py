"""Runs everything that can disagree: spec, generated client, documents, and mock or server."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs

from driftline import __version__
from driftline.contract.run import run_suite
from driftline.contract.session import MAX_REQUESTS, RATE, TIMEOUT
from driftline.contract.target import Handle
from driftline.drift.clean import cleaner, shown_check, shown_url
from driftline.drift.live import Earlier, Live, run_id
from driftline.drift.readings import fresh_check, spec_check
from driftline.drift.report import Api, Report
from driftline.errors import UsageError
from driftline.findings import Check, Usage
from driftline.project import Project
from driftline.spec import Spec, find, load

__all__ = ["Progress", "check"]

Progress = Callable[[Check | None, int, int], None]
"""Told each check as it is made, how many are done, and how many there are (0: not known yet)."""


def _quiet(check: Check | None, done: int, total: int) -> None:
    """Progress that nobody watches."""


def check(
    project: Project,
    names: Sequence[str] = (),
    *,
    urls: Mapping[str, str] | None = None,
    allow_writes: Sequence[str] = (),
    seed: int = 0,
    max_requests: int = MAX_REQUESTS,
    rate: int = RATE,
    timeout: float = TIMEOUT,
    run: str | None = None,
    folder: Path | None = None,
    resumed: bool = False,
    handles: Mapping[str, Handle] | None = None,
    progress: Progress = _quiet,
    specs: Path | None = None,
) -> Report:
    """Checks the APIs `names` (default: all) against their mocks, or the servers at `urls`.

    `handles` takes the place of an API's mock; `specs` of the project's folder of that name. For
    live servers are `max_requests` per API, `rate` per second, `timeout` in seconds, the ID `run`,
    and `folder`, which keeps each check as it is made, and if `resumed` has some already.

    Raises:
        UsageError: an API, operation, URL or environment variable is wrong or missing.
        SpecError: a spec cannot be used at all.
        TargetError: no server has ever answered.
    """
    started, clock, urls = datetime.now(UTC), perf_counter(), urls or {}
    loaded = _loaded(specs or project.specs, names, urls)
    asked: dict[str, Any] = {"urls": urls, "allow_writes": allow_writes, "seed": seed}
    live = Live.of(project, loaded, **asked, folder=folder, resumed=resumed)
    asked |= {"max_requests": max_requests, "rate": rate, "timeout": timeout, "handles": handles}
    clean = partial(shown_check, clean=cleaner(_secrets(loaded, urls)), root=project.root)
    begun = _begun(live, run)
    counter = _Counter(progress, 2 * len(loaded))
    checks = [counter.made(each) for spec in loaded for each in _readings(project, spec)]
    suite = partial(run_suite, project, loaded, **asked)
    made, usages = _made(suite, live, begun, counter=counter, clean=clean)
    checks += [_runnable(each, urls) for each in made]
    apis = tuple(_api(spec, urls, usages, begun.checks) for spec in loaded)
    report = Report(
        apis=apis, checks=tuple(map(clean, checks)), started=started, seconds=0, version=__version__
    )
    return attrs.evolve(report, seconds=perf_counter() - clock, seed=seed)


def _begun(live: Live, run: str | None) -> Earlier:
    """What is known before the run, with its ID; "" if nothing is live."""
    earlier = live.earlier()
    own = run_id(earlier.run if run is None else run) if live.digests else ""
    return attrs.evolve(earlier, run=own)


def _readings(project: Project, spec: Spec) -> Iterator[Check]:
    yield spec_check(spec)
    yield fresh_check(project, spec)


def _made(
    suite: Callable[..., list[Check]],
    live: Live,
    begun: Earlier,
    *,
    counter: _Counter,
    clean: Callable[[Check], Check],
) -> tuple[list[Check], list[Usage]]:
    """The suite's checks, each kept as it is made, and what was used of live servers."""
    usages: list[Usage] = []
    with _unlogged(), live.keeping(begun) as keep:
        made = suite(
            run_id=begun.run or "",
            known=begun.checks,
            on_end=usages.extend,
            on_progress=counter.telling(lambda made: keep(clean(made))),
        )
    return made + counter.unmade(made), usages


@contextmanager
def _unlogged() -> Generator[None]:
    """The clients' log stays quiet: what they notice is in the findings."""
    logger = logging.getLogger("driftline")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _loaded(folder: Path, names: Sequence[str], urls: Mapping[str, str]) -> list[Spec]:
    """The specs that are asked for; each URL must be about one of them."""
    specs = [load(path) for path in find(folder, names)]
    known = [spec.name for spec in specs]
    for name in urls:
        if name not in known:
            what = f"there is a URL for {name!r}, which is not checked"
            raise UsageError(what, f"Checked here: {', '.join(known)}.")
    return specs


def _api(
    spec: Spec, urls: Mapping[str, str], usages: Sequence[Usage], earlier: Sequence[Check]
) -> Api:
    if spec.name not in urls:
        return Api.of(spec)
    usage = next((each for each in usages if each.api == spec.name), None)
    known = sum(each.api == spec.name and each.coverage is None for each in earlier)
    if usage is not None and known:
        note = f"{known} checks are from an earlier part of this run"
        usage = attrs.evolve(usage, notes=(note, *usage.notes))
    return Api.of(spec, shown_url(urls[spec.name]), usage)


def _secrets(specs: Sequence[Spec], urls: Mapping[str, str]) -> dict[str, str]:
    """The credentials of live servers by variable; a mock's are no secret."""
    return {
        scheme.env: os.environ.get(scheme.env, "")
        for spec in specs
        if spec.name in urls
        for scheme in spec.security_schemes.values()
        if scheme.env
    }


def _runnable(made: Check, urls: Mapping[str, str]) -> Check:
    """A mock in this process has no address: its commands name the one of `driftline mock`."""
    if made.api in urls:
        return made
    inside, outside = f"http://{made.api}.mock", f"http://127.0.0.1:8080/{made.api}"
    findings = (
        attrs.evolve(each, curl=each.curl.replace(inside, outside)) for each in made.findings
    )
    return attrs.evolve(made, findings=tuple(findings))


class _Counter:
    """Counts own checks and the suite's as one, and sees when the suite stopped half-way."""

    def __init__(self, progress: Progress, own: int) -> None:
        self._progress = progress
        self._own = own
        self._done = self._announced = 0
        progress(None, 0, 0)

    def made(self, made: Check) -> Check:
        """One of our own checks."""
        self._done += 1
        self._progress(made, self._done, 0)
        return made

    def telling(self, keep: Callable[[Check], None]) -> Progress:
        """What the suite tells its checks to; `keep` gets each, too."""

        def tell(made: Check | None, done: int, total: int) -> None:
            self._announced = total
            if made is not None:
                keep(made)
            self._progress(made, self._own + done, self._own + total)

        return tell

    def unmade(self, made: Sequence[Check]) -> list[Check]:
        """An error, if the suite made no check, or fewer than it had announced."""
        if made and len(made) >= self._announced:
            return []
        detail = f"the suite stopped after {len(made)} of {self._announced} checks"
        return [Check(api="", operation="", name="suite", outcome="error", detail=detail)]
