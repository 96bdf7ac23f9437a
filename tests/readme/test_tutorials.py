"""The tutorials, played from the first line to the last in an empty folder.

call-an-api.md, watch-an-api.md; a new page in docs/tutorials is found by itself.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import PAGES, Block, Page

TUTORIALS = [page for page in PAGES if page.path.parent.name == "tutorials"]


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.name)
def test_a_tutorial_works_as_it_stands(page: Page, tmp_path: Path) -> None:
    """A file is saved under the name that the paragraph above gives, or changed in the one line
    shown; commands succeed and show what the page shows, piece by piece between two `…`."""
    text = page.path.read_text(encoding="utf-8").splitlines()
    for block in page.blocks():
        if block.language == "console":
            for command in block.commands():
                output = run(command, tmp_path)
            for piece in filter(None, re.split(r"(?:^|\n)…(?:\n|$)", block.shown)):
                _, found, output = output.partition(piece)
                assert found == piece, (str(block), output)
        else:
            save(block, find_file_name(text, block), tmp_path)


def find_file_name(text: list[str], block: Block) -> str:
    """Return the last name in backquotes of the paragraphs above that says save or change."""
    for line in reversed(text[: block.line - 1]):
        names = re.findall(r"(?:[Ss]ave|[Cc]hange).*?`([\w./]+\.\w+)`", line)
        if names:
            return str(names[-1])
    raise AssertionError(f"{block} has no file name above")


def save(block: Block, name: str, folder: Path) -> None:
    """Save a new file; in one that exists, replace the line that begins alike."""
    path = folder / name
    if not path.exists():
        path.write_text(block.text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    start = block.text.partition(":")[0]
    after, count = re.subn(rf"^{re.escape(start)}:.*\n", block.text, before, flags=re.MULTILINE)
    assert (count, after != before) == (1, True), str(block)
    path.write_text(after, encoding="utf-8")


def run(command: str, folder: Path) -> str:
    """Return what a command prints; its program is that of this environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env={**environment, "PATH": path, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
