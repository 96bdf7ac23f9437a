"""Hostile checkouts: files that a repository brings along, beside its specs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from attack.processes import Breach, RunOutcome, find_breaches, run, watch
from attack.servers import SPEC
from attack.vocabulary import INJECTED

_PAGE = f"<img src=x onerror=alert('{INJECTED}')>"
_TEXT = f"{_PAGE}\x1b]52;c;{INJECTED}\x07\n::error::{INJECTED}\u202e"
_HUGE = 10**4299
_CLAUSE: dict[str, Any] = {
    **dict.fromkeys(("mark", "id", "api", "operation", "where", "pointer", "file"), _TEXT),
    "severity": "breaking",
    "line": 1,
    "counts": True,
}
_RUN: dict[str, Any] = {
    "history": 1,
    "time": "2026-01-01T00:00:00+00:00",
    "driftline": _TEXT,
    "exit_code": 1,
    "targets": {_TEXT: _TEXT},
    "settled": [_TEXT],
    "findings": [_CLAUSE],
    "left_out": 0,
    "coverage": {_TEXT: [1, 2]},
}


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _bring_stage(root: Path, journal: Any) -> None:
    """A stage of a run that never was, which would install a hook of git."""
    stage = root / ".driftline-stage-x"
    _write(stage / "new", "#!/bin/sh\n")
    (stage / "new").chmod(0o755)
    _write(stage / "lock", "")
    _write(stage / "journal.json", json.dumps(journal))
    (root / ".git" / "hooks").mkdir(parents=True)


def _bring_history(root: Path, *changes: dict[str, Any]) -> None:
    _write(root / "history.jsonl", "\n".join(json.dumps({**_RUN, **change}) for change in changes))


_MOVES = [["new", f".git/hooks/{INJECTED}"]]
_GENERATE = (("generate",),)
_OUTPUTS = ("--page", "page.html", "--badge", "badge.svg", "--feed", "feed.xml")
_HISTORY = (
    ("history", "history.jsonl", *_OUTPUTS, "--link", f'http://x/"><{_PAGE}'),
    ("history", "history.jsonl", "--format", "json"),
)
_CHECK = (("check", "--report", "report", "--resume", "report"),)


def _bring(path: str, content: str | bytes, commands: tuple[tuple[str, ...], ...]) -> Any:
    return (lambda root: _write(root / path, content)), commands


def _link(name: str, target: str, commands: tuple[tuple[str, ...], ...]) -> Any:
    def prepare(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(target)

    return prepare, commands


# What the checkout has, and the commands that meet it.
CHECKOUTS: dict[str, tuple[Callable[[Path], None], tuple[tuple[str, ...], ...]]] = {
    "stage": (lambda root: _bring_stage(root, _MOVES), _GENERATE),
    "stage that names a lock": (
        lambda root: _bring_stage(root, {"lock": 0, "moves": _MOVES}),
        _GENERATE,
    ),
    "history": (lambda root: _bring_history(root, {}), _HISTORY),
    "history with a page": (
        lambda root: _bring_history(root, {"findings": [{**_CLAUSE, "severity": _PAGE}]}),
        _HISTORY,
    ),
    "history of two zones": (
        lambda root: _bring_history(root, {"time": "2026-01-01T00:00:00"}, {}),
        _HISTORY,
    ),
    "history without end": (
        lambda root: _bring_history(
            root,
            {"coverage": {"a": [_HUGE, 1]}},
            {"coverage": {"a": [1e999, 1]}},
            {"findings": [{**_CLAUSE, "line": 1e999}]},
            {"findings": [{**_CLAUSE, "line": _HUGE}]},
            {"left_out": -1e999},
            {"coverage": {"a": [-1, -1]}},
        ),
        _HISTORY,
    ),
    "deep history": _bring("history.jsonl", "[" * 100_000, _HISTORY),
    "deep journal": _bring("report/checks.jsonl", "[" * 100_000, _CHECK),
    "configuration": _bring(
        "driftline.toml", f'["{INJECTED}\\u001b]0;x\\u0007"]\na = 1', _GENERATE
    ),
    "deep configuration": _bring("driftline.toml", f"a = {'[' * 50_000}", _CHECK),
    "configuration with a number": _bring("driftline.toml", f"a = {'9' * 10_000}", _CHECK),
    "configuration that is not text": _bring("driftline.toml", b"\xff\xfe", _CHECK),
    "own checks elsewhere": _bring("driftline.toml", 'checks = ["../../etc/passwd"]', _CHECK),
    "spec that is a device": _link("specs/zero.json", "/dev/zero", (("lint",), *_GENERATE)),
    "spec that is itself": _link("specs/loop.json", "loop.json", (("lint",), *_GENERATE)),
    "spec that is a folder": (
        lambda root: (root / "specs" / "a.json").mkdir(),
        (("lint",), *_GENERATE),
    ),
    "spec elsewhere": _link("specs/etc.yaml", "/etc/passwd", (("lint",), *_GENERATE)),
    "clients elsewhere": _link("generated", f"../{INJECTED}", _GENERATE),
    "report elsewhere": _link("report", f"../{INJECTED}", _CHECK),
}


def attack_with_checkout(name: str, folder: Path) -> Iterator[Breach]:
    """Have the commands run in a checkout with these files."""
    _write(folder / "specs" / "hotel.json", json.dumps(SPEC))
    prepare, commands = CHECKOUTS[name]
    prepare(folder)
    for words in commands:
        target = f"driftline {words[0]} ({name})"
        yield from find_breaches(target, watch(partial(_run, folder, words)), folder.parent, ())
    for path in folder.rglob("*.*"):
        if path.suffix in {".html", ".svg", ".xml"} and _PAGE in path.read_text("utf-8", "replace"):
            yield Breach(name, f"{path.name} has a foreign element")


def _run(folder: Path, words: tuple[str, ...]) -> RunOutcome:
    os.chdir(folder)
    return run(*words)
