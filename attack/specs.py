"""Hostile documents: every command that reads one is tried with them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from attack.processes import Breach, RunOutcome, find_breaches, run, watch

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("lint",),
    ("generate",),
    ("check", "--not-covered"),
    ("diff", "input/old", "specs"),
    ("add", "input/old/hotel.json", "--name", "inn", "--no-check"),
)
SECRET = "Qx-canary/of+a=key Zj"  # noqa: S105 - the attack's own


def attack_with_spec(document: dict[str, Any], folder: Path) -> Iterator[Breach]:
    """Runs the commands in a project that has this document as a spec."""
    for name in ("specs", "input/old"):
        (folder / name).mkdir(parents=True)
    (folder / "specs" / "hotel.json").write_text(json.dumps(document), "utf-8")
    old = {**document, "info": {"title": "Hotel", "version": "0"}}
    (folder / "input" / "old" / "hotel.json").write_text(json.dumps(old), "utf-8")
    for words in COMMANDS:
        seen = watch(partial(_command, folder, words))
        yield from find_breaches(f"driftline {' '.join(words)}", seen, folder, (SECRET,))


def _command(folder: Path, words: tuple[str, ...]) -> RunOutcome:
    os.chdir(folder)
    return run(*words, environ={"HOTEL_KEY": SECRET, "PATH": os.environ["PATH"]})
