"""The tutorials work from the first line to the last in an empty directory.

Every page in docs/tutorials is tested: call-an-api.md, check-your-api.md, watch-an-api.md, and new
ones.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from .pages import PAGES, Block, Page

# The programs are those of this environment.
ENVIRON = {
    **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))},
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "COLUMNS": "120",
}
TUTORIALS = [page for page in PAGES if page.path.parent.name == "tutorials"]


class Services:
    """A service that a tutorial starts on port 8000, run on a free port instead."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as bound:
            self.port = str(bound.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: str, folder: Path) -> None:
        """Start the service and wait until it accepts connections."""
        assert self._process is None, "the port is in use"
        with (folder / "service.log").open("wb") as log:
            self._process = subprocess.Popen(
                shlex.split(self.replace(command)), cwd=folder, env=ENVIRON, stdout=log, stderr=log
            )
        for _ in range(600):
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", int(self.port)), timeout=5).close()
                return
            assert self._process.poll() is None, (folder / "service.log").read_text()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(0.1)
        raise AssertionError(command)

    def replace(self, command: str) -> str:
        """Return a string of the page with port 8000 replaced by the free port."""
        return command.replace("8000", self.port)

    def stop(self) -> None:
        """Stop the service, if it is running."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


@pytest.fixture
def services() -> Iterator[Services]:
    """Return the background services of a page, and stop them after the test."""
    started_services = Services()
    yield started_services
    started_services.stop()


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.name)
def test_the_blocks_of_a_tutorial_work(page: Page, tmp_path: Path, services: Services) -> None:
    """Each block is saved as the named file or run as a command, which succeeds or reports drift,
    and prints the output that the page shows.
    """
    lines = page.path.read_text(encoding="utf-8").splitlines()
    for block in page.blocks():
        if block.why:
            continue
        if block.language == "console":
            for command in block.commands():
                output = ""
                if command == "kill %1":
                    services.stop()
                elif command.endswith(" &"):
                    services.start(command.removesuffix(" &"), tmp_path)
                else:
                    code = 1 if re.search(r"^(Drift: |failed )", block.shown, re.M) else 0
                    output = run(services.replace(command), tmp_path, code)
                    output = hide_varying(output.replace(services.port, "8000"))
            for piece in filter(None, re.split(r"(?:^|\n)…(?:\n|$)", hide_varying(block.shown))):
                _, separator, output = output.partition(piece)
                assert separator == piece, (str(block), output)
        else:
            block_to_run = attrs.evolve(block, text=services.replace(block.text))
            save(block_to_run, find_file_name(lines, block), tmp_path)
    assert list_unwanted_files(tmp_path) == []


def list_unwanted_files(folder: Path) -> list[str]:
    """Return staged bytecode, reports and caches, if the page stages files."""
    if not (folder / ".git").exists():
        return []
    staged_files = run("git ls-files", folder, 0).splitlines()
    assert ".gitignore" in staged_files
    unwanted = re.compile(r"__pycache__/|^report/|\.venv/|cache/|\.hypothesis/|\.jsonl$")
    return [name for name in staged_files if unwanted.search(name)]


def hide_varying(output: str) -> str:
    """Return the output without percentages, costs and dates, which vary."""
    return re.sub(r"\d+ %(?: +\d+ +\d+\.\d s)?|\d{4}-\d\d-\d\d", "N", output)


def find_file_name(lines: list[str], block: Block) -> str:
    """Return the last file name in the paragraphs above that say to save or change it."""
    for line in reversed(lines[: block.line - 1]):
        names = re.findall(r"(?:[Ss]ave|[Cc]hange).*?`([\w./]*\.\w+)`", line)
        if names:
            return str(names[-1])
    raise AssertionError(f"{block} has no file name above")


def save(block: Block, name: str, folder: Path) -> None:
    """Write a new file, or replace the line of an existing one that matches, also in its indent."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(block.text, encoding="utf-8")
        return
    before = path.read_text(encoding="utf-8")
    start = re.escape(block.text.partition(":")[0].strip())
    indent = " " * (len(block.text) - len(block.text.lstrip()))
    line = rf"^{indent}{start} *:.*\n"
    after, count = re.subn(line, lambda _: block.text, before, flags=re.MULTILINE)
    assert (count, after != before) == (1, True), str(block)
    path.write_text(after, encoding="utf-8")


def run(command: str, folder: Path, code: int) -> str:
    """Return the output of a command that must end with this exit code."""
    process = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == code, f"{command}\n{process.stdout}{process.stderr}"
    return process.stdout


def test_tutorials_install_with_the_command_of_the_readme() -> None:
    """Tutorials install from the repository with the same command as the README."""
    command = r"pip install ('driftline\[contract\] @ git\+https://[^']+')"
    (shown_command,) = re.findall(command, PAGES[0].path.read_text(encoding="utf-8"))
    for page in TUTORIALS:
        (install,) = [block.text for block in page.blocks() if block.language == "sh"]
        assert shown_command in install
