"""Runs attacks in processes with limited memory and time, and checks their output."""

from __future__ import annotations

import multiprocessing
import os
import re
import resource
import traceback
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import attrs
from click.testing import CliRunner

from attack.spellings import find_remains, list_spellings
from attack.vocabulary import INJECTED
from driftline.cli.group import driftline

# What the commands import when they run: here once, and not in each process.
for _name in ("suite.run", "check", "observe", "generate", "changes", "runtime", "add"):
    import_module(f"driftline.{_name}")

SECONDS = 60
"""Of the processor; so that a busy machine is no attack."""
PATIENCE = 240
MEMORY = 2_000_000_000
"""Bytes of address space that a process may have beyond those of the one that starts it."""
GROWTH = 300_000_000
CONTEXT = multiprocessing.get_context("fork")
_COMMAND = re.compile(rf"^\s*(?:::[a-z-]+[ :].*|.*##\[[a-z]*\].*){INJECTED}", re.MULTILINE)
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@attrs.frozen
class Breach:
    """A successful attack: its target, and the evidence."""

    target: str
    message: str


@attrs.frozen
class RunOutcome:
    """The output of a run; `crash` describes an unexpected end."""

    output: str
    exit_code: int
    crash: str = ""
    memory: int = 0
    """Bytes that the process grew by."""
    hidden_text: str = ""
    """Values that are not printed, but must not contain a secret either."""


def run(*words: str, environ: Mapping[str, str] | None = None) -> RunOutcome:
    """Run a command of driftline in this process."""
    result = CliRunner().invoke(driftline, words, env=dict(environ or {}))
    crash = ""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        crash = "".join(traceback.format_exception(result.exception)[-3:])
    return RunOutcome(result.output, result.exit_code, crash)


def watch(work: Callable[[], RunOutcome], *, limited: bool = True) -> RunOutcome:
    """Run `work` in a process of its own, which is killed at limits of time and memory.

    `limited` is false for a browser, which needs more memory.
    """
    ours, theirs = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=_work, args=(work, theirs, limited))
    process.start()
    theirs.close()
    try:
        result = ours.recv() if ours.poll(PATIENCE) else RunOutcome("", -1, "it hangs")
    except EOFError:
        result = RunOutcome("", -1, "the process was ended, for want of memory or time")
    process.kill()
    process.join()
    return result


def _work(work: Callable[[], RunOutcome], answer: Connection, limited: bool) -> None:
    if limited:
        limit = _measure_address_space() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123
        os.dup2(nothing.fileno(), 2)
    try:
        before = _measure_memory()
        seen = work()
        answer.send(attrs.evolve(seen, memory=_measure_memory() - before))
    except BaseException as error:
        answer.send(RunOutcome("", -1, f"{type(error).__name__}: {error}"[:300]))


def _measure_address_space() -> int:
    """Return the bytes of address space that this process has; 0 where the system has no /proc."""
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text().split()[0]) if statm.exists() else 0
    return pages * resource.getpagesize()


def _measure_memory() -> int:
    """Return the most bytes that the process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def find_breaches(
    target: str, seen: RunOutcome, folder: Path, secrets: tuple[str, ...]
) -> Iterator[Breach]:
    """Yield the breaches in the output of a run and in the files that it wrote."""
    if seen.crash:
        yield Breach(target, f"crashed: {seen.crash[-300:]}")
    if seen.exit_code not in {0, 1, 2} and not seen.crash:
        yield Breach(target, f"exit code {seen.exit_code}")
    if seen.memory > GROWTH:
        yield Breach(target, f"it took {seen.memory // 1_000_000} MB")
    if _COMMAND.search(seen.output):
        yield Breach(target, "a command to the runner of a CI system was printed")
    unseen = _UNSEEN.search(re.sub("\x1b\\[[0-9;]*m", "", seen.output))
    if unseen:
        yield Breach(target, f"an unseen character was printed: {unseen[0]!r}")
    for path in folder.rglob(f"*{INJECTED}*"):
        yield Breach(target, f"a file was made: {path.name}")
    texts = {
        "standard output": seen.output,
        "an attribute": seen.hidden_text,
        **dict(_list_files(folder)),
    }
    for name, text in texts.items():
        for secret in secrets:
            spellings = list_spellings(secret)
            spelling_names = [
                kind for kind, form in spellings.items() if kind != "cut" and form in text
            ]
            if spelling_names or find_remains(text, secret):
                yield Breach(
                    target, f"a secret stands in {name} ({', '.join(spelling_names) or 'a part'})"
                )


def _list_files(folder: Path) -> Iterator[tuple[str, Any]]:
    """Yield the written files; `input` has the attack itself and files for its rows."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "input" not in path.relative_to(folder).parts:
            yield path.name, path.read_text("utf-8", "replace")
