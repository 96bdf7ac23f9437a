"""Live runs: their ID, and the journal by which an interrupted one is continued."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from driftline import __version__, journal
from driftline.checks import Check
from driftline.errors import UsageError
from driftline.openapi import Spec
from driftline.project import ApiSettings, Project

JOURNAL = "checks.jsonl"
Keep = Callable[[Check], None]


def run_id(given: str | None) -> str:
    """Return the ID that was given, or a new one.

    Raises:
        UsageError: it is not valid in a header.
    """
    if given is None:
        return uuid.uuid4().hex[:12]
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given):
        what = f"invalid run ID {given!r}"
        raise UsageError(what, "Use up to 64 letters, digits, dots, underscores and hyphens.")
    return given


@attrs.frozen
class EarlierRun:
    """The content of the journal of an earlier part of the run: its ID, and its checks."""

    run: str | None = None
    checks: tuple[Check, ...] = ()


@attrs.frozen(kw_only=True)
class LiveJournal:
    """How the live part of a run is kept: in `folder`, and `resumed` from there.

    `digests` say by API what a check depends on: another spec, suite, seed, URL or version of
    driftline makes it another check.
    """

    folder: Path | None
    resumed: bool
    digests: Mapping[str, str]

    @classmethod
    def build(
        cls,
        project: Project,
        specs: Sequence[Spec],
        urls: Mapping[str, str],
        *,
        seed: int,
        allow_writes: Collection[str],
        settings: Mapping[str, ApiSettings],
        folder: Path | None,
        resumed: bool,
    ) -> LiveJournal:
        """For the APIs that have a URL."""
        options = f"{__version__} {seed} {sorted(allow_writes)}"
        digests = {
            spec.name: _compute_digest(
                project, spec, f"{options} {urls[spec.name]} {_describe(settings[spec.name])}"
            )
            for spec in specs
            if spec.name in urls
        }
        return cls(folder=folder, resumed=resumed, digests=digests)

    def load_earlier(self) -> EarlierRun:
        """Return what need not be done again.

        Raises:
            UsageError: there is nothing to go on with.
        """
        if not self.resumed or self.folder is None:
            return EarlierRun()
        if not self.digests:
            raise UsageError("--resume needs a live server", "Pass the same --url as before.")
        path = self.folder / JOURNAL
        if not path.is_file():
            what = f"no run to resume: {path} does not exist"
            raise UsageError(what, "Pass the directory of the earlier --report.")
        run, checks = None, list[Check]()
        for entry in journal.read_entries(path):
            if isinstance(entry.get("run"), str):
                run = entry["run"]
            elif (made := self._check(entry)) is not None:
                checks.append(made)
        return EarlierRun(run, tuple(checks))

    def _check(self, entry: dict[str, Any]) -> Check | None:
        """Return the check of a line, if it was made to the end and would be the same one today."""
        try:
            digest = entry.pop("digest")
            made = Check.from_dict(entry)
        except (KeyError, TypeError, ValueError):
            return None
        whole = made.outcome in {"passed", "drift"} and not made.detail
        whole |= made.coverage is not None  # what was seen, was seen
        same = digest == self.digests.get(made.api)
        return made if same and (whole or made.outcome == "not-sent") else None

    @contextmanager
    def keep_journal(self, run: str, known: Sequence[Check] = ()) -> Generator[Keep]:
        """Yield a function that stores each check, except those of `known`."""
        if self.folder is None or not self.digests:
            yield lambda made: None
            return
        with journal.open_append(self.folder / JOURNAL, fresh=not self.resumed) as write:
            write({"run": run})
            done = (check for check in known if check.coverage is None)
            there = {(check.api, check.operation, check.name) for check in done}

            def keep(made: Check) -> None:
                if made.api in self.digests and (made.api, made.operation, made.name) not in there:
                    write({**made.to_dict(), "digest": self.digests[made.api]})

            yield keep


def _describe(settings: ApiSettings) -> str:
    """Return what of the settings makes another run: not how fast it is, nor how long."""
    return str(attrs.evolve(settings, max_requests=None, rate=None, timeout=None))


def _compute_digest(project: Project, spec: Spec, options: str) -> str:
    files = [spec.path, *sorted(project.suite.rglob("*.py"))]
    digest = hashlib.sha256(options.encode())
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
