"""Live runs: their id, and the journal from which an interrupted run is resumed."""

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


def run_id(requested_id: str | None) -> str:
    """Return the requested ID, or a new one.

    Raises:
        UsageError: it is not valid in a header.
    """
    if requested_id is None:
        return uuid.uuid4().hex[:12]
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", requested_id):
        message = f"invalid run id {requested_id!r}"
        raise UsageError(message, "Use up to 64 letters, digits, dots, underscores and hyphens.")
    return requested_id


@attrs.frozen
class EarlierRun:
    """The content of the journal of an earlier part of the run: its ID, and its checks."""

    run: str | None = None
    checks: tuple[Check, ...] = ()


@attrs.frozen(kw_only=True)
class LiveJournal:
    """The journal of a live run in `folder`, from which the run may be resumed (`is_resumed`).

    `digests` identify by API what a check depends on: spec, suite, seed, URL and version of
    driftline.
    """

    folder: Path | None
    is_resumed: bool
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
        return cls(folder=folder, is_resumed=resumed, digests=digests)

    def load_earlier(self) -> EarlierRun:
        """Return the part of the run that is already done.

        Raises:
            UsageError: no earlier run can be resumed.
        """
        if not self.is_resumed or self.folder is None:
            return EarlierRun()
        if not self.digests:
            raise UsageError("--resume needs a live server", "Pass the same --url as before.")
        path = self.folder / JOURNAL
        if not path.is_file():
            message = f"no run to resume: {path} does not exist"
            raise UsageError(message, "Pass the directory of the earlier --report.")
        run, checks = None, list[Check]()
        for entry in journal.read_entries(path):
            if isinstance(entry.get("run"), str):
                run = entry["run"]
            elif (check := self._check(entry)) is not None:
                checks.append(check)
        return EarlierRun(run, tuple(checks))

    def _check(self, entry: dict[str, Any]) -> Check | None:
        """Return the check in a line, if it was completed and its digest is still the same."""
        try:
            digest = entry.pop("digest")
            check = Check.from_dict(entry)
        except (KeyError, TypeError, ValueError):
            return None
        is_complete = check.outcome in {"passed", "drift"} and not check.detail
        is_complete |= check.coverage is not None  # what was seen, was seen
        same = digest == self.digests.get(check.api)
        return check if same and (is_complete or check.outcome == "not-sent") else None

    @contextmanager
    def keep_journal(self, run: str, earlier_checks: Sequence[Check] = ()) -> Generator[Keep]:
        """Yield a function that stores each check, except those of `earlier_checks`."""
        if self.folder is None or not self.digests:
            yield lambda check: None
            return
        with journal.open_append(self.folder / JOURNAL, fresh=not self.is_resumed) as write:
            write({"run": run})
            finished_checks = (check for check in earlier_checks if check.coverage is None)
            recorded_keys = {(check.api, check.operation, check.name) for check in finished_checks}

            def keep(check: Check) -> None:
                if (
                    check.api in self.digests
                    and (check.api, check.operation, check.name) not in recorded_keys
                ):
                    write({**check.to_dict(), "digest": self.digests[check.api]})

            yield keep


def _describe(settings: ApiSettings) -> str:
    """Return the settings that distinguish runs; rates and limits do not."""
    return str(attrs.evolve(settings, max_requests=None, rate=None, timeout=None))


def _compute_digest(project: Project, spec: Spec, options: str) -> str:
    files = [spec.path, *sorted(project.suite.rglob("*.py"))]
    digest = hashlib.sha256(options.encode())
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]
